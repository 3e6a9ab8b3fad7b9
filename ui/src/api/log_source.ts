import { addressOf } from '@/lib/base_path'
import type { LogListener, LogSource } from '@/lib/log_store'
import { api, Unreachable } from './client'

const { client, answer } = api
const pause = 1000

/** The log of one attempt of a run. */
export function logSource(run_id: string, attempt: number): LogSource {
  const path = { run_id }
  return {
    read: (first, count) =>
      patiently(() => answer(client.GET('/api/v1/{run_id}/logs/lines', { params: { path, query: { attempt, first, count } } }))),
    follow: (last_seen, listener) => followLog(run_id, last_seen, listener),
  }
}

/** What is answered, however long nobody answers. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}

/**
 * Follows a log by its stream. `EventSource` connects again by itself after most failures, with the id of the last event;
 * where it gives up, as when a proxy answers for a server that is away, it is made anew with that id.
 */
function followLog(run_id: string, last_seen: string | undefined, listener: LogListener): { close(): void } {
  let seen = last_seen
  let events: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let has_begun = last_seen !== undefined

  const end = () => {
    events?.close()
    listener.end()
  }
  const connect = () => {
    const query = seen === undefined ? '' : `&last_seen=${encodeURIComponent(seen)}`
    events = new EventSource(addressOf(`/api/v1/${run_id}/logs/stream?json${query}`))
    const on = (kind: string, take: (data: string) => void) =>
      events!.addEventListener(kind, (event: MessageEvent<string>) => {
        if (event.lastEventId !== '') seen = event.lastEventId
        take(event.data)
      })
    on('message', (data) => {
      has_begun = true
      listener.lines(JSON.parse(data) as string[])
    })
    on('part', (data) => {
      has_begun = true
      listener.part(JSON.parse(data) as string)
    })
    on('unfinished', (data) => {
      has_begun = true
      listener.unfinished(JSON.parse(data) as string)
    })
    // The log of another attempt begins: this one is whole. Of a log that had not begun it is the beginning.
    on('attempt', () => (has_begun ? end() : undefined))
    on('end', end)
    events.addEventListener('error', () => {
      if (events!.readyState === EventSource.CLOSED) timer = setTimeout(connect, pause)
    })
  }
  connect()
  return {
    close: () => {
      clearTimeout(timer)
      events?.close()
    },
  }
}

export interface LogQuery {
  text: string
  ignores_case: boolean
  /** How many of the matches are left out. */
  offset: number
}

export async function searchLog(run_id: string, attempt: number, { text, ignores_case, offset }: LogQuery, signal: AbortSignal) {
  const query = { attempt, text, offset, ...(ignores_case ? { ignore_case: '' } : {}) }
  return answer(client.GET('/api/v1/{run_id}/logs/search', { params: { path: { run_id }, query }, signal }))
}
