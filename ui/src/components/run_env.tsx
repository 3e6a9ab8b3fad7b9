import { useQuery } from '@tanstack/react-query'
import { definitionQuery } from '@/api/queries'
import type { Run } from '@/api/types'
import { callersVariables, inheritedVariables, serversVariables } from '@/lib/env'
import { EnvTable } from './env_table'
import { Ago } from './time'

/** What a run found in its environment, by where it came from. What it took from its task is known as the task is now. */
export function RunEnv({ run }: { run: Run }) {
  const task = useQuery({ ...definitionQuery(run.definition_id), enabled: run.definition_id !== '' }).data
  const own = callersVariables(run.env)
  const has_changed = task?.updated_at !== undefined && Date.parse(task.updated_at) > Date.parse(run.queued_at)
  return (
    <EnvTable
      groups={[
        { title: 'Set for this run', variables: own },
        {
          title: 'From its task, as it is now',
          note: has_changed && (
            <>
              The task was changed <Ago time={task.updated_at!} />, after this run was made: it may have had others.
            </>
          ),
          variables: task ? inheritedVariables(task.env, own) : [],
        },
        { title: 'Set by the server', variables: serversVariables(run.env) },
      ]}
      secrets={run.secrets ?? []}
    />
  )
}
