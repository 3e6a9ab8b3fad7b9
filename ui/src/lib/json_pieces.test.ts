import { describe, expect, it } from 'vitest'
import { jsonPieces } from './json_pieces'

const run = {
  alias: 'a "quoted" name', memory: 64, cpu: undefined, tags: [], labels: { team: 'x', api_token: 't0' }, is_live: true, exit_code: null,
  env: [{ name: 'DB_PASSWORD', value: 'hunter2' }, { name: 'A', value: '1' }, { name: 'PGPASSWORD', value: '' }, { value: 's', name: 'JWT' }],
  attempts: [[1, 'two'], {}],
}

describe('JSON in pieces', () => {
  it.each([run, [], {}, 'text', 1, null, [[]], { a: { b: [] } }])('is as JSON.stringify writes it: %j', (value) => {
    expect(jsonPieces(value).map(({ text }) => text).join('')).toBe(JSON.stringify(value, null, 2))
  })
  it('has the values of names that look secret apart', () => {
    expect(jsonPieces(run).filter(({ secret }) => secret !== undefined)).toEqual([
      { text: '"t0"', secret: 'api_token' }, { text: '"hunter2"', secret: 'DB_PASSWORD' }, { text: '"s"', secret: 'JWT' },
    ])
  })
})
