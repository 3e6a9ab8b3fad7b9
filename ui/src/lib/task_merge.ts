import type { TaskValues } from './task_values'

export type TaskField = keyof TaskValues

/** What two people made of one task. */
export interface Merge {
  values: TaskValues
  /** What only the other one changed. */
  taken: TaskField[]
  /** What both changed, each otherwise: `values` has this one's. */
  contested: TaskField[]
}

/** The changes that `mine` and `theirs` each make to `base`, together. */
export function mergeTasks(base: TaskValues, theirs: TaskValues, mine: TaskValues): Merge {
  const differ = (name: TaskField, one: TaskValues, other: TaskValues) => JSON.stringify(one[name]) !== JSON.stringify(other[name])
  const changed = (Object.keys(base) as TaskField[]).filter((name) => differ(name, base, theirs))
  const taken = changed.filter((name) => !differ(name, base, mine))
  const contested = changed.filter((name) => differ(name, base, mine) && differ(name, theirs, mine))
  return { values: { ...mine, ...Object.fromEntries(taken.map((name) => [name, theirs[name]])) }, taken, contested }
}

/** What people call each field. */
export const field_words: Record<TaskField, string> = {
  alias: 'Alias',
  group_name: 'Group',
  image: 'Image',
  command: 'Command',
  memory: 'Memory',
  cpu: 'CPU',
  gpu: 'GPUs',
  description: 'Description',
  env: 'Variables',
  tags: 'Tags',
  ports: 'Ports',
  user: 'User',
  secrets: 'Secrets',
  labels: 'Labels',
  timeout_seconds: 'Time limit',
  queue_timeout_seconds: 'Waits at most',
  retry_attempts: 'Attempts',
  retry_backoff: 'First pause',
  retry_on: 'Try again after',
  retry_codes: 'Exit codes to try again after',
}
