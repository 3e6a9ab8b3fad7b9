import type { Definition, Run } from '@/api/types'
import { callersVariables, type Variable } from './env'

/** What a run form says: a call of the API. What is undefined is the definition's. */
export interface RunWish {
  alias: string
  cluster?: string | undefined
  owner: string
  env: Variable[]
  memory?: number | undefined
  cpu?: number | undefined
  gpu?: number | undefined
  command?: string | undefined
  timeout_seconds?: number | undefined
  /** What the form has no fields for, of the run that is run again. */
  kept?: Kept | undefined
}

/** Members of the execute call. */
export type Kept = Partial<Pick<Run, 'queue_timeout_seconds' | 'retry' | 'secrets' | 'labels' | 'description'>>

/** What a run had otherwise than its task has it now, of what a run form has no fields for. */
export function keptOf(run: Run, task: Definition): Kept {
  const differs = (name: keyof Kept & keyof Definition) => JSON.stringify(run[name]) !== JSON.stringify(task[name])
  return {
    // 0: it waits for as long as it takes.
    ...(differs('queue_timeout_seconds') ? { queue_timeout_seconds: run.queue_timeout_seconds ?? 0 } : {}),
    ...(run.retry && differs('retry') ? { retry: run.retry } : {}),
    ...(run.secrets && differs('secrets') ? { secrets: run.secrets } : {}),
    ...(run.labels && differs('labels') ? { labels: run.labels } : {}),
    ...(run.description && differs('description') ? { description: run.description } : {}),
  }
}

/** The body of the execute call. */
export function executeBody(wish: RunWish) {
  return {
    ...(wish.cluster ? { cluster: wish.cluster } : {}),
    ...(wish.env.length > 0 ? { env: wish.env } : {}),
    ...(wish.memory !== undefined ? { memory: wish.memory } : {}),
    ...(wish.cpu !== undefined ? { cpu: wish.cpu } : {}),
    ...(wish.gpu !== undefined ? { gpu: wish.gpu } : {}),
    ...(wish.command !== undefined ? { command: wish.command } : {}),
    ...(wish.timeout_seconds !== undefined ? { timeout_seconds: wish.timeout_seconds } : {}),
    ...wish.kept,
    run_tags: { owner_id: wish.owner },
  }
}

/** The body of the call that executes the definition of a run as that run was. */
export function bodyAgain(run: Run) {
  return {
    cluster: run.cluster,
    env: callersVariables(run.env),
    command: run.command,
    memory: run.memory,
    cpu: run.cpu ?? 0,
    gpu: run.gpu ?? 0,
    timeout_seconds: run.timeout_seconds ?? 0,
    queue_timeout_seconds: run.queue_timeout_seconds ?? 0,
    ...(run.retry ? { retry: run.retry } : {}),
    ...(run.secrets ? { secrets: run.secrets } : {}),
    ...(run.labels ? { labels: run.labels } : {}),
    ...(run.description ? { description: run.description } : {}),
    run_tags: { owner_id: run.user ?? 'v1-unknown' },
  }
}

/** A word of a shell's command line that means exactly `text`. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The call as a command for curl. `asks_token`: the server wants one, which stands in a variable of the shell. */
export function curlCommand(alias: string, body: object, origin: string, asks_token: boolean): string {
  const lines = [
    `curl -XPUT ${shellWord(`${origin}/api/v1/task/alias/${encodeURIComponent(alias)}/execute`)}`,
    ...(asks_token ? ['-H "Authorization: Bearer $FLOTILLA_TOKEN"'] : []),
    `-d ${shellWord(JSON.stringify(body, null, 2))}`,
  ]
  return lines.join(' \\\n  ')
}

/** Whether the command line of Flotilla can say all of it: it has options for no more. */
export function hasFlotillaCommand({ kept = {} }: RunWish): boolean {
  return Object.keys(kept).every((name) => name === 'queue_timeout_seconds')
}

/** The same for the command line of Flotilla. */
export function flotillaCommand(wish: RunWish, origin: string): string {
  const parts = [
    `flotilla run ${shellWord(wish.alias)}`,
    ...wish.env.map(({ name, value }) => `-e ${shellWord(`${name}=${value}`)}`),
    ...(wish.cluster ? [`--cluster ${shellWord(wish.cluster)}`] : []),
    `--owner ${shellWord(wish.owner)}`,
    ...(wish.memory !== undefined ? [`--memory ${wish.memory}`] : []),
    ...(wish.cpu !== undefined ? [`--cpu ${wish.cpu}`] : []),
    ...(wish.gpu !== undefined ? [`--gpu ${wish.gpu}`] : []),
    ...(wish.timeout_seconds !== undefined ? [`--timeout ${wish.timeout_seconds}`] : []),
    ...(wish.kept?.queue_timeout_seconds !== undefined ? [`--queue-timeout ${wish.kept.queue_timeout_seconds}`] : []),
    ...(wish.command !== undefined ? [`--command ${shellWord(wish.command)}`] : []),
    `--server ${shellWord(origin)}`,
    '--follow',
  ]
  return parts.join(' \\\n  ')
}
