import { z } from 'zod'
import type { Definition, ExitClass, NewDefinition } from '@/api/types'
import { countText } from './format'

// The policy of the page lets nothing be made of text, so zod need not try.
z.config({ jitless: true })

/** What the form of a task holds: texts as they are written. */

/** `what` it is a number of, and an example maybe. */
const whole = (name: string, least: number, most: number, { what = '', example = '' } = {}) =>
  z.string().refine((text) => text.trim() === '' || (/^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most), {
    error: `${name} is a whole number${what && ` of ${what}`} from ${countText(least)} to ${countText(most)}${example && `, ${example}`}`,
  })

export const most_memory = 2_147_483_647
const most_seconds = 31_622_400

/** Of texts by which lists are filtered: an alias, a tag, an owner. */
const most_bytes = 1000
export const fitsIndex = (text: string) => new TextEncoder().encode(text).length <= most_bytes
export const too_long = `At most ${countText(most_bytes)} bytes`

const variable = z.object({ name: z.string(), value: z.string() })

export const variablesSchema = z.array(variable).superRefine((variables, context) => {
  variables.forEach(({ name, value }, index) => {
    const trouble =
      name === '' && value !== ''
        ? 'A variable needs a name'
        : name.includes('=')
          ? 'A name has no ='
          : /^FLOTILLA_(SERVER_MODE|RUN_ID)$/.test(name)
            ? `${name} is set by the server`
            : undefined
    if (trouble) context.addIssue({ code: 'custom', message: trouble, path: [index] })
  })
})

export const memorySchema = whole('Memory', 1, most_memory, { what: 'MiB', example: 'as 2048 for 2 GiB' })
export const secondsSchema = whole('A time', 0, most_seconds, { what: 'seconds' })
export const coresSchema = z.string().refine((text) => {
  if (text.trim() === '') return true
  const millicores = Math.round(Number(text) * 1000)
  return Number.isFinite(millicores) && millicores >= 10 && millicores <= 1_000_000
}, 'CPU is a number of cores, from 0.01 to 1000')

export const gpuSchema = whole('GPUs', 0, 1000)

export const retry_causes: { value: ExitClass; word: string }[] = [
  { value: 'job_failed', word: 'any failure of the job' },
  { value: 'out_of_memory', word: 'out of memory' },
  { value: 'timed_out', word: 'timed out' },
  { value: 'image_not_found', word: 'image not found' },
  { value: 'image_unavailable', word: 'image unavailable' },
  { value: 'start_failed', word: 'start failed' },
  { value: 'host_lost', word: 'host lost' },
  { value: 'engine_error', word: 'engine error' },
]

export const taskSchema = z.object({
  alias: z.string().trim().min(1, 'A task needs an alias, by which it is run').refine(fitsIndex, too_long),
  group_name: z
    .string()
    .min(1, 'A task needs a group')
    .max(255, 'At most 255 characters')
    .regex(/^[A-Za-z0-9_-]*$/, 'Letters, digits, _ and - only'),
  image: z.string().trim().min(1, 'Which image does it run in?').regex(/^\S*$/, 'An image has no blanks'),
  command: z.string().refine((text) => text.trim() !== '', 'What is it to do?'),
  memory: memorySchema.refine((text) => text.trim() !== '', 'How much memory does it get?'),
  cpu: coresSchema,
  gpu: gpuSchema,
  description: z.string(),
  env: variablesSchema,
  tags: z.array(z.string()).refine((tags) => tags.every(fitsIndex), `${too_long} each`),
  ports: z.string().refine((text) => {
    const ports = numbersIn(text)
    return ports !== undefined && ports.every((port) => port >= 1 && port <= 65535) && new Set(ports).size === ports.length
  }, 'Ports are different whole numbers from 1 to 65535'),
  user: z.string(),
  secrets: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'Names of secrets are names of variables')),
  labels: z.array(variable),
  timeout_seconds: secondsSchema,
  queue_timeout_seconds: secondsSchema,
  retry_attempts: whole('Attempts', 1, 100),
  retry_backoff: whole('The pause', 0, 86_400, { what: 'seconds' }),
  retry_on: z.array(z.string()),
  retry_codes: z.string().refine((text) => numbersIn(text)?.every((code) => code >= 1 && code <= 255), 'Exit codes are from 1 to 255'),
})

