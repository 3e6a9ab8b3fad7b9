import { describe, expect, it } from 'vitest'
import { LogStore, type LogListener, type LogPart, type LogSource } from './log_store'

/** A log of which every line says its number. */
class FakeSource implements LogSource {
  asked: string[] = []
  followed: string | undefined
  listener: LogListener | undefined
  is_closed = false
  fails = 0
  unfinished: string | undefined
  textOf = (number: number) => `line ${number}`

  constructor(public total: number) {}

  read(first: number | undefined, count: number): Promise<LogPart> {
    this.asked.push(`${first ?? 'last'} ${count}`)
    if (this.fails-- > 0) return Promise.reject(new Error('away'))
    const from = first ?? Math.max(1, this.total - count + 1)
    const lines = Array.from({ length: Math.max(0, Math.min(count, this.total - from + 1)) }, (_, index) => this.textOf(from + index))
    return Promise.resolve({ attempt: 1, first: from, total: this.total, lines, unfinished: this.unfinished, last_seen: `1/${this.total}` })
  }
  follow(last_seen: string | undefined, listener: LogListener) {
    this.followed = last_seen
    this.listener = listener
    return { close: () => void (this.is_closed = true) }
  }
}

const now = (work: () => void) => work()
const settled = () => new Promise((resolve) => setTimeout(resolve))

describe('a log', () => {
  it('opens at its end, however long it is', async () => {
    const source = new FakeSource(1_000_000)
    const store = new LogStore(source, now)
    await store.open(false)
    expect(source.asked).toEqual(['last 500'])
    expect([store.status, store.total, store.is_complete]).toEqual(['ready', 1_000_000, true])
    expect(store.line(1_000_000)).toBe('line 1000000')
    expect(store.line(1)).toBeUndefined()
  })
  it('fetches what is looked at, and only once', async () => {
    const source = new FakeSource(10_000)
    const store = new LogStore(source, now)
    await store.open(false)
    store.want(490, 520)
    await settled()
    store.want(500, 530)
    await settled()
    expect(source.asked).toEqual(['last 500', '1 500', '501 500'])
    expect([store.line(490), store.line(520)]).toEqual(['line 490', 'line 520'])
  })
  it('fetches no more than is missing of a page', async () => {
    const source = new FakeSource(700)
    const store = new LogStore(source, now)
    await store.open(false)
    store.want(1, 700)
    await settled()
    expect(source.asked).toEqual(['last 500', '1 500'])
  })
  it('lets go of what is far away', async () => {
    const source = new FakeSource(1_000_000)
    const store = new LogStore(source, now)
    await store.open(false)
    for (let first = 1; first < 250_000; first += 500) {
      store.want(first, first + 499)
      await settled()
    }
    expect(store.line(249_900)).toBe('line 249900')
    expect(store.line(1)).toBeUndefined()
  })
  it('goes on with what is written', async () => {
    const source = new FakeSource(2)
    const store = new LogStore(source, now)
    await store.open(true)
    expect(source.followed).toBe('1/2')
    source.listener!.lines(['three', 'four'])
    expect([store.total, store.line(3), store.line(4), store.is_complete]).toEqual([4, 'three', 'four', false])
    source.listener!.end()
    expect(store.is_complete).toBe(true)
  })
  it('puts the pieces of a long line together', async () => {
    const source = new FakeSource(0)
    const store = new LogStore(source, now)
    await store.open(true)
    source.listener!.part('a'.repeat(20_000))
    source.listener!.lines(['end', 'next'])
    expect(store.total).toBe(2)
    expect(store.line(1)!.endsWith('aend')).toBe(true)
    expect(store.line(1)!.length).toBeLessThan(17_000)
    source.listener!.part('half')
    source.listener!.end()
    expect(store.line(3)).toBe('half')
  })
  it('shows what is being written, which has no number of its own yet', async () => {
    const source = new FakeSource(2)
    source.unfinished = ' 1%'
    const store = new LogStore(source, now)
    await store.open(true)
    expect([store.total, store.shown, store.line(3)]).toEqual([2, 3, ' 1%'])
    source.listener!.unfinished(' 2%')
    expect([store.total, store.line(3), store.line(4)]).toEqual([2, ' 2%', undefined])
    source.listener!.lines([' 1%\r 2%', 'next'])
    expect([store.total, store.shown, store.line(3), store.line(4)]).toEqual([4, 4, ' 1%\r 2%', 'next'])
    source.listener!.unfinished('half')
    source.listener!.lines(['half a line'])
    source.listener!.end()
    expect([store.total, store.shown, store.line(5)]).toEqual([5, 5, 'half a line'])
  })
  it('shows what is being written of a very long line', async () => {
    const source = new FakeSource(0)
    const store = new LogStore(source, now)
    await store.open(true)
    source.listener!.part('10%\r20%')
    expect([store.shown, store.line(1)]).toEqual([1, '20%'])
    source.listener!.unfinished('20% done')
    expect([store.shown, store.line(1)]).toEqual([1, '20% done'])
    source.listener!.lines([' done'])
    expect([store.shown, store.line(1)]).toEqual([1, '10%\r20% done'])
  })
  it('that has ended has nothing that is being written', async () => {
    const source = new FakeSource(2)
    source.unfinished = 'half'
    const store = new LogStore(source, now)
    await store.open(false)
    expect(store.shown).toBe(2)
  })
  it('knows the style that each line begins with', async () => {
    const source = new FakeSource(1200)
    source.textOf = (number) => (number === 700 ? '\u001b[31mred' : number === 800 ? '\u001b[0mplain' : 'text')
    const store = new LogStore(source, now)
    await store.open(true)
    expect(store.style(750)).toBe('')
    store.want(601, 1200)
    await settled()
    expect([700, 701, 750, 800, 801, 1200].map((number) => store.style(number))).toEqual(['', '31', '31', '31', '', ''])
    source.listener!.lines(['\u001b[1mbold'])
    expect([store.style(1201), store.style(1202)]).toEqual(['', '1'])
  })
  it('says that it cannot be read', async () => {
    const source = new FakeSource(1)
    source.fails = 1
    const store = new LogStore(source, now)
    await store.open(false)
    expect([store.status, store.error?.message]).toEqual(['failed', 'away'])
  })
  it('tells its listeners once a frame', async () => {
    const work: (() => void)[] = []
    const source = new FakeSource(0)
    const store = new LogStore(source, (each) => work.push(each))
    let told = 0
    store.subscribe(() => ++told)
    await store.open(true)
    source.listener!.lines(['a'])
    source.listener!.lines(['b'])
    expect([told, work.length]).toEqual([0, 1])
    work[0]!()
    expect([told, store.snapshot()]).toEqual([1, 1])
  })
  it('closes its stream', async () => {
    const source = new FakeSource(0)
    const store = new LogStore(source, now)
    await store.open(true)
    store.close()
    expect(source.is_closed).toBe(true)
  })
})
