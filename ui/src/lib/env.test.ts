import { describe, expect, it } from 'vitest'
import { callersVariables, inheritedVariables, looksSecret, mergedVariables, parseVariables, repeatedRows, serversVariables, withPasted } from './env'

describe('pasted lines', () => {
  const read = (text: string) => parseVariables(text)?.variables.map(({ name, value }) => `${name}=${value}`)
  const left = (text: string) => parseVariables(text)?.left.map(({ number, text: line }) => `${number} ${line}`)
  it('become variables', () => {
    const text = 'A=1\n\n# a comment\nexport B="two words"\n-e C=\'x=y\'\r\nD=\n'
    expect(read(text)).toEqual(['A=1', 'B=two words', 'C=x=y', 'D='])
    expect(left(text)).toEqual([])
  })
  it('may have blanks around the sign, and be those of a compose file', () => {
    expect(read('A = 1\n B=2')).toEqual(['A=1', 'B=2'])
    expect(read('A: 1\n  B: "x: y"\n- C=3')).toEqual(['A=1', 'B=x: y', 'C=3'])
  })
  it('are taken where they can be, and told where not', () => {
    expect(read('A=1\nNOEQ\nB=2')).toEqual(['A=1', 'B=2'])
    expect(left('A=1\nNOEQ\nB=2')).toEqual(['2 NOEQ'])
    expect(left('two\nlines')).toEqual(['1 two', '2 lines'])
    expect(left('A="endless\nB=2')).toEqual(['1 A="endless'])
  })
  it('stay a text where there is one line that is no pair', () => {
    for (const text of ['https://example.org/?a=b', 'NAME', 'NAME\n', '']) expect(parseVariables(text)).toBeUndefined()
  })
  it('may have quotes and newlines within quotes', () => {
    expect(read('A="say \\"hi\\"\\nbye, C:\\\\new"')).toEqual(['A=say "hi"\nbye, C:\\new'])
    expect(read('A="one\n  two\\"\nthree"\nB=\'4\n5\'')).toEqual(['A=one\n  two"\nthree', 'B=4\n5'])
  })
  it('may be a key', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----'
    expect(read(`KEY=${key}\nB=2`)).toEqual([`KEY=${key}`, 'B=2'])
    expect(read(`KEY="${key}"\r\nB=2`)).toEqual([`KEY=${key}`, 'B=2'])
  })
})

describe('rows of one name', () => {
  it('are told where they do not count', () => {
    const row = (name: string) => ({ name, value: '' })
    expect(repeatedRows([row('A'), row('B'), row(''), row('A'), row('')])).toEqual({ 0: 'A stands again in row 4, which is the one that counts.' })
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
