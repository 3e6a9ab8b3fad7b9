import createClient from 'openapi-fetch'
import type { paths } from '#api'
import { base_path } from '@/lib/base_path'

const client = createClient<paths>({ baseUrl: base_path })

/** The server refused a request; the message is for people, one mistake a line. */
export class Refusal extends Error {
  constructor(readonly status: number, message: string) {
    super(message)
    this.name = 'Refusal'
  }
}

/** Nobody answered. */
export class Unreachable extends Error {
  constructor() {
    super('The server does not answer.')
    this.name = 'Unreachable'
  }
}

/** What the server answers. Throws `Refusal` or `Unreachable`. */
async function answer<Data>(asked: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
  const { data, error, response } = await asked.catch((reason: unknown) => {
    if (reason instanceof DOMException && reason.name === 'AbortError') throw reason
    throw new Unreachable()
  })
  if (response.ok && data !== undefined) return data
  const message = (error as { error?: string } | undefined)?.error
  // A proxy before the server answers in its own words while the server is away.
  if (message === undefined && response.status >= 502) throw new Unreachable()
  throw new Refusal(response.status, message ?? `The server answered ${response.status}.`)
}

export const api = { client, answer }
