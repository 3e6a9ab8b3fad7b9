import { describe, expect, it } from 'vitest'
import { curlCommand, executeBody, flotillaCommand, shellWord, type RunWish } from './commands'

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
