import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Dialog } from 'radix-ui'
import { api } from '@/api/client'
import type { Definition, DefinitionQuery, Run, RunQuery } from '@/api/types'
import { runState } from '@/lib/run_state'
import { StateBadge } from './state_badge'
import { Ago } from './time'

const most = 7
/** Among how many of the newest runs the beginning of an id is looked for. */
const recent = 200

async function find(text: string, signal: AbortSignal) {
  const [tasks, runs] = await Promise.all([findTasks(text, signal), findRuns(text, signal)])
  return { tasks: tasks.slice(0, most), runs: runs.slice(0, most) }
}

type Found = Awaited<ReturnType<typeof find>>

function searchQuery(text: string) {
  return queryOptions({ queryKey: ['search', text], queryFn: ({ signal }) => find(text, signal) })
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The filters that find a part of an alias: as it is written, and in small letters, as the server minds the case. */
function partsOf(text: string): { alias?: string[] }[] {
  return text === '' ? [{}] : [...new Set([text, text.toLowerCase()])].map((part) => ({ alias: [part] }))
}

function distinct<Item>(items: Item[], id: (item: Item) => string): Item[] {
  return items.filter((item, at) => items.findIndex((other) => id(other) === id(item)) === at)
}

/** Tasks by a part of their alias, or their whole id. */
async function findTasks(text: string, signal: AbortSignal): Promise<Definition[]> {
  const list = async (query: DefinitionQuery) =>
    (await api.answer(api.client.GET('/api/v1/task', { params: { query: { limit: most, sort_by: 'alias', ...query } }, signal }))).definitions
  const found = await Promise.all([uuid.test(text) ? list({ definition_id: [text] }) : [], ...partsOf(text).map(list)])
  return distinct(found.flat(), ({ definition_id }) => definition_id)
}

/** Runs by a part of their alias, their whole id, or, of recent ones, its beginning. */
async function findRuns(text: string, signal: AbortSignal): Promise<Run[]> {
  const list = async (query: RunQuery) =>
    (await api.answer(api.client.GET('/api/v1/history', { params: { query: { sort_by: 'queued_at', order: 'desc', ...query } }, signal }))).history
  const id = text.toLowerCase()
  const is_whole = id.length === 36 && uuid.test(id)
  const [by_id, ...by_alias] = await Promise.all([
    is_whole ? list({ limit: 1, run_id: [id] }) : /^[0-9a-f]{3}[0-9a-f-]*$/.test(id) ? list({ limit: recent }) : [],
    ...(is_whole ? [] : partsOf(text).map((part) => list({ limit: most, ...part }))),
  ])
  return distinct([...by_id.filter((run) => run.run_id.startsWith(id)), ...by_alias.flat()], ({ run_id }) => run_id)
}

function pathOfTask({ definition_id }: Definition): string {
  return `/tasks/${encodeURIComponent(definition_id)}`
}

function pathOfRun({ run_id }: Run): string {
  return `/runs/${encodeURIComponent(run_id)}`
}

/** Finds tasks by a part of their alias or their id, and runs by that or by theirs. */
export default function QuickSearch({ text, onText, onClose }: { text: string; onText: (text: string) => void; onClose: () => void }) {
  const wanted = text.trim()
  const navigate = useNavigate()
  const found = useQuery({ ...searchQuery(wanted), placeholderData: keepPreviousData })
  const queries = useQueryClient()
  const go = (to: string) => {
    onClose()
    void navigate({ to })
  }
  const is_current = found.data !== undefined && !found.isPlaceholderData
  const goToFirst = ({ tasks: [task], runs: [run] }: Found) => {
    if (task) go(pathOfTask(task))
    else if (run) go(pathOfRun(run))
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
          <Command
            shouldFilter={false}
            label="Search tasks and runs"
            loop
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || is_current) return
              // What is listed is the answer to what was written before; the first of what is written now is meant.
              event.preventDefault()
              void queries.query(searchQuery(wanted)).then(goToFirst, () => undefined)
            }}
          >
            <Command.Input
              // At once: what is typed while the dialog opens counts.
              autoFocus
              value={text}
              onValueChange={onText}
              placeholder="A part of a task's alias, or the id of a task or run"
              className="h-12 w-full border-b border-line bg-transparent px-4 text-[15px] outline-none"
            />
            <Command.List className="max-h-[55vh] overflow-y-auto p-1.5">
              {found.data && (
                <Command.Empty className="px-3 py-8 text-center text-soft">
                  Nothing is called that. Aliases are found by any part, as written here or in small letters; tasks and runs by their id, recent runs by its beginning.
                </Command.Empty>
              )}
              {found.isError && <p className="px-3 py-8 text-center text-bad">{found.error.message}</p>}
              {found.data && found.data.tasks.length > 0 && (
                <Command.Group heading="Tasks" className={heading}>
                  {found.data.tasks.map((task) => (
                    <Command.Item key={task.definition_id} value={`task ${task.definition_id}`} className={item} onSelect={() => go(pathOfTask(task))}>
                      <span className="min-w-0 grow truncate font-[550]">{task.alias}</span>
                      <span className="max-w-[40%] shrink-0 truncate text-faint">{task.group_name}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              {found.data && found.data.runs.length > 0 && (
                <Command.Group heading="Runs" className={heading}>
                  {found.data.runs.map((run) => (
                    <Command.Item key={run.run_id} value={`run ${run.run_id}`} className={item} onSelect={() => go(pathOfRun(run))}>
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
