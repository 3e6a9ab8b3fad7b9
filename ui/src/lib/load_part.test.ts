import { describe, expect, it } from 'vitest'
import { loadPart, type Surroundings } from './load_part'

/** A server that is away for so many questions, and a page that notes what is done. */
class FakeSurroundings implements Surroundings {
  done: string[] = []

  constructor(private away_for: number, private may_reload = false) {}

  answers = () => Promise.resolve(this.away_for-- <= 0)
  wait = () => Promise.resolve(void this.done.push('wait'))
  reload = () => {
    this.done.push('reload')
    return this.may_reload
  }
  away = () => void this.done.push('away')
}

/** Fails so many times, then gives the part. */
function failing(times: number) {
  let tries = 0
  return () => (tries++ < times ? Promise.reject(new Error(`try ${tries}`)) : Promise.resolve('part'))
}

describe('a part of the page', () => {
  it('is loaded', async () => {
    const around = new FakeSurroundings(0)
    expect(await loadPart(failing(0), around)).toBe('part')
    expect(around.done).toEqual([])
  })
  it('is asked for again while the server is away', async () => {
    const around = new FakeSurroundings(2)
    expect(await loadPart(failing(2), around)).toBe('part')
    expect(around.done).toEqual(['away', 'wait', 'away', 'wait'])
  })
  it('is asked for once more where the server is there', async () => {
    const around = new FakeSurroundings(0)
    expect(await loadPart(failing(1), around)).toBe('part')
    expect(around.done).toEqual([])
  })
  it('is loaded with the whole page anew where the server has it not', async () => {
    const around = new FakeSurroundings(1, true)
    const never = loadPart(failing(9), around)
    await new Promise((resolve) => setTimeout(resolve))
    expect(around.done).toEqual(['away', 'wait', 'reload'])
    expect(await Promise.race([never, Promise.resolve('waits')])).toBe('waits')
  })
  it('fails where that did not help', async () => {
    const around = new FakeSurroundings(0)
    await expect(loadPart(failing(9), around)).rejects.toThrow('try 1')
    expect(around.done).toEqual(['reload'])
  })
})
