import { describe, expect, it } from 'vitest'
import { isDeep, partOf } from './paging'

describe('a page of a list', () => {
  it('is counted from the nearer end', () => {
    expect(partOf(1, 25, undefined)).toEqual({ offset: 0, limit: 25, is_reversed: false })
    expect(partOf(2, 25, 1000)).toEqual({ offset: 25, limit: 25, is_reversed: false })
    expect(partOf(40, 25, 1000)).toEqual({ offset: 0, limit: 25, is_reversed: true })
    expect(partOf(39, 25, 1000)).toEqual({ offset: 25, limit: 25, is_reversed: true })
    expect(partOf(41, 25, 1010)).toEqual({ offset: 0, limit: 10, is_reversed: true })
    expect(partOf(40, 25, 1010)).toEqual({ offset: 10, limit: 25, is_reversed: true })
  })
  it('is deep where more than a thousand come before it', () => {
    expect([isDeep(1, 25), isDeep(40, 25), isDeep(41, 25)]).toEqual([false, false, true])
  })
  it('that there is not is asked for as it is', () => {
    expect(partOf(9, 25, 10)).toEqual({ offset: 200, limit: 25, is_reversed: false })
  })
  it('has every thing once', () => {
    for (const total of [0, 1, 24, 25, 26, 99, 100, 101]) {
      const all = Array.from({ length: total }, (_, index) => index)
      const seen = Array.from({ length: Math.ceil(total / 25) }, (_, index) => {
        const { offset, limit, is_reversed } = partOf(index + 1, 25, total)
        const part = (is_reversed ? all.toReversed() : all).slice(offset, offset + limit)
        return is_reversed ? part.toReversed() : part
      })
      expect(seen.flat()).toEqual(all)
    }
  })
})