export type TaskValues = z.infer<typeof taskSchema>

/** Whole numbers, separated by commas or blanks; undefined if there is anything else. */
export function numbersIn(text: string): number[] | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  return words.every((word) => /^\d+$/.test(word)) ? words.map(Number) : undefined
}

export const empty_task: TaskValues = {
  alias: '',
  group_name: '',
  image: '',
  command: '',
  memory: '512',
  cpu: '',
  gpu: '',
  description: '',
  env: [],
  tags: [],
  ports: '',
  user: '',
  secrets: [],
  labels: [],
  timeout_seconds: '',
  queue_timeout_seconds: '',
  retry_attempts: '',
  retry_backoff: '',
  retry_on: [],
  retry_codes: '',
}

/** A task that shows what there is, in an image that the server has. */
export function exampleTask(image: string): TaskValues {
  return {
    ...empty_task,
    alias: 'hello',
    group_name: 'examples',
    image,
    memory: '64',
    command: 'echo "Hello ${USERNAME}, I run in a container of my own."\nfor i in 1 2 3 4 5; do\n  echo "step $i of 5"\n  sleep 1\ndone\necho done',
    env: [{ name: 'USERNAME', value: 'world' }],
    tags: ['example'],
    description: 'Greets you and counts to five.',
  }
}

export function taskValues(task: Definition): TaskValues {
  const text = (value: number | undefined) => (value === undefined ? '' : String(value))
  const causes = task.retry?.on ?? []
  return {
    alias: task.alias,
    group_name: task.group_name,
    image: task.image,
    command: task.command,
    memory: text(task.memory),
    cpu: task.cpu === undefined ? '' : String(task.cpu / 1000),
    gpu: text(task.gpu),
    description: task.description ?? '',
    env: task.env.map((each) => ({ ...each })),
    tags: task.tags ?? [],
    ports: (task.ports ?? []).join(', '),
    user: task.user ?? '',
    secrets: task.secrets ?? [],
    labels: Object.entries(task.labels ?? {}).map(([name, value]) => ({ name, value })),
    timeout_seconds: text(task.timeout_seconds),
    queue_timeout_seconds: text(task.queue_timeout_seconds),
    retry_attempts: text(task.retry?.max_attempts),
    retry_backoff: text(task.retry?.backoff_seconds),
    retry_on: causes.filter((cause) => typeof cause === 'string'),
    retry_codes: causes.filter((cause) => typeof cause === 'number').join(', '),
  }
}

/** The same as the API takes it, with everything said, so that an update clears what was emptied. */
export function taskBody(values: TaskValues): NewDefinition {
  const number = (text: string) => (text.trim() === '' ? 0 : Number(text))
  const causes = [...(values.retry_on as ExitClass[]), ...(numbersIn(values.retry_codes) ?? [])]
  return {
    alias: values.alias.trim(),
    group_name: values.group_name,
    image: values.image.trim(),
    command: values.command,
    memory: number(values.memory),
    cpu: Math.round(Number(values.cpu || 0) * 1000),
    gpu: number(values.gpu),
    description: values.description,
    env: values.env.filter(({ name }) => name !== ''),
    tags: values.tags,
    ports: numbersIn(values.ports) ?? [],
    user: values.user.trim(),
    secrets: values.secrets,
    labels: Object.fromEntries(values.labels.filter(({ name }) => name !== '').map(({ name, value }) => [name, value])),
    timeout_seconds: number(values.timeout_seconds),
    queue_timeout_seconds: number(values.queue_timeout_seconds),
    retry:
      values.retry_attempts.trim() === ''
        ? { max_attempts: 1, backoff_seconds: null }
        : {
            max_attempts: number(values.retry_attempts),
            ...(causes.length > 0 ? { on: causes as NonNullable<NonNullable<NewDefinition['retry']>['on']> } : {}),
            backoff_seconds: values.retry_backoff.trim() === '' ? null : number(values.retry_backoff),
          },
  }
}
