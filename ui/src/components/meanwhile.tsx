import type { Definition } from '@/api/types'
import { field_words, type TaskField } from '@/lib/task_merge'
import { Ago } from './time'
import { Button } from './ui/button'

interface Props {
  /** As somebody else left it. */
  task: Definition
  taken: TaskField[]
  contested: TaskField[]
  onTake: (name: TaskField) => void
}

/** Says that somebody else changed a task while it was edited here, and what became of both changes. */
export function Meanwhile({ task, taken, contested, onTake }: Props) {
  const who = task.updated_by ?? 'Somebody'
  return (
    <div role="alert" className="mb-3 rounded-lg border-l-[3px] border-wait bg-wait-wash px-3.5 py-2.5">
      <p>
        <b className="font-semibold">{who} changed this task</b> {task.updated_at && <Ago time={task.updated_at} />}, while you were at it. Nothing is saved
        yet: look, then save again.
      </p>
      {taken.length > 0 && <p className="mt-1">Taken over: {taken.map((name) => field_words[name]).join(', ')}.</p>}
      {contested.map((name) => (
        <p key={name} className="mt-1 flex flex-wrap items-center gap-x-2">
          {field_words[name]}: both of you changed it, yours stands here.
          <Button size="small" aria-label={`Take theirs: ${field_words[name]}`} onClick={() => onTake(name)}>
            Take theirs
          </Button>
        </p>
      ))}
    </div>
  )
}
