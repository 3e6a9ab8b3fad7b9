import { describe, expect, it } from 'vitest'
import type { Definition } from '@/api/types'
import { empty_task, exampleTask, numbersIn, taskBody, taskSchema, taskValues, type TaskValues } from './task_values'

const good = exampleTask('debian:12')
const mistakes = (change: Partial<TaskValues>) => taskSchema.safeParse({ ...good, ...change }).error?.issues.map((issue) => issue.path.join('.')) ?? []

describe('the form of a task', () => {
  it('takes the example', () => {
    expect(mistakes({})).toEqual([])
  })
  it('names every field that is wrong', () => {
    const issues = taskSchema.safeParse(empty_task).error!.issues.map((issue) => issue.path[0])
    expect([...new Set(issues)]).toEqual(['alias', 'group_name', 'image', 'command'])
  })
  it.each([
    [{ alias: '  ' }, 'alias'], [{ group_name: 'no blanks' }, 'group_name'], [{ memory: '0' }, 'memory'], [{ memory: '1.5' }, 'memory'], [{ memory: '' }, 'memory'],
    [{ cpu: '0.001' }, 'cpu'], [{ cpu: 'x' }, 'cpu'], [{ ports: '80, 80' }, 'ports'], [{ ports: 'http' }, 'ports'], [{ timeout_seconds: '-1' }, 'timeout_seconds'],
    [{ env: [{ name: '', value: 'x' }] }, 'env.0'], [{ env: [{ name: 'A=B', value: '' }] }, 'env.0'], [{ retry_codes: '0' }, 'retry_codes'], [{ secrets: ['a b'] }, 'secrets.0'], [{ alias: 'é'.repeat(501) }, 'alias'],
    [{ tags: ['short', 'a'.repeat(1001)] }, 'tags'],
  ])('refuses %o', (change, field) => {
    expect(mistakes(change)).toContain(field)
  })
  it('is the definition again', () => {
    const task = {
      definition_id: 'g-1', arn: '', container_name: 'g-1', alias: 'a', group_name: 'g', image: 'i', memory: 64, command: 'c', env: [{ name: 'A', value: '1' }], cpu: 500, gpu: 2,
      ports: [80, 81], tags: ['t'], user: 'nobody', timeout_seconds: 60, retry: { max_attempts: 3, on: ['out_of_memory', 17], backoff_seconds: 5 }, secrets: ['S'], labels: { k: 'v' },
    } as Definition
    expect(taskBody(taskValues(task))).toEqual({
      alias: 'a', group_name: 'g', image: 'i', memory: 64, command: 'c', env: [{ name: 'A', value: '1' }], cpu: 500, gpu: 2, ports: [80, 81], tags: ['t'], user: 'nobody', description: '',
      timeout_seconds: 60, queue_timeout_seconds: 0, retry: { max_attempts: 3, on: ['out_of_memory', 17], backoff_seconds: 5 }, secrets: ['S'], labels: { k: 'v' },
    })
  })
  it('clears what was emptied', () => {
    expect(taskBody({ ...good, cpu: '', tags: [], ports: '' })).toMatchObject({ cpu: 0, tags: [], ports: [], timeout_seconds: 0, retry: { max_attempts: 1 } })
  })
  it('reads lists of numbers', () => {
    expect([numbersIn('1, 2 3'), numbersIn(''), numbersIn('1 x')]).toEqual([[1, 2, 3], [], undefined])
  })
})
