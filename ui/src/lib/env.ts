export interface Variable {
  name: string
  value: string
}

/**
 * Reads pasted lines `NAME=VALUE`, as of an .env file or `docker run -e`: `export ` before a name, quotes around a value,
 * empty lines and comments are allowed. Nothing if any other line is no such pair: then it is a text to paste as it is.
 */
export function parseVariables(text: string): Variable[] | undefined {
  const variables: Variable[] = []
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const pair = /^(?:export\s+|-e\s+|--env\s+)?([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/.exec(line)
    if (!pair) return undefined
    variables.push({ name: pair[1]!, value: unquoted(pair[2]!.trim()) })
  }
  return variables.length > 0 ? variables : undefined
}

function unquoted(value: string): string {
  const quote = value[0]
  if (value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote)) {
    const inner = value.slice(1, -1)
    return quote === '"' ? inner.replaceAll('\\"', '"').replaceAll('\\n', '\n').replaceAll('\\\\', '\\') : inner
  }
  return value
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
