import { describe, expect, it } from 'vitest'
import type { Definition, Run } from '@/api/types'
import { curlCommand, executeBody, flotillaCommand, hasFlotillaCommand, keptOf, shellWord, type RunWish } from './commands'

const small: RunWish = { alias: 'hello', owner: 'ada', env: [] }
const large: RunWish = {
  alias: 'a b', owner: "O'Neill", cluster: 'gpu', env: [{ name: 'A', value: 'x y' }], memory: 64, cpu: 500, timeout_seconds: 60, command: 'echo hi\ntrue',
}

describe('a run form as a call', () => {
  it('says only what was said', () => {
    expect(executeBody(small)).toEqual({ run_tags: { owner_id: 'ada' } })
    expect(executeBody(large)).toEqual({
      cluster: 'gpu', env: [{ name: 'A', value: 'x y' }], memory: 64, cpu: 500, timeout_seconds: 60, command: 'echo hi\ntrue', run_tags: { owner_id: "O'Neill" },
    })
  })
})

describe('what is kept of an earlier run', () => {
  const task = { queue_timeout_seconds: 60, retry: { max_attempts: 2, on: ['host_lost'], backoff_seconds: 1 }, labels: { team: 'x' }, secrets: ['DB'] } as unknown as Definition
  const run = (fields: Partial<Run>) => ({ ...task, ...fields }) as unknown as Run
  it('is what its task has otherwise', () => {
    expect(keptOf(run({}), task)).toEqual({})
    const fields = { queue_timeout_seconds: 5, labels: { team: 'x', ticket: '7' }, description: 'once more' }
    expect(keptOf(run(fields), task)).toEqual(fields)
    expect(keptOf(run({ queue_timeout_seconds: undefined }), task)).toEqual({ queue_timeout_seconds: 0 })
  })
  it('is said where it can be', () => {
    const wish = { ...small, kept: { queue_timeout_seconds: 5 } }
    expect(executeBody(wish)).toEqual({ queue_timeout_seconds: 5, run_tags: { owner_id: 'ada' } })
    expect(flotillaCommand(wish, 'http://h')).toContain('--queue-timeout 5')
    expect([hasFlotillaCommand(small), hasFlotillaCommand(wish), hasFlotillaCommand({ ...small, kept: { labels: {} } })]).toEqual([true, true, false])
  })
})

describe('words of a shell', () => {
  it('mean what they say', () => {
    expect(['plain-1.0', '', 'two words', "it's", '$HOME', 'a\nb'].map(shellWord)).toEqual(['plain-1.0', "''", "'two words'", "'it'\\''s'", "'$HOME'", "'a\nb'"])
  })
})

describe('a run form as a command', () => {
  it('for curl', () => {
    expect(curlCommand('hello', executeBody(small), 'http://127.0.0.1:3000', false)).toBe(
      `curl -XPUT http://127.0.0.1:3000/api/v1/task/alias/hello/execute \\\n  -d '{\n  "run_tags": {\n    "owner_id": "ada"\n  }\n}'`,
    )
    expect(curlCommand('a b', executeBody(large), 'http://h', true)).toContain('/alias/a%20b/execute')
    expect(curlCommand('a b', executeBody(large), 'http://h', true)).toContain('-H "Authorization: Bearer $FLOTILLA_TOKEN"')
  })
  it('for the command line', () => {
    expect(flotillaCommand(large, 'http://h').split(' \\\n  ')).toEqual([
      "flotilla run 'a b'", "-e 'A=x y'", '--cluster gpu', "--owner 'O'\\''Neill'", '--memory 64', '--cpu 500', '--timeout 60', "--command 'echo hi\ntrue'", '--server http://h', '--follow',
    ])
  })
})
