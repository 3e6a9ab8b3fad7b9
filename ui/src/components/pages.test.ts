import { describe, expect, it } from 'vitest'
import { offeredPages } from './pages'
import { barHeight } from './run_strip'

describe('pages that are offered', () => {
  it('are the first, the last and those around', () => {
    expect(offeredPages(1, 1)).toEqual([1])
    expect(offeredPages(1, 13)).toEqual([1, 2, undefined, 13])
    expect(offeredPages(7, 13)).toEqual([1, undefined, 6, 7, 8, undefined, 13])
    expect(offeredPages(13, 13)).toEqual([1, undefined, 12, 13])
  })
})

describe('bars of the strip', () => {
  it('are never gone and never too high', () => {
    expect([barHeight(undefined, 10), barHeight(0, 10), barHeight(10, 10), barHeight(2.5, 10), barHeight(5, 0)]).toEqual([30, 30, 100, 65, 30])
  })
})
