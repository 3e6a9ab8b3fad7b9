import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asNewTaskSearch, asRunFormSearch, asRunPageSearch, asRunSearch, asSignInSearch, asTaskSearch, hasRunFilters, lineOf, localTime, runFilterQuery, utcTime, variableFilterMistake } from './search_params'

describe('the address of a page', () => {
  it('keeps what makes sense and drops the rest', () => {
    expect(asTaskSearch({ alias: 'a', tag: 7, sort_by: 'memory', order: 'down', page: '3', other: 1, image: '' })).toEqual({ alias: 'a', tag: '7', sort_by: 'memory', page: 3 })
    expect(asRunSearch({ status: 'failed', page: 1, owner: ['x'] })).toEqual({ status: 'failed' })
    expect(asRunSearch({ status: 'nonsense', page: -2 })).toEqual({})
    expect(asRunFormSearch({ from: 'x', memory: '64' })).toEqual({ from: 'x', memory: 64 })
    expect(asNewTaskSearch({ example: 'yes' })).toEqual({})
    expect(asRunPageSearch({ attempt: 2, tab: 'events' })).toEqual({ attempt: 2, tab: 'events' })
    expect(asRunPageSearch({ attempt: '0', tab: 'log' })).toEqual({})
  })
  it('names a line of a log', () => {
    expect(['L48211', 'L0', 'L1x', '', 'main'].map(lineOf)).toEqual([48_211, undefined, undefined, undefined, undefined])
  })
  it('leads after signing in to this server only', () => {
    expect(asSignInSearch({ to: '/runs?page=2' })).toEqual({ to: '/runs?page=2' })
    for (const to of ['//evil.example', '/\\evil.example', 'https://evil.example', 'runs']) expect(asSignInSearch({ to })).toEqual({})
  })
})

describe('filters of runs', () => {
  it('are those of the API', () => {
    expect(runFilterQuery({ status: 'live', alias: 'a', cluster: 'c', owner: 'o', env: 'A=x=y' })).toEqual({
      status: ['QUEUED', 'PENDING', 'RUNNING', 'NEEDS_RETRY'], alias: ['a'], cluster_name: ['c'], user: ['o'], env: ['A|x=y'],
    })
    expect(runFilterQuery({ status: 'success' })).toEqual({ status: ['STOPPED'], exit_class: ['completed'] })
    expect(runFilterQuery({ started_since: '2026-11-26T14:00:00Z' })).toEqual({ started_at_since: '2026-11-26T14:00:00Z' })
  })
  it('count only where they say something', () => {
    expect(hasRunFilters({})).toBe(false)
    expect(hasRunFilters(asRunSearch({ page: 2, env: 'half', finished_until: 'never' }))).toBe(false)
    expect([undefined, 'A=', 'half', '=x'].map(variableFilterMistake)).toEqual([undefined, undefined, 'Not applied: write NAME=VALUE', 'Not applied: write NAME=VALUE'])
    expect(hasRunFilters({ owner: 'a' })).toBe(true)
  })
})

describe('a time', () => {
  const before = process.env.TZ
  beforeEach(() => {
    process.env.TZ = 'America/New_York'
  })
  afterEach(() => {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })
  it('is the reader’s own in a field, and the same for all in the address', () => {
    expect(utcTime('2026-11-26T09:00')).toBe('2026-11-26T14:00:00Z')
    expect(localTime('2026-11-26T14:00:00Z')).toBe('2026-11-26T09:00')
    expect(asRunSearch({ started_since: '2026-11-26T09:00', finished_until: '2026-11-26T14:00:05Z' })).toEqual({ started_since: '2026-11-26T14:00:00Z', finished_until: '2026-11-26T14:00:05Z' })
    // As its year is written, digit by digit.
    for (const year of ['0002', '0020', '0202', '2026']) expect(localTime(utcTime(`${year}-11-26T09:00`)!)).toBe(`${year}-11-26T09:00`)
  })
})
