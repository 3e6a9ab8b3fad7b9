import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Pace } from './pace'

describe('a list that is asked for again and again', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())
  const take = (milliseconds: number) => () => new Promise((done) => setTimeout(done, milliseconds))

  it('is asked for as often as wanted while answers are quick, and seldom while they are slow', async () => {
    const pace = new Pace()
    expect(pace.pause('list', 1500)).toBe(1500)
    for (const [took, pause] of [[20, 1500], [4000, 40_000], [30, 1500]] as const) {
      const done = pace.measure('list', take(took))
      await vi.advanceTimersByTimeAsync(took)
      await done
      expect(pace.pause('list', 1500)).toBe(pause)
    }
  })
  it('is asked for seldom too where the answer is that it takes too long', async () => {
    const pace = new Pace()
    const done = pace.measure('list', () => take(5000)().then(() => Promise.reject(new Error('too long')))).catch((error: unknown) => String(error))
    await vi.advanceTimersByTimeAsync(5000)
    expect(await done).toBe('Error: too long')
    expect([pace.pause('list', 1500), pace.pause('other', 1500)]).toEqual([50_000, 1500])
  })
})
