import { bodyAgain } from '@/lib/commands'
import { api } from './client'
import type { Run } from './types'

/** Executes the definition of a run as that run was: its variables, command, memory, CPU, limits, cluster, owner. */
export function runAgain(run: Run): Promise<Run> {
  return api.answer(
    api.client.PUT('/api/v4/task/{definition_id}/execute', {
      params: { path: { definition_id: run.definition_id } },
      body: bodyAgain(run),
    }),
  )
}
