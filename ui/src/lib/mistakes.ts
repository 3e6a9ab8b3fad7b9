/** What the server says of a form, line by line, at the field that it concerns. */

import { counted, cpuText, memoryText } from './format'
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
    if (field === undefined) placed.others.push(readable(line))
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
  const excess = excessOf(line)
  if (excess) return fields.includes(excess.field) ? excess.field : 'cluster'
  return words.find(([pattern, field]) => fields.includes(field) && pattern.test(line))?.[1]
}

/** What a message of the server says, for people: programs match on some of its texts. */
export function inWords(message: string): string {
  return message.split('\n').map(readable).join('\n')
}

function readable(line: string): string {
  const taken = /^definition with alias \[(.*)\] aleady exists$/.exec(line)?.[1]
  if (taken !== undefined) return `There is a task ${taken} already: choose another alias`
  const ended = /^invalid run, state: (\w+), arn: /.exec(line)?.[1]
  if (ended !== undefined) return 'It has ended by itself meanwhile'
  if (/^definition .* has \d+ unfinished runs?: /.test(line)) return 'A run of it is not over yet: stop it, or wait a moment'
  if (/^(a token is missing|the token is not known): /.test(line)) return 'Your session has ended: sign in, then try again'
  return excessOf(line)?.text ?? imageTrouble(line) ?? line
}

/** Which field asks for more than a cluster has, and what to do; undefined where the message is about something else. */
function excessOf(line: string): { field: string; text: string } | undefined {
  const [, cluster, reason = ''] = /^definition \[.*\] cannot be run on cluster \[([^\]]*)\](?:: (.*))?$/.exec(line) ?? []
  if (cluster === undefined) return undefined
  const cores = /\/1000 of a core of (\d+)$/.exec(reason)?.[1]
  if (cores !== undefined) return { field: 'cpu', text: `The cluster ${cluster} has ${cpuText(Number(cores))}: ask for no more` }
  const gpus = / GPUs?, the cluster has (\w+)$/.exec(reason)?.[1]
  if (gpus === 'none') return { field: 'gpu', text: `The cluster ${cluster} has no GPU` }
  if (gpus !== undefined) return { field: 'gpu', text: `The cluster ${cluster} has ${counted(Number(gpus), 'GPU')}: ask for no more` }
  const memory = /largest instance has (\d+) MiB$/.exec(reason)?.[1]
  const most = memory === undefined ? '' : `, ${memoryText(Number(memory))}`
  return { field: 'memory', text: `That is as much as the largest host of the cluster ${cluster} has${most}, or more: ask for less` }
}
