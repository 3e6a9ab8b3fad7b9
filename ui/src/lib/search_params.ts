/**
 * What the address of a page says besides its path: filters, order, page. Anything that makes no sense there is undefined, and
 * said to be: the router puts what these functions return over what the address has.
 */

import type { ExitClass, RunStatus } from '@/api/types'

type Raw = Record<string, unknown>

function text(raw: Raw, name: string): string | undefined {
  const value = raw[name]
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
}

function oneOf<Value extends string>(raw: Raw, name: string, values: readonly Value[]): Value | undefined {
  return values.find((value) => value === raw[name])
}

function page(raw: Raw): number | undefined {
  const value = Number(raw.page)
  return Number.isInteger(value) && value > 1 ? value : undefined
}

/** A moment, as `2026-11-26T13:00:00Z`: who gets the address sees the same runs, wherever they are. */
export function utcTime(text: string): string | undefined {
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString().replace('.000Z', 'Z')
}

/** The same in the reader's own time, as a form field has it: `2026-11-26T14:00`. */
export function localTime(text: string): string {
  const time = new Date(text)
  const two = (value: number) => String(value).padStart(2, '0')
  const seconds = time.getSeconds() === 0 ? '' : `:${two(time.getSeconds())}`
  return `${String(time.getFullYear()).padStart(4, '0')}-${two(time.getMonth() + 1)}-${two(time.getDate())}T${two(time.getHours())}:${two(time.getMinutes())}${seconds}`
}

function time(raw: Raw, name: string): string | undefined {
  return utcTime(text(raw, name) ?? '')
}

const orders = ['asc', 'desc'] as const
export const task_orders = ['alias', 'group_name', 'image', 'memory'] as const

export interface TaskSearch {
  alias?: string | undefined
  group?: string | undefined
  image?: string | undefined
  tag?: string | undefined
  sort_by?: (typeof task_orders)[number] | undefined
  order?: 'asc' | 'desc' | undefined
  page?: number | undefined
}

export function asTaskSearch(raw: Raw): TaskSearch {
  return {
    alias: text(raw, 'alias'),
    group: text(raw, 'group'),
    image: text(raw, 'image'),
    tag: text(raw, 'tag'),
    sort_by: oneOf(raw, 'sort_by', task_orders),
    order: oneOf(raw, 'order', orders),
    page: page(raw),
  }
}

/** What people filter runs by; each is one or more of the API's statuses, or a way of having ended. */
export const run_filters = ['live', 'queued', 'pending', 'running', 'needs_retry', 'ended', 'success', 'failed', 'stopped'] as const
export type RunFilter = (typeof run_filters)[number]

export const run_filter_words: Record<RunFilter, string> = {
  live: 'Live',
  queued: 'Queued',
  pending: 'Pending',
  running: 'Running',
  needs_retry: 'Needs retry',
  ended: 'Ended',
  success: 'Success',
  failed: 'Failed',
  stopped: 'Stopped',
}

export interface RunSearch {
  status?: RunFilter | undefined
  alias?: string | undefined
  cluster?: string | undefined
  owner?: string | undefined
  /** `NAME=VALUE`. */
  env?: string | undefined
  /** In UTC: see `utcTime`. */
  started_since?: string | undefined
  started_until?: string | undefined
  finished_since?: string | undefined
  finished_until?: string | undefined
  page?: number | undefined
}

export function asRunSearch(raw: Raw): RunSearch {
  return {
    status: oneOf(raw, 'status', run_filters),
    alias: text(raw, 'alias'),
    cluster: text(raw, 'cluster'),
    owner: text(raw, 'owner'),
    env: text(raw, 'env'),
    started_since: time(raw, 'started_since'),
    started_until: time(raw, 'started_until'),
    finished_since: time(raw, 'finished_since'),
    finished_until: time(raw, 'finished_until'),
    page: page(raw),
  }
}

export interface TaskRunsSearch extends RunSearch {
  view?: 'json' | undefined
}

export function asTaskRunsSearch(raw: Raw): TaskRunsSearch {
  return { ...asRunSearch(raw), view: oneOf(raw, 'view', ['json']) }
}

export const run_tabs = ['attempts', 'events', 'json'] as const

export interface RunPageSearch {
  /** Whose log is shown; else that of the current one. */
  attempt?: number | undefined
  /** What is shown instead of the log. */
  tab?: (typeof run_tabs)[number] | undefined
}

export function asRunPageSearch(raw: Raw): RunPageSearch {
  const attempt = Number(raw.attempt)
  return { attempt: Number.isInteger(attempt) && attempt > 0 ? attempt : undefined, tab: oneOf(raw, 'tab', run_tabs) }
}

/** The line of a log that the fragment of an address names: `L48211`. */
export function lineOf(hash: string): number | undefined {
  return Number(/^L(\d+)$/.exec(hash)?.[1]) || undefined
}

export function asRunFormSearch(raw: Raw): { from?: string | undefined; memory?: number | undefined } {
  const memory = Number(raw.memory)
  return { from: text(raw, 'from'), memory: Number.isInteger(memory) && memory > 0 ? memory : undefined }
}

export function asNewTaskSearch(raw: Raw): { example?: true | undefined } {
  return { example: raw.example === true ? true : undefined }
}

export function asSignInSearch(raw: Raw): { to?: string | undefined } {
  const to = text(raw, 'to')
  // Only places of this page: `//host` would be another server.
  return { to: to && /^\/(?![/\\])/.test(to) ? to : undefined }
}

const statuses: Record<RunFilter, RunStatus[]> = {
  live: ['QUEUED', 'PENDING', 'RUNNING', 'NEEDS_RETRY'],
  queued: ['QUEUED'],
  pending: ['PENDING'],
  running: ['RUNNING'],
  needs_retry: ['NEEDS_RETRY'],
  ended: ['STOPPED'],
  success: ['STOPPED'],
  failed: ['STOPPED'],
  stopped: ['STOPPED'],
}

const failures: ExitClass[] = [
  'job_failed', 'out_of_memory', 'timed_out', 'queue_timed_out', 'image_not_found', 'image_unavailable', 'start_failed', 'host_lost', 'engine_error', 'rejected',
]

/** How runs ended that each filter finds. */
const endings: Partial<Record<RunFilter, ExitClass[]>> = {
  success: ['completed'],
  failed: failures,
  stopped: ['stopped_by_user'],
}

/** Without members that are undefined. */
function given<Filters extends object>(filters: Filters): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as Filters
}

const variable_filter = /^([^=]+)=(.*)$/s

/** What is wrong with a filter by a variable, which finds nothing then. */
export function variableFilterMistake(env: string | undefined): string | undefined {
  return env === undefined || variable_filter.test(env) ? undefined : 'Not applied: write NAME=VALUE'
}

/** The filters as the API takes them. */
export function runFilterQuery(search: RunSearch) {
  const variable = variable_filter.exec(search.env ?? '')
  return given({
    status: search.status && statuses[search.status],
    exit_class: search.status && endings[search.status],
    alias: search.alias ? [search.alias] : undefined,
    cluster_name: search.cluster ? [search.cluster] : undefined,
    user: search.owner ? [search.owner] : undefined,
    env: variable ? [`${variable[1]}|${variable[2]}`] : undefined,
    started_at_since: search.started_since,
    started_at_until: search.started_until,
    finished_at_since: search.finished_since,
    finished_at_until: search.finished_until,
  })
}

export function hasRunFilters(search: RunSearch): boolean {
  return Object.keys(runFilterQuery(search)).length > 0
}
