import { describe, expect, it } from 'vitest'
import { answerOffset, nextMatch } from './matches'

describe('matches of a search', () => {
  it('go round in both directions', () => {
    expect([nextMatch(0, 1, 3), nextMatch(2, 1, 3), nextMatch(0, -1, 164_707), nextMatch(0, 1, 1)]).toEqual([1, 0, 164_706, 0])
  })
  it('are still some where there are fewer than before', () => {
    expect(nextMatch(9, 1, 3)).toBe(1)
  })
  it('come with the answer that names them', () => {
    expect([0, 9_999, 10_000, 164_706].map(answerOffset)).toEqual([0, 0, 10_000, 160_000])
  })
})
