import { callersVariables } from '@/lib/env'
import { api } from './client'
import type { Run } from './types'

/** Executes the definition of a run as that run was: its variables, command, memory, CPU, limits, cluster, owner. */
export function runAgain(run: Run): Promise<Run> {
  return api.answer(
    api.client.PUT('/api/v4/task/{definition_id}/execute', {
      params: { path: { definition_id: run.definition_id } },
      body: {
        cluster: run.cluster,
        env: callersVariables(run.env),
        command: run.command,
        memory: run.memory,
        cpu: run.cpu ?? 0,
        gpu: run.gpu ?? 0,
        timeout_seconds: run.timeout_seconds ?? 0,
        queue_timeout_seconds: run.queue_timeout_seconds ?? 0,
        ...(run.retry ? { retry: run.retry } : {}),
        ...(run.secrets ? { secrets: run.secrets } : {}),
        ...(run.labels ? { labels: run.labels } : {}),
        ...(run.description ? { description: run.description } : {}),
        run_tags: { owner_id: run.user ?? 'v1-unknown' },
      },
    }),
  )
}
