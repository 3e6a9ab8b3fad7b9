import { describe, expect, it } from 'vitest'
import { callersVariables, inheritedVariables, looksSecret, mergedVariables, parseVariables, serversVariables, withPasted } from './env'

describe('pasted lines', () => {
  it('become variables', () => {
    expect(parseVariables('A=1\n\n# a comment\nexport B="two words"\n-e C=\'x=y\'\r\nD=\n')).toEqual([
      { name: 'A', value: '1' }, { name: 'B', value: 'two words' }, { name: 'C', value: 'x=y' }, { name: 'D', value: '' },
    ])
  })
  it('stay a text where any of them is no pair', () => {
    expect(parseVariables('A=1\nhello')).toBeUndefined()
    expect(parseVariables('https://example.org/?a=b')).toBeUndefined()
    expect(parseVariables('')).toBeUndefined()
  })
  it('may have quotes and newlines within quotes', () => {
    expect(parseVariables('A="say \\"hi\\"\\nbye"')).toEqual([{ name: 'A', value: 'say "hi"\nbye' }])
  })
})

describe('variables that are pasted into a name', () => {
  const [a, b] = [{ name: 'A', value: '1' }, { name: 'B', value: '2' }]
  it('take the place of the empty row', () => {
    expect(withPasted([a, { name: '', value: '' }, b], 1, [{ name: 'C', value: '3' }])).toEqual([a, { name: 'C', value: '3' }, b])
  })
  it('change those that there are', () => {
    expect(withPasted([a, { name: '', value: '' }], 1, [{ name: 'A', value: '4' }, { name: 'C', value: '3' }])).toEqual([{ name: 'A', value: '4' }, { name: 'C', value: '3' }])
    expect(withPasted([a, b], 0, [{ name: 'B', value: '' }])).toEqual([a, { name: 'B', value: '' }])
  })
})

describe('names that look secret', () => {
  it.each(['DB_PASSWORD', 'API_KEY', 'AWS_SECRET_ACCESS_KEY', 'token', 'GITHUB_TOKEN', 'DATABASE_URL', 'PGPASSWORD_FILE_PASS', 'private-key', 'PGPASSWORD', 'dbPassword', 'OPENAI_KEY', 'GITHUB_PAT', 'SLACK_WEBHOOK', 'JWT', 'apiKey'])('%s does', (name) => {
    expect(looksSecret(name)).toBe(true)
  })
  it.each(['HORIZON', 'TOKENIZER', 'KEYBOARD', 'PASSENGERS', 'MONKEY', 'REGION', 'SORT_KEY', 'PATH', 'PATTERN', 'COMPASS'])('%s does not', (name) => {
    expect(looksSecret(name)).toBe(false)
  })
})

describe('variables of a run', () => {
  const reserved = ['FLOTILLA_SERVER_MODE', 'FLOTILLA_RUN_ID', 'FLOTILLA_RUN_OWNER_ID'].map((name) => ({ name, value: 'x' }))
  it('are the server’s, the caller’s, and the task’s', () => {
    expect(serversVariables([...reserved, { name: 'A', value: '1' }])).toEqual(reserved)
    expect(serversVariables([{ name: 'A', value: '1' }])).toEqual([])
    const task = [{ name: 'B', value: '1' }, { name: 'A', value: '2' }, { name: 'B', value: '3' }]
    expect(inheritedVariables(task, [{ name: 'A', value: '1' }])).toEqual([{ name: 'B', value: '3' }])
  })
})

describe('variables of an earlier run', () => {
  it('are those that its caller set', () => {
    const all = [
      { name: 'FLOTILLA_SERVER_MODE', value: 'prod' }, { name: 'FLOTILLA_RUN_ID', value: 'x' }, { name: 'OWNED_BY', value: 'ada' }, { name: 'A', value: 'ada' },
    ]
    expect(callersVariables(all)).toEqual([{ name: 'A', value: 'ada' }])
  })
  it('stand over those of the definition', () => {
    expect(mergedVariables([{ name: 'A', value: '1' }, { name: 'B', value: '2' }], [{ name: 'B', value: '3' }, { name: 'C', value: '4' }])).toEqual([
      { name: 'A', value: '1' }, { name: 'B', value: '3' }, { name: 'C', value: '4' },
    ])
  })
  it('come once, with the value that counts', () => {
    expect(mergedVariables([{ name: 'A', value: '1' }, { name: 'B', value: '2' }, { name: 'A', value: '3' }], [])).toEqual([
      { name: 'A', value: '3' }, { name: 'B', value: '2' },
    ])
  })
})
