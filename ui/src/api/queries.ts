import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { isLive } from '@/lib/run_state'
import { api, Refusal } from './client'
import type { DefinitionQuery, Run, RunQuery, RunStatus } from './types'

const { client, answer } = api

/** How often what may change is asked for again, in milliseconds. */
const often = 1000
const now_and_then = 3000

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
  return queryOptions({
    queryKey: ['definitions', query],
    queryFn: ({ signal }) => answer(client.GET('/api/v1/task', { params: { query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: now_and_then,
  })
}

export function recentRunsQuery(ids: string[]) {
  return queryOptions({
    queryKey: ['recent_runs', ids],
    queryFn: ({ signal }) =>
      answer(client.GET('/api/v1/recent_runs', { params: { query: { definition_id: ids } }, signal })),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: now_and_then,
  })
}

export function definitionQuery(definition_id: string) {
  return queryOptions({
    queryKey: ['definition', definition_id],
    queryFn: () => answer(client.GET('/api/v1/task/{definition_id}', { params: { path: { definition_id } } })),
  })
}

export function definitionByAliasQuery(alias: string) {
  return queryOptions({
    queryKey: ['definition_by_alias', alias],
    queryFn: () => answer(client.GET('/api/v1/task/alias/{alias}', { params: { path: { alias } } })),
  })
}

export function runsQuery(query: RunQuery, interval: number = now_and_then) {
  return queryOptions({
    queryKey: ['runs', query],
    queryFn: ({ signal }) => answer(client.GET('/api/v1/history', { params: { query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: interval,
  })
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
