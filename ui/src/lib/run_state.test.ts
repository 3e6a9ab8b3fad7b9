import { describe, expect, it } from 'vitest'
import type { Run } from '@/api/types'
import { moreMemory, phases, runState, runningTime } from './run_state'

const at = (second: number) => new Date(Date.UTC(2026, 10, 26, 12, 0, second)).toISOString()

describe('where a run stands', () => {
  it('is said in words', () => {
    expect(runState({ status: 'QUEUED' }).word).toBe('Queued')
    expect(runState({ status: 'PENDING' }).word).toBe('Pending')
    expect(runState({ status: 'RUNNING' })).toEqual({ word: 'Running', tone: 'live', sign: '▶' })
    expect(runState({ status: 'NEEDS_RETRY' }).word).toBe('Needs retry')
    expect(runState({ status: 'STOPPED', exit_code: 0, exit_class: 'completed' })).toEqual({ word: 'Success', tone: 'ok', sign: '✓' })
    expect(runState({ status: 'STOPPED', exit_code: 3, exit_class: 'job_failed' }).word).toBe('Failed')
    expect(runState({ status: 'STOPPED' })).toEqual({ word: 'Failed', tone: 'bad', sign: '✕' })
  })
  it('names the failures that people ask about', () => {
    expect(runState({ status: 'STOPPED', exit_code: 137, exit_class: 'out_of_memory' }).word).toBe('Out of memory')
    expect(runState({ status: 'STOPPED', exit_class: 'image_not_found' }).word).toBe('Image not found')
  })
  it('says of a stop that it was wanted, even where the job ended well', () => {
    expect(runState({ status: 'RUNNING', stop_requested_at: at(1) }).word).toBe('Stopping')
    expect(runState({ status: 'STOPPED', exit_code: 0, exit_class: 'stopped_by_user' }).word).toBe('Stopped')
  })
})

describe('how long a run took', () => {
  it('is counted from its start to its end, or to now', () => {
    expect(runningTime({}, new Date())).toBeUndefined()
    expect(runningTime({ started_at: at(1), finished_at: at(4) }, new Date())).toBe(3000)
    expect(runningTime({ started_at: at(1) }, new Date(at(3)))).toBe(2000)
  })
})

describe('the way of a run', () => {
  const run = (fields: Partial<Run>) => ({ status: 'RUNNING', ...fields }) as Run
  const short = (some: ReturnType<typeof phases>) => some.map(({ kind, duration, attempt, tone, is_open }) => `${attempt} ${kind} ${duration / 1000} ${tone}${is_open ? ' open' : ''}`)
  const host = { instance: { instance_id: '', dns_name: '' }, task_arn: '' }

  it('goes on to now while it is open', () => {
    const waiting = run({ status: 'QUEUED', attempts: [{ number: 1, status: 'QUEUED', queued_at: at(0), ...host }] })
    expect(short(phases(waiting, new Date(at(5))))).toEqual(['1 queued 5 wait open'])
  })
  it('has queued, pending and running, and ends where the run does', () => {
    const ended = run({
      status: 'STOPPED', exit_code: 0, exit_class: 'completed', finished_at: at(9),
      attempts: [{ number: 1, status: 'STOPPED', queued_at: at(0), submitted_at: at(2), started_at: at(3), ...host }],
    })
    expect(short(phases(ended, new Date(at(50))))).toEqual(['1 queued 2 wait', '1 pending 1 none', '1 running 6 ok'])
  })
  it('has every attempt', () => {
    const again = run({
      attempts: [
        { number: 1, status: 'STOPPED', queued_at: at(0), submitted_at: at(1), started_at: at(2), finished_at: at(4), exit_code: 1, ...host },
        { number: 2, status: 'RUNNING', queued_at: at(6), submitted_at: at(7), started_at: at(8), ...host },
      ],
    })
    expect(short(phases(again, new Date(at(10))))).toEqual([
      '1 queued 1 wait', '1 pending 1 none', '1 running 2 bad', '2 queued 1 wait', '2 pending 1 none', '2 running 2 live open',
    ])
  })
})

describe('more memory', () => {
  it('is half as much again, in round numbers', () => {
    expect([64, 100, 512, 1000, 16384].map(moreMemory)).toEqual([128, 192, 768, 1536, 24576])
  })
})
