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

/**
 * The escape sequences of terminals (ECMA-48, 5.3 to 5.6) but those of styles: what moves a cursor, sets a title or clears a line
 * says nothing in a log. The server takes the same ones out where it searches.
 */
// eslint-disable-next-line no-control-regex
const other_sequence = /\u001b(?!\[[0-9;]*m)(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]{0,4092}(?:\u0007|\u001b\\)|(?![[\]PX^_])[ -/]*[0-~])/g

/** What a terminal would show of a line: after a carriage return it begins anew, as progress bars do. */
export function overwritten(line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') --end
  return line.slice(end === 0 ? 0 : line.lastIndexOf('\r', end - 1) + 1, end)
}

/** What `SGR` parameters (ECMA-48, 8.3.117) switch off again, by what switches it off. */
const ends: Record<number, (set: number) => boolean> = {
  22: (set) => set === 1 || set === 2,
  23: (set) => set === 3,
  24: (set) => set === 4 || set === 21,
  25: (set) => set === 5 || set === 6,
  27: (set) => set === 7,
  28: (set) => set === 8,
  29: (set) => set === 9,
  39: isColour,
  49: isBackground,
}

function isColour(parameter: number): boolean {
  return (parameter >= 30 && parameter <= 38) || (parameter >= 90 && parameter <= 97)
}

function isBackground(parameter: number): boolean {
  return (parameter >= 40 && parameter <= 48) || (parameter >= 100 && parameter <= 107)
}

/**
 * The style that is in force after a line that begins with `style`: the parameters that would set it again, as `1;31`. A
 * terminal goes on with it in the next line.
 */
export function styleAfter(style: string, line: string): string {
  if (!line.includes('\u001b[')) return style
  let set = style === '' ? [] : parametersOf(style)
  // eslint-disable-next-line no-control-regex
  for (const [, list] of line.matchAll(/\u001b\[([0-9;]*)m/g)) {
    for (const parameter of parametersOf(list!)) {
      const [number] = parameter as [number]
      if (number === 0) set = []
      else {
        const ended = ends[number] ?? (isColour(number) ? isColour : isBackground(number) ? isBackground : (other: number) => other === number)
        set = set.filter(([other]) => !ended(other!))
        if (!(number in ends)) set.push(parameter)
      }
    }
  }
  return set.map((parameter) => parameter.join(';')).join(';')
}

/** The parameters of a sequence, each with those that belong to it: `38;5;208` is one. */
function parametersOf(list: string): number[][] {
  const numbers = list.split(';').map(Number)
  const parameters: number[][] = []
  for (let at = 0; at < numbers.length; ) {
    const is_extended = numbers[at] === 38 || numbers[at] === 48
    const length = !is_extended ? 1 : numbers[at + 1] === 5 ? 3 : numbers[at + 1] === 2 ? 5 : 1
    parameters.push(numbers.slice(at, at + length))
    at += length
  }
  return parameters
}

/** Takes a line with the escape sequences of terminals (ECMA-48) apart. `style` is in force where it begins. */
export function spansOf(line: string, style = ''): Span[] {
  const state = overwritten(line)
  const begun = styleAfter(style, line.slice(0, line.lastIndexOf(state)))
  const shown = begun === '' || state === '' ? state : `\u001b[${begun}m${state}`
  if (!shown.includes('\u001b')) return shown === '' ? [] : [{ text: shown, classes: '' }]
  return Anser.ansiToJson(shown.replace(other_sequence, ''), { json: true, use_classes: true, remove_empty: true }).map((entry) => {
    const background = colourOf(entry.bg, entry.bg_truecolor)
    const color = entry.fg === 'ansi-black' && background ? blackOn(background) : colourOf(entry.fg, entry.fg_truecolor)
    const classes = [
      ...entry.decorations.filter((each) => each !== 'hidden' && each !== 'blink').map((each) => `ansi-${each}`),
      ...(color?.name ? [`ansi-${color.name}`] : []),
      ...(background?.name ? [`ansi-on-${background.name}`] : []),
    ]
    return {
      text: entry.content,
      classes: classes.join(' '),
      ...(color?.value && { color: color.value }),
      ...(background?.value && { background: background.value }),
    }
  })
}

/** One of the sixteen, which style.css knows by their names, or another. */
type Colour = { name: string; value?: never } | { name?: never; value: string } | undefined

/** `truth` counts where `palette` says so: Anser leaves it as it was otherwise. */
function colourOf(palette: string | null, truth: string | null): Colour {
  if (palette === null) return undefined
  if (palette === 'ansi-truecolor') return truth === null ? undefined : { value: `rgb(${truth})` }
  const number = /^ansi-palette-(\d+)$/.exec(palette)?.[1]
  return number === undefined ? { name: palette.replace('ansi-', '') } : { value: paletteColour(Number(number)) }
}

/** Black text, as what is reversed has: the named backgrounds are dark, whatever is written on them. */
function blackOn(background: NonNullable<Colour>): Colour {
  return background.value ? { value: 'var(--log-canvas)' } : undefined
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
