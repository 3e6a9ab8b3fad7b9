/**
 * How often a list that takes the server long is asked for again: at most a tenth of its time goes into one list that somebody
 * has open.
 */
const share = 10

export class Pace {
  private readonly took = new Map<string, number>()

  /** Does the work, and remembers by `key` how long it took. */
  async measure<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const begin = performance.now()
    try {
      return await work()
    } finally {
      this.took.set(key, performance.now() - begin)
    }
  }

  /** When to do it again, in milliseconds, if it were done that often where it is quick. */
  pause(key: string, often: number): number {
    return Math.max(often, Math.round((this.took.get(key) ?? 0) * share))
  }
}
