import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Dialog } from 'radix-ui'
import { useDeferredValue, useState } from 'react'
import { api } from '@/api/client'
import type { Run, RunQuery } from '@/api/types'
import { runState } from '@/lib/run_state'
import { StateBadge } from './state_badge'
import { Ago } from './time'

const most = 7
/** Among how many of the newest runs the beginning of an id is looked for. */
const recent = 200

async function find(text: string, signal: AbortSignal) {
  const { client, answer } = api
  const tasks = answer(client.GET('/api/v1/task', { params: { query: { limit: most, sort_by: 'alias', ...(text && { alias: [text] }) } }, signal }))
  const runs = await findRuns(text, signal)
  return { tasks: (await tasks).definitions, runs: runs.slice(0, most) }
}

/** Runs by a part of their alias, their whole id, or, of recent ones, its beginning. */
async function findRuns(text: string, signal: AbortSignal): Promise<Run[]> {
  const list = async (query: RunQuery) =>
    (await api.answer(api.client.GET('/api/v1/history', { params: { query: { sort_by: 'queued_at', order: 'desc', ...query } }, signal }))).history
  const id = text.toLowerCase()
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id)) return list({ limit: 1, run_id: [id] })
  const by_alias = list({ limit: most, ...(text && { alias: [text] }) })
  const by_id = /^[0-9a-f]{3}[0-9a-f-]*$/.test(id) ? (await list({ limit: recent })).filter((run) => run.run_id.startsWith(id)) : []
  return [...by_id, ...(await by_alias).filter((run) => !by_id.some((found) => found.run_id === run.run_id))]
}

/** Finds tasks by a part of their alias, and runs by that or by their id. */
export default function QuickSearch({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const wanted = useDeferredValue(text.trim())
  const navigate = useNavigate()
  const found = useQuery({
    queryKey: ['search', wanted],
    queryFn: ({ signal }) => find(wanted, signal),
    placeholderData: keepPreviousData,
  })
  const go = (to: string) => {
    onClose()
    void navigate({ to })
  }
  const heading = '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-[12px] [&_[cmdk-group-heading]]:font-semibold [&_[cmdk-group-heading]]:text-faint'
  const item = 'flex cursor-pointer items-center gap-3 rounded-md px-2.5 py-2 data-[selected=true]:bg-quiet'
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="animate-appear fixed inset-0 z-40 bg-black/40 dark:bg-black/60" />
        <Dialog.Content
          aria-describedby={undefined}
          className="animate-appear fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl border border-edge bg-panel shadow-2xl"
        >
          <Dialog.Title className="sr-only">Search tasks and runs</Dialog.Title>
          <Command shouldFilter={false} label="Search tasks and runs" loop>
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder="A part of a task's alias, or the id of a run"
              className="h-12 w-full border-b border-line bg-transparent px-4 text-[15px] outline-none"
            />
            <Command.List className="max-h-[55vh] overflow-y-auto p-1.5">
              {found.data && (
                <Command.Empty className="px-3 py-8 text-center text-soft">
                  Nothing is called that. Aliases are found by any part, in the same case; runs by their id, recent ones by its beginning.
                </Command.Empty>
              )}
              {found.isError && <p className="px-3 py-8 text-center text-bad">{found.error.message}</p>}
              {found.data && found.data.tasks.length > 0 && (
                <Command.Group heading="Tasks" className={heading}>
                  {found.data.tasks.map((task) => (
                    <Command.Item key={task.definition_id} value={`task ${task.definition_id}`} className={item} onSelect={() => go(`/tasks/${encodeURIComponent(task.definition_id)}`)}>
                      <span className="truncate font-[550]">{task.alias}</span>
                      <span className="grow truncate text-right text-faint">{task.group_name}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              {found.data && found.data.runs.length > 0 && (
                <Command.Group heading="Runs" className={heading}>
                  {found.data.runs.map((run) => (
                    <Command.Item key={run.run_id} value={`run ${run.run_id}`} className={item} onSelect={() => go(`/runs/${run.run_id}`)}>
                      <span className="truncate">{run.alias}</span>
                      <span className="mono grow truncate text-faint">{run.run_id.slice(0, 8)}</span>
                      <StateBadge state={runState(run)} />
                      <span className="hidden w-24 text-right text-faint sm:inline">
                        <Ago time={run.finished_at ?? run.started_at ?? run.queued_at} />
                      </span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
