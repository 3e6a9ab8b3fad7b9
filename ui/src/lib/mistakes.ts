/** What the server says of a form, line by line, at the field that it concerns. */

import { imageTrouble } from './images'

/** Words of the server's messages by which the field is known that they are about. */
const words: [RegExp, string][] = [
  [/\balias\b/i, 'alias'],
  [/\bgroup[_ ]name\b/i, 'group_name'],
  [/^cluster\b|on cluster \[/i, 'cluster'],
  [/\bimage\b/i, 'image'],
  [/\bqueue_timeout_seconds\b/, 'queue_timeout_seconds'],
  [/\b(timeout_seconds|active_deadline_seconds)\b/, 'timeout_seconds'],
  [/\bretry\b/, 'retry_attempts'],
  [/\bmemory\b/, 'memory'],
  [/\bcommand\b/, 'command'],
  [/\bcpu\b/, 'cpu'],
  [/\bgpus?\b/i, 'gpu'],
  [/\bports?\b/, 'ports'],
  [/\bsecrets?\b/, 'secrets'],
  [/\blabels?\b/, 'labels'],
  [/\btags?\b(?! must exist)/, 'tags'],
  [/\brun_tags\b|\bowner\b/, 'owner'],
  [/\b(env|variable)\b/, 'env'],
  [/\buser\b/, 'user'],
  [/\bdescription\b/, 'description'],
]

export interface PlacedMistakes {
  /** Messages by the name of the field. */
  fields: Record<string, string>
  /** What concerns no field of this form. */
  others: string[]
}

export function placeMistakes(message: string, fields: readonly string[]): PlacedMistakes {
  const placed: PlacedMistakes = { fields: {}, others: [] }
  for (const line of message.split('\n').filter((each) => each !== '')) {
    const field = fieldOf(line, fields)
    if (field === undefined) placed.others.push(line)
    else placed.fields[field] = placed.fields[field] === undefined ? readable(line) : `${placed.fields[field]}\n${readable(line)}`
  }
  return placed
}

/** The message of each row of a list that a form found wrong, by its number. */
export function rowMessages(error: unknown): Record<number, string> {
  const rows: unknown[] = Array.isArray(error) ? error : []
  return Object.fromEntries(
    rows.flatMap((row, index) => {
      const message = (row as { message?: unknown } | undefined)?.message
      return typeof message === 'string' ? [[index, message]] : []
    }),
  )
}

function fieldOf(line: string, fields: readonly string[]): string | undefined {
  const named = /^(?:string|int) \[(\w+)\]/.exec(line)?.[1]
  if (named !== undefined && fields.includes(named)) return named
  if (line.includes('cannot be run on cluster')) return fields.includes('memory') ? 'memory' : 'cluster'
  return words.find(([pattern, field]) => fields.includes(field) && pattern.test(line))?.[1]
}

/** In place of a text that programs match on, one for people. */
function readable(line: string): string {
  const taken = /^definition with alias \[(.*)\] aleady exists$/.exec(line)?.[1]
  if (taken !== undefined) return `There is a task ${taken} already: choose another alias`
  const cluster = /cannot be run on cluster \[(.*)\]$/.exec(line)?.[1]
  if (cluster !== undefined) return `That is as much as the largest host of the cluster ${cluster} has, or more: ask for less`
  return imageTrouble(line) ?? line
}
