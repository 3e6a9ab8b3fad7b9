import { hashKey, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { Pace } from '@/lib/pace'
import { isLive } from '@/lib/run_state'
import { api, Refusal } from './client'
import type { DefinitionQuery, Run, RunQuery, RunStatus } from './types'

const { client, answer } = api

/** How often what may change is asked for again, in milliseconds. */
const often = 1000
const now_and_then = 3000

const pace = new Pace()

/** A list that is asked for again and again, the more seldom the longer its answer takes. */
function polled<Data>(key: readonly unknown[], interval: number, ask: (signal: AbortSignal) => Promise<Data>) {
  const hash = hashKey(key)
  return queryOptions({
    queryKey: key,
    queryFn: ({ signal }) => pace.measure(hash, () => ask(signal)),
    placeholderData: keepPreviousData,
    refetchInterval: () => pace.pause(hash, interval),
  })
}

export const live_statuses: RunStatus[] = ['QUEUED', 'PENDING', 'RUNNING', 'NEEDS_RETRY']

export const callerQuery = queryOptions({
  queryKey: ['whoami'],
  queryFn: () => answer(client.GET('/api/v1/whoami')),
  staleTime: Infinity,
})

export const clustersQuery = queryOptions({
  queryKey: ['clusters'],
  queryFn: () => answer(client.GET('/api/v1/clusters')),
  staleTime: 60_000,
})

export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: () => answer(client.GET('/api/v1/groups')),
  staleTime: 10_000,
})

export const tagsQuery = queryOptions({
  queryKey: ['tags'],
  queryFn: () => answer(client.GET('/api/v1/tags')),
  staleTime: 10_000,
})

export const imagesQuery = queryOptions({
  queryKey: ['images'],
  queryFn: () => answer(client.GET('/api/v1/images')),
  staleTime: 10_000,
})

export function definitionsQuery(query: DefinitionQuery) {
  return polled(['definitions', query], now_and_then, (signal) => answer(client.GET('/api/v1/task', { params: { query }, signal })))
}

export function recentRunsQuery(ids: string[]) {
  return {
    ...polled(['recent_runs', ids], now_and_then, (signal) =>
      answer(client.GET('/api/v1/recent_runs', { params: { query: { definition_id: ids } }, signal })),
    ),
    enabled: ids.length > 0,
  }
}

export function definitionQuery(definition_id: string) {
  return queryOptions({
    queryKey: ['definition', definition_id],
    queryFn: () => answer(client.GET('/api/v1/task/{definition_id}', { params: { path: { definition_id } } })),
  })
}

/** A definition to be changed, with the tag by which the server knows that it is still the one that was read. */
export function editedDefinitionQuery(definition_id: string) {
  return queryOptions({
    queryKey: ['edited_definition', definition_id],
    queryFn: async () => {
      const asked = client.GET('/api/v1/task/{definition_id}', { params: { path: { definition_id } } })
      const task = await answer(asked)
      return { task, tag: (await asked).response.headers.get('ETag') ?? '*' }
    },
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
}

export function definitionByAliasQuery(alias: string) {
  return queryOptions({
    queryKey: ['definition_by_alias', alias],
    queryFn: () => answer(client.GET('/api/v1/task/alias/{alias}', { params: { path: { alias } } })),
  })
}

export function runsQuery(query: RunQuery, interval: number = now_and_then) {
  return polled(['runs', query], interval, (signal) => answer(client.GET('/api/v1/history', { params: { query }, signal })))
}

/** How many runs there are like that, perhaps an estimate. */
export function runCountQuery(query: RunQuery) {
  return { ...runsQuery({ ...query, limit: 1 }), select: ({ total }: { total: number }) => total, staleTime: 60_000, refetchInterval: false as const }
}

export function runQuery(run_id: string) {
  return queryOptions({
    queryKey: ['run', run_id],
    queryFn: () => answer(client.GET('/api/v1/history/{run_id}', { params: { path: { run_id } } })),
    // A run that there is not will not be there later either.
    refetchInterval: ({ state }) => (state.data ? isLive(state.data) && often : !(state.error instanceof Refusal) && now_and_then),
  })
}

export function eventsQuery(run: Run) {
  return queryOptions({
    queryKey: ['events', run.run_id, run.status, run.attempt_count, run.stop_requested_at],
    queryFn: () => answer(client.GET('/api/v1/{run_id}/events', { params: { path: { run_id: run.run_id } } })),
    placeholderData: keepPreviousData,
  })
}

export function stopRun(run: Pick<Run, 'run_id' | 'definition_id'>) {
  const path = { definition_id: run.definition_id, run_id: run.run_id }
  return answer(client.DELETE('/api/v1/task/{definition_id}/history/{run_id}', { params: { path } }))
}

/** Whether a failed query may be asked again at once: what the server refuses stays refused. */
export function mayRetry(failures: number, error: Error): boolean {
  return !(error instanceof Refusal && error.status < 500) && failures < 2
}
