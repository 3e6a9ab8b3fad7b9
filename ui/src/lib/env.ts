export interface Variable {
  name: string
  value: string
}

/** What was read from pasted lines. */
export interface Pasted {
  variables: Variable[]
  /** Lines in which no variable stands, counted from 1. */
  left: { number: number; text: string }[]
}

/**
 * Reads pasted lines `NAME=VALUE`, as of an .env file or `docker run -e`, or `NAME: VALUE`, as of a compose file: blanks around
 * the sign, `export ` or a dash before a name, quotes around a value, empty lines and comments are allowed. A value in quotes,
 * and a key or certificate in PEM (RFC 7468), goes on to its end over lines. Nothing if it is a text of one line that is to be
 * pasted as it is.
 */
export function parseVariables(text: string): Pasted | undefined {
  const lines = text.trimEnd().split(/\r?\n/)
  const pasted: Pasted = { variables: [], left: [] }
  for (let at = 0; at < lines.length; ++at) {
    const line = lines[at]!.trim()
    if (line === '' || line.startsWith('#')) continue
    const [, name, begun] = pair.exec(line) ?? []
    const last = begun === undefined ? undefined : lastLine(lines, at, begun)
    if (name === undefined || begun === undefined || last === undefined) pasted.left.push({ number: at + 1, text: line })
    else {
      pasted.variables.push({ name, value: unquoted([begun, ...lines.slice(at + 1, last + 1)].join('\n').trim()) })
      at = last
    }
  }
  return lines.length === 1 && pasted.variables.length === 0 ? undefined : pasted
}

const pair = /^(?:export\s+|-e\s+|--env\s+|-\s+)?([A-Za-z_][A-Za-z0-9_.-]*)(?:\s*=\s*|:\s+)(.*)$/

/** The number of the line in which a value ends that begins so; undefined if it never does. */
function lastLine(lines: readonly string[], at: number, begun: string): number | undefined {
  const label = /^-----BEGIN ([^-]*)-----$/.exec(begun)?.[1]
  const is_open = /^(?:"(?:[^"\\]|\\.)*|'[^']*)$/.test(begun)
  if (label === undefined && !is_open) return at
  const ends = (line: string) => (label !== undefined ? line === `-----END ${label}-----` : begun.startsWith('"') ? /(?:^|[^\\])(?:\\\\)*"$/.test(line) : line.endsWith("'"))
  const last = lines.findIndex((line, index) => index > at && ends(line.trimEnd()))
  return last < 0 ? undefined : last
}

function unquoted(value: string): string {
  const quote = value[0]
  if (value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote)) {
    const inner = value.slice(1, -1)
    return quote === '"' ? inner.replace(/\\(["\\n])/g, (_, each: string) => (each === 'n' ? '\n' : each)) : inner
  }
  return value
}

/** What is to be known of rows whose name stands again further down, by their numbers. */
export function repeatedRows(rows: readonly Variable[]): Record<number, string> {
  const last = new Map(rows.map(({ name }, index) => [name, index]))
  return Object.fromEntries(
    rows.flatMap(({ name }, index) => (name !== '' && last.get(name) !== index ? [[index, `${name} stands again in row ${last.get(name)! + 1}, which is the one that counts.`]] : [])),
  )
}

/** Whether the value of a variable of that name is better not shown to whoever looks over a shoulder. */
export function looksSecret(name: string): boolean {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()
  return (
    /(PASSWORD|PASSWD|PASSPHRASE)([_.-]|$)/.test(words) ||
    /(^|[_.-])(SECRET|PASS|PWD|TOKEN|JWT|PAT|CREDENTIALS?|WEBHOOK|(API|ACCESS|PRIVATE|SECRET|SIGNING|ENCRYPTION|AUTH|OPENAI|ANTHROPIC|LICEN[CS]E)[_-]?KEY|DSN|DATABASE_URL|CONNECTION_STRING)([_.-]|$)/.test(words)
  )
}

/** How many variables the server sets itself; they stand first: its mode, the run's id, and the owner, under a name that is
 * configured. */
const reserved_count = 3

/** The variables of a run that its caller set: what running it again needs. */
export function callersVariables(variables: readonly Variable[]): Variable[] {
  const has_reserved = variables[0]?.name === 'FLOTILLA_SERVER_MODE' && variables[1]?.name === 'FLOTILLA_RUN_ID'
  return has_reserved ? variables.slice(reserved_count) : [...variables]
}

/** The variables that the server set in a run. */
export function serversVariables(variables: readonly Variable[]): Variable[] {
  return variables.slice(0, variables.length - callersVariables(variables).length)
}

/** The variables of a definition that a run with variables of its own takes over. */
export function inheritedVariables(definition: readonly Variable[], own: readonly Variable[]): Variable[] {
  const names = new Set(own.map(({ name }) => name))
  return effectiveVariables(definition).filter(({ name }) => !names.has(name))
}

/** The variables of a task as a run of it finds them: of a repeated name the last counts. */
export function effectiveVariables(variables: readonly Variable[]): Variable[] {
  return [...new Map(variables.map(({ name, value }) => [name, { name, value }])).values()]
}

/** The variables of the definition, each once, with those of the run over them, as a form begins with them. */
export function mergedVariables(definition: readonly Variable[], run: readonly Variable[]): Variable[] {
  return effectiveVariables([...definition, ...run])
}

/** Rows of a form after variables were pasted into a name: those there are get their new values, the others come in at `index`. */
export function withPasted(rows: readonly Variable[], index: number, pasted: readonly Variable[]): Variable[] {
  const values = new Map(pasted.map(({ name, value }) => [name, value]))
  const known = new Set(rows.map(({ name }) => name))
  const added = effectiveVariables(pasted).filter(({ name }) => !known.has(name))
  const kept = rows.map(({ name, value }) => ({ name, value: values.get(name) ?? value }))
  const rest = kept.slice(index)
  if (rest[0]?.name === '') rest.shift()
  return [...kept.slice(0, index), ...added, ...rest]
}
