/** A log as the page has it: any part of it by line numbers, and what is being written as it comes. */

import { overwritten, styleAfter } from './ansi'

export interface LogPart {
  attempt: number
  /** The number of the first of these lines, counted from 1. */
  first: number
  /** How many lines the log has. */
  total: number
  lines: string[]
  /** What the line that has no end yet shows. */
  unfinished?: string | undefined
  /** What the stream goes on after; none before there is a log. */
  last_seen?: string | undefined
}

/** Where a log comes from. */
export interface LogSource {
  /** Lines from `first` on, or the last ones. */
  read(first: number | undefined, count: number): Promise<LogPart>
  /** Follows the log after `last_seen`. */
  follow(last_seen: string | undefined, listener: LogListener): { close(): void }
}

export interface LogListener {
  /** Whole lines. */
  lines(lines: string[]): void
  /** A piece of a very long line: the next lines go on with it. */
  part(text: string): void
  /** What the line that has no end yet shows now; it comes again as a line. */
  unfinished(text: string): void
  /** All of the attempt's log was told. */
  end(): void
}

export type LogStatus = 'opening' | 'ready' | 'failed'

const lines_per_page = 500
const most_pages = 400
const most_of_a_line = 16 * 1024
/** How many lines before one are looked at for the style that it begins with. */
const most_looked_back = 2000

export class LogStore {
  /** Changes with everything that is shown. */
  version = 0
  status: LogStatus = 'opening'
  error: Error | undefined
  total = 0
  /** What the line that has no end yet shows: the one after the last. */
  unfinished = ''
  /** Nothing more will be written. */
  is_complete = false

  private readonly pages = new Map<number, (string | undefined)[]>()
  private readonly listeners = new Set<() => void>()
  private readonly loading = new Set<number>()
  private wanted: [number, number] = [1, 0]
  /** The pieces that were told of a very long line. */
  private begun = ''
  /** The style that lines begin with, by their numbers. */
  private readonly styles = new Map<number, string>()
  private stream: { close(): void } | undefined
  private is_closed = false
  private is_telling = false

  constructor(
    private readonly source: LogSource,
    private readonly schedule: (work: () => void) => void = (work) => void requestAnimationFrame(work),
  ) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
  readonly snapshot = () => this.version

  /** Reads the end of the log; goes on with what is written from then on if `is_live`. */
  async open(is_live: boolean): Promise<void> {
    this.is_closed = false
    try {
      const part = await this.source.read(undefined, lines_per_page)
      if (this.isClosed()) return
      this.total = part.total
      this.put(part)
      this.status = 'ready'
      this.is_complete = !is_live
      this.unfinished = is_live ? (part.unfinished ?? '') : ''
      if (is_live) this.follow(part.last_seen)
    } catch (error) {
      this.status = 'failed'
      this.error = error instanceof Error ? error : new Error(String(error))
    }
    this.tell()
  }

  close(): void {
    this.is_closed = true
    this.stream?.close()
  }

  /** How many lines are shown: all, and the one that has no end yet. */
  get shown(): number {
    return this.total + (this.unfinished === '' ? 0 : 1)
  }

  /** The line of that number; undefined while it is not here. */
  line(number: number): string | undefined {
    if (number > this.total) return number === this.shown ? this.unfinished : undefined
    return this.pages.get(pageOf(number))?.[indexOf(number)]
  }

  /** The style in force where that line begins, as far as the lines before it are here: see `styleAfter`. */
  style(number: number): string {
    let known = number
    while (known > 1 && number - known < most_looked_back && !this.styles.has(known) && this.line(known - 1) !== undefined) --known
    let style = this.styles.get(known) ?? ''
    for (; known < number; ++known) {
      style = styleAfter(style, this.line(known)!)
      this.styles.set(known + 1, style)
    }
    return style
  }

  /** Says which lines are looked at: those that are not here are fetched, and far ones may be let go of. */
  want(first: number, last: number): void {
    this.wanted = [Math.max(1, first), Math.min(this.total, last)]
    this.fetchWanted()
  }

  private fetchWanted(): void {
    const [first, last] = this.wanted
    for (let page = pageOf(first); page <= pageOf(last) && this.loading.size < 2; ++page) {
      const missing = this.firstMissing(page)
      if (missing !== undefined && !this.loading.has(page)) void this.load(page, missing)
    }
  }

  private firstMissing(page: number): number | undefined {
    const lines = this.pages.get(page)
    const first = page * lines_per_page + 1
    const count = Math.min(lines_per_page, this.total - first + 1)
    for (let index = 0; index < count; ++index) {
      if (lines?.[index] === undefined) return first + index
    }
    return undefined
  }

  private async load(page: number, first: number): Promise<void> {
    this.loading.add(page)
    try {
      this.put(await this.source.read(first, (page + 1) * lines_per_page - first + 1))
      this.error = undefined
      this.loading.delete(page)
      if (!this.is_closed) this.fetchWanted()
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error))
      setTimeout(() => {
        this.loading.delete(page)
        if (!this.is_closed) this.fetchWanted()
      }, 1000)
    }
    this.tell()
  }

  private put(part: LogPart): void {
    part.lines.forEach((line, index) => this.set(part.first + index, line))
    this.styles.clear()
    this.forget()
  }

  private set(number: number, line: string): void {
    const page = pageOf(number)
    let lines = this.pages.get(page)
    if (!lines) this.pages.set(page, (lines = []))
    lines[indexOf(number)] = line
  }

  /** Lets go of the pages that are furthest from what is looked at. */
  private forget(): void {
    if (this.pages.size <= most_pages) return
    const middle = pageOf((this.wanted[0] + this.wanted[1]) / 2)
    const furthest = [...this.pages.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle))
    for (const page of furthest.slice(0, this.pages.size - most_pages)) this.pages.delete(page)
  }

  private follow(last_seen: string | undefined): void {
    this.stream = this.source.follow(last_seen, {
      lines: (lines) => {
        lines.forEach((line, index) => this.append(index === 0 ? this.begun + line : line))
        this.begun = ''
        this.unfinished = ''
        this.forget()
        this.tell()
      },
      part: (text) => {
        this.begun = shortened(this.begun + text)
        this.unfinished = overwritten(this.begun)
        this.tell()
      },
      unfinished: (text) => {
        this.unfinished = text
        this.tell()
      },
      end: () => {
        if (this.begun !== '') this.append(this.begun)
        this.begun = ''
        this.unfinished = ''
        this.is_complete = true
        this.tell()
      },
    })
  }

  private isClosed(): boolean {
    return this.is_closed
  }

  private append(line: string): void {
    this.total += 1
    this.set(this.total, shortened(line))
  }

  /** Tells listeners once a frame, however much comes. */
  private tell(): void {
    if (this.is_telling) return
    this.is_telling = true
    this.schedule(() => {
      this.is_telling = false
      this.version += 1
      for (const listener of this.listeners) listener()
    })
  }
}

function pageOf(number: number): number {
  return Math.floor((number - 1) / lines_per_page)
}

function indexOf(number: number): number {
  return (number - 1) % lines_per_page
}

/** Of a very long line its beginning and its end, as the server shows it. */
function shortened(line: string): string {
  if (line.length <= most_of_a_line) return line
  return `${line.slice(0, most_of_a_line / 2)} … ${line.slice(-most_of_a_line / 2)}`
}
