import type { Attempt, Run, RunSummary } from '@/api/types'

/** What colour says of a run; words always stand beside it. */
export type Tone = 'ok' | 'bad' | 'live' | 'wait' | 'none'

export interface RunState {
  word: string
  tone: Tone
  /** The sign before the title of a browser's tab. */
  sign: string
}

type Known = Pick<RunSummary, 'status' | 'exit_code' | 'exit_class'> & { stop_requested_at?: string | undefined }

const failures: Partial<Record<NonNullable<Known['exit_class']>, string>> = {
  out_of_memory: 'Out of memory',
  timed_out: 'Timed out',
  queue_timed_out: 'Waited too long',
  image_not_found: 'Image not found',
  image_unavailable: 'Image unavailable',
  start_failed: 'Start failed',
  host_lost: 'Host lost',
}

/** Where a run stands, in words. */
export function runState(run: Known): RunState {
  if (run.status !== 'STOPPED' && run.stop_requested_at) return { word: 'Stopping', tone: 'wait', sign: '◌' }
  switch (run.status) {
    case 'QUEUED':
      return { word: 'Queued', tone: 'wait', sign: '◌' }
    case 'PENDING':
      return { word: 'Pending', tone: 'wait', sign: '◌' }
    case 'RUNNING':
      return { word: 'Running', tone: 'live', sign: '▶' }
    case 'NEEDS_RETRY':
      return { word: 'Needs retry', tone: 'wait', sign: '↻' }
    case 'STOPPED':
      return endState(run)
  }
}

function endState(run: Known): RunState {
  if (run.exit_class === 'stopped_by_user') return { word: 'Stopped', tone: 'none', sign: '■' }
  if (run.exit_code === 0) return { word: 'Success', tone: 'ok', sign: '✓' }
  return { word: (run.exit_class && failures[run.exit_class]) ?? 'Failed', tone: 'bad', sign: '✕' }
}

export function isLive(run: Pick<Known, 'status'>): boolean {
  return run.status !== 'STOPPED'
}

/** Milliseconds that a run has taken, from its start; nothing before it. */
export function runningTime(run: Pick<RunSummary, 'started_at' | 'finished_at'>, now: Date): number | undefined {
  if (!run.started_at) return undefined
  return (run.finished_at ? Date.parse(run.finished_at) : now.getTime()) - Date.parse(run.started_at)
}

export interface Phase {
  kind: 'queued' | 'pending' | 'running'
  label: string
  /** Milliseconds. */
  duration: number
  tone: Tone
  attempt: number
  from: Date
  is_open: boolean
}

/** The way of a run as a line in time: queued, pending, running, attempt by attempt. */
export function phases(run: Run, now: Date): Phase[] {
  return run.attempts.flatMap((attempt, index) =>
    attemptPhases(attempt, index + 1 < run.attempts.length ? run.attempts[index + 1] : undefined, run, now),
  )
}

function attemptPhases(attempt: Attempt, next: Attempt | undefined, run: Run, now: Date): Phase[] {
  const is_current = next === undefined
  const ended = is_current ? run.finished_at : (attempt.finished_at ?? next.queued_at)
  const end = ended ? Date.parse(ended) : now.getTime()
  const marks: [Phase['kind'], string | undefined][] = [
    ['queued', attempt.queued_at],
    ['pending', attempt.submitted_at],
    ['running', attempt.started_at],
  ]
  const known = marks.filter((mark): mark is [Phase['kind'], string] => mark[1] !== undefined)
  return known.map(([kind, from], index) => {
    const until = known[index + 1]?.[1]
    const is_open = until === undefined && !ended
    return {
      kind,
      label: { queued: 'Queued', pending: 'Pending', running: 'Running' }[kind],
      duration: Math.max(0, (until ? Date.parse(until) : end) - Date.parse(from)),
      tone: kind === 'running' ? runningTone(attempt, run, is_current) : kind === 'queued' ? 'wait' : 'none',
      attempt: attempt.number,
      from: new Date(from),
      is_open,
    }
  })
}

function runningTone(attempt: Attempt, run: Run, is_current: boolean): Tone {
  if (is_current) return runState(run).tone
  return attempt.exit_code === 0 ? 'ok' : 'bad'
}

/** More memory than a run that ran out of it had: half as much again, in round numbers of MiB. */
export function moreMemory(mebibytes: number): number {
  const step = mebibytes >= 4096 ? 1024 : mebibytes >= 512 ? 256 : 64
  return Math.ceil((mebibytes * 1.5) / step) * step
}
