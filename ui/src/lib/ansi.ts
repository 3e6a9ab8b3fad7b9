import Anser from 'anser'

/** A piece of a line that is drawn alike. */
export interface Span {
  text: string
  /** Classes of style.css. */
  classes: string
  /** Colours beyond the sixteen, as `rgb(...)`. */
  color?: string
  background?: string
}

const true_colour = /^\d+, ?\d+, ?\d+$/

/** What a terminal would show of a line: after a carriage return it begins anew, as progress bars do. */
export function overwritten(line: string): string {
  const whole = line.endsWith('\r') ? line.slice(0, -1) : line
  const last = whole.lastIndexOf('\r')
  return last < 0 ? whole : whole.slice(last + 1)
}

/** Takes a line with the escape sequences of terminals (ECMA-48) apart. */
export function spansOf(line: string): Span[] {
  const shown = overwritten(line)
  if (!shown.includes('\u001b')) return shown === '' ? [] : [{ text: shown, classes: '' }]
  return Anser.ansiToJson(withoutOtherSequences(shown), { json: true, use_classes: true, remove_empty: true }).map((entry) => {
    const { fg, bg } = entry.decorations.includes('reverse') ? { fg: entry.bg, bg: entry.fg } : entry
    const classes = [
      ...entry.decorations.filter((each) => each !== 'reverse' && each !== 'hidden' && each !== 'blink').map((each) => `ansi-${each}`),
      ...(fg && fg.startsWith('ansi-') && !/\d/.test(fg) ? [fg] : []),
      ...(bg && bg.startsWith('ansi-') && !/\d/.test(bg) ? [bg.replace('ansi-', 'ansi-on-')] : []),
    ]
    return {
      text: entry.content,
      classes: classes.join(' '),
      ...colour('color', fg, entry.fg_truecolor),
      ...colour('background', bg, entry.bg_truecolor),
    }
  })
}

function colour(name: 'color' | 'background', of_palette: string | null, of_truth: string | null) {
  if (of_truth && true_colour.test(of_truth)) return { [name]: `rgb(${of_truth})` }
  const palette = /^ansi-palette-(\d+)$/.exec(of_palette ?? '')
  return palette ? { [name]: paletteColour(Number(palette[1])) } : {}
}

/** The colour of the 256 that has this number, from 16 on (https://en.wikipedia.org/wiki/ANSI_escape_code#8-bit). */
export function paletteColour(number: number): string {
  if (number >= 232) {
    const grey = 8 + (number - 232) * 10
    return `rgb(${grey}, ${grey}, ${grey})`
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40)
  const index = number - 16
  return `rgb(${level(Math.floor(index / 36))}, ${level(Math.floor(index / 6) % 6)}, ${level(index % 6)})`
}

/** Sequences that move a cursor, set a title or clear a line say nothing in a log. */
function withoutOtherSequences(line: string): string {
  // eslint-disable-next-line no-control-regex
  return line.replace(/\u001b(?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\[[0-9;?]*[A-Za-ln-z]|[()][A-Z0-9]|[=>78])/g, '')
}

/** The line as it reads, for searching and copying. */
export function plainText(line: string): string {
  return spansOf(line).map((span) => span.text).join('')
}

/** Cuts spans so that what was searched stands in spans of its own. */
export function withMatches(spans: Span[], wanted: string, ignores_case: boolean): (Span & { is_match?: boolean })[] {
  if (wanted === '') return spans
  const text = spans.map((span) => span.text).join('')
  const starts: number[] = []
  const [haystack, needle] = ignores_case ? [text.toLowerCase(), wanted.toLowerCase()] : [text, wanted]
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length)) starts.push(at)
  if (starts.length === 0) return spans
  const cuts = new Set(starts.flatMap((start) => [start, start + wanted.length]))
  const result: (Span & { is_match?: boolean })[] = []
  let offset = 0
  for (const span of spans) {
    let from = 0
    for (let at = 1; at <= span.text.length; ++at) {
      if (at < span.text.length && !cuts.has(offset + at)) continue
      const begin = offset + from
      const is_match = starts.some((start) => begin >= start && begin < start + wanted.length)
      result.push({ ...span, text: span.text.slice(from, at), is_match })
      from = at
    }
    offset += span.text.length
  }
  return result
}
