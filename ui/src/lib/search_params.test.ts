import { describe, expect, it } from 'vitest'
import { asNewTaskSearch, asRunFormSearch, asRunPageSearch, asRunSearch, asSignInSearch, asTaskSearch, hasRunFilters, lineOf, runFilterQuery } from './search_params'

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
    expect(runFilterQuery({ started_since: '2026-11-26T14:00' }).started_at_since).toBe(new Date('2026-11-26T14:00').toISOString())
  })
  it('count only where they say something', () => {
    expect(hasRunFilters({})).toBe(false)
    expect(hasRunFilters({ page: 2, env: 'half', finished_until: 'never' })).toBe(false)
    expect(hasRunFilters({ owner: 'a' })).toBe(true)
  })
})
