/** The real program, started as a user starts it, with its own folder. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, openSync, closeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const project = resolve(import.meta.dirname, '../..')
export const binary = process.env.FLOTILLA_BINARY ?? join(project, 'build/release/flotilla')

export interface Run {
  run_id: string
  definition_id: string
  status: string
}

export class Server {
  readonly folder = mkdtempSync(join(tmpdir(), 'flotilla-page-'))
  url = ''
  token: string | undefined
  private process: ChildProcess | undefined

  constructor(settings: Record<string, string> = {}, images = ['debian:12', 'python:3.12-slim']) {
    mkdirSync(join(this.folder, 'conf'))
    this.configure({ 'http.server.listen_address': '127.0.0.1:0', ...settings })
    // Names that people know, for a small root file system that was made once for all.
    for (const image of images) this.flotilla('image', 'import', image, process.env.FLOTILLA_BASE_ROOT!)
  }

  private configure(settings: Record<string, string>): void {
    const all = { data_dir: join(this.folder, 'data'), 'run.stop_grace': '1s', ...settings }
    writeFileSync(join(this.folder, 'conf/config.yml'), Object.entries(all).map(([name, value]) => `${name}: ${value}\n`).join(''))
  }

  /** A command that acts on this host, run to its end; what it printed. */
  flotilla(...args: string[]): string {
    return execFileSync(binary, [...args, '--config', join(this.folder, 'conf')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** Starts it and waits until it answers; again at the same address after a stop. */
  async start(): Promise<this> {
    if (this.url !== '') this.configure({ 'http.server.listen_address': new URL(this.url).host })
    const log_path = join(this.folder, 'server.log')
    const log = openSync(log_path, 'w')
    this.process = spawn(binary, ['serve', '--config', join(this.folder, 'conf')], { stdio: ['ignore', log, log] })
    closeSync(log)
    const address = await eventually(() => {
      const text = readFileSync(log_path, 'utf8')
      if (this.process?.exitCode !== null) throw new Fatal(`the server did not start: ${text}`)
      return /listening on (127\.0\.0\.1:\d+)/.exec(text)?.[1]
    })
    this.url = `http://${address}`
    return this
  }

  /** Ends it as a supervisor does, or with no warning. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const ended = this.process
    if (!ended) return
    this.process = undefined
    const exit = new Promise((resolve) => ended.once('exit', resolve))
    ended.kill(signal)
    await exit
  }

  /** Ends every run, the server, and what is left of them. */
  async close(): Promise<void> {
    if (this.process) {
      const live = '/api/v1/history?status=QUEUED&status=PENDING&status=RUNNING&status=NEEDS_RETRY&limit=10000'
      await eventually(async () => {
        const { history } = await this.call<{ history: Run[] }>('GET', live)
        for (const run of history) await this.call('DELETE', `/api/v1/task/${run.definition_id}/history/${run.run_id}`).catch(() => undefined)
        return history.length === 0 ? true : undefined
      })
      await this.stop()
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(this.url + path, {
      method,
      headers: this.token ? { Authorization: `Bearer ${this.token}` } : {},
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Answer
  }

  define(alias: string, command: string, fields: object = {}): Promise<{ definition_id: string }> {
    return this.call('POST', '/api/v1/task', { alias, group_name: 'tests', image: 'debian:12', memory: 64, command, ...fields })
  }

  execute(alias: string, fields: object = {}): Promise<Run> {
    return this.call('PUT', `/api/v1/task/alias/${encodeURIComponent(alias)}/execute`, { run_tags: { owner_id: 'tester' }, ...fields })
  }

  /** The run once it has that status. */
  waitFor(run_id: string, status: string): Promise<Run> {
    return eventually(async () => {
      const run = await this.call<Run>('GET', `/api/v1/history/${run_id}`)
      return run.status === status ? run : undefined
    })
  }

  async finish(alias: string, fields: object = {}): Promise<Run> {
    return this.waitFor((await this.execute(alias, fields)).run_id, 'STOPPED')
  }
}

/** A failure that time does not mend. */
class Fatal extends Error {}

/** What `look` answers, once it answers anything. */
export async function eventually<Value>(look: () => Value | undefined | Promise<Value | undefined>, seconds = 20): Promise<Value> {
  const until = Date.now() + seconds * 1000
  for (;;) {
    let reason: unknown = new Error('nothing came in time')
    try {
      const value = await look()
      if (value !== undefined) return value
    } catch (error) {
      if (error instanceof Fatal) throw error
      reason = error
    }
    if (Date.now() > until) throw reason
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
