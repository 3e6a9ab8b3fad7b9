import { describe, expect, it } from 'vitest'
import { mergeTasks } from './task_merge'
import { empty_task } from './task_values'

describe('a task that two people change', () => {
  const base = { ...empty_task, alias: 'a', memory: '64', command: 'true', env: [{ name: 'A', value: '1' }] }
  it('has the changes of both', () => {
    const merge = mergeTasks(base, { ...base, memory: '128' }, { ...base, command: 'false' })
    expect(merge).toEqual({ values: { ...base, memory: '128', command: 'false' }, taken: ['memory'], contested: [] })
  })
  it('keeps mine of what both changed, and says so', () => {
    const merge = mergeTasks(base, { ...base, env: [], tags: ['x'] }, { ...base, env: [{ name: 'A', value: '2' }] })
    expect(merge).toEqual({ values: { ...base, env: [{ name: 'A', value: '2' }], tags: ['x'] }, taken: ['tags'], contested: ['env'] })
  })
  it('is in no dispute where both say the same', () => {
    const merge = mergeTasks(base, { ...base, memory: '128' }, { ...base, memory: '128' })
    expect(merge).toEqual({ values: { ...base, memory: '128' }, taken: [], contested: [] })
  })
})
