import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Copy, MoreHorizontal, Pencil, Play, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { api } from '@/api/client'
import { definitionByAliasQuery, definitionQuery, live_statuses, runsQuery } from '@/api/queries'
import type { Definition } from '@/api/types'
import { EnvTable } from '@/components/env_table'
import { JsonView } from '@/components/json_view'
import { PageHead } from '@/components/page_head'
import { Panel } from '@/components/panel'
import { RunBrowser } from '@/components/run_browser'
import { Failure, Mistakes, Skeleton } from '@/components/states'
import { Tag } from '@/components/tag'
import { TaskFacts } from '@/components/task_facts'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Menu, MenuItem, MenuLine } from '@/components/ui/menu'
import { Tab, TabList, TabPanel, TabSet } from '@/components/ui/tabs'
import { counted } from '@/lib/format'
import { inWords } from '@/lib/mistakes'
import type { TaskRunsSearch } from '@/lib/search_params'
import { useTitle } from '@/lib/use_title'

const by_id = getRouteApi('/tasks/$definition_id')
const by_alias = getRouteApi('/tasks/alias/$alias')

type Navigate = (search: TaskRunsSearch, replace: boolean) => void

export function TaskPage() {
  const { definition_id } = by_id.useParams()
  const navigate = useNavigate({ from: '/tasks/$definition_id' })
  const found = useQuery(definitionQuery(definition_id))
  return <Found found={found} search={by_id.useSearch()} onSearch={(search, replace) => void navigate({ search, replace })} />
}

export function TaskByAliasPage() {
  const { alias } = by_alias.useParams()
  const navigate = useNavigate({ from: '/tasks/alias/$alias' })
  const found = useQuery(definitionByAliasQuery(alias))
  return <Found found={found} search={by_alias.useSearch()} onSearch={(search, replace) => void navigate({ search, replace })} />
}

interface FoundProps {
  found: { data: Definition | undefined; error: Error | null; isPending: boolean; refetch: () => unknown }
  search: TaskRunsSearch
  onSearch: Navigate
}

function Found({ found, search, onSearch }: FoundProps) {
  useTitle(found.data?.alias ?? 'Task')
  if (found.isPending) return <Skeleton rows={10} />
  if (!found.data) {
    return (
      <Panel>
        <Failure error={found.error!} retry={() => void found.refetch()} />
      </Panel>
    )
  }
  return <TaskView key={found.data.definition_id} task={found.data} search={search} onSearch={onSearch} />
}

function TaskView({ task, search, onSearch }: { task: Definition; search: TaskRunsSearch; onSearch: Navigate }) {
  const { definition_id } = task
  const [is_deleting, setDeleting] = useState(false)
  const { view, ...filters } = search
  const run_button = (
    <Button asChild look="primary">
      <Link to="/tasks/$definition_id/run" params={{ definition_id }}>
        <Play /> Run…
      </Link>
    </Button>
  )
  return (
    <>
      <PageHead
        above={<Link to="/tasks" search={{ group: task.group_name }} className="hover:text-accent">{task.group_name}</Link>}
        title={task.alias}
        beside={task.tags?.map((tag) => (
          <Link key={tag} to="/tasks" search={{ tag }} className="hover:opacity-70">
            <Tag>{tag}</Tag>
          </Link>
        ))}
      >
        <Button asChild className="max-sm:hidden">
          <Link to="/tasks/$definition_id/edit" params={{ definition_id }}>
            <Pencil /> Edit
          </Link>
        </Button>
        <Menu
          trigger={
            <Button size="icon" aria-label="More to do">
              <MoreHorizontal />
            </Button>
          }
        >
          <MenuItem asChild>
            <Link to="/tasks/$definition_id/edit" params={{ definition_id }}>
              <Pencil /> Edit
            </Link>
          </MenuItem>
          <MenuItem asChild>
            <Link to="/tasks/$definition_id/copy" params={{ definition_id }}>
              <Copy /> Copy
            </Link>
          </MenuItem>
          <MenuLine />
          <MenuItem danger onSelect={() => setDeleting(true)}>
            <Trash2 /> Delete…
          </MenuItem>
        </Menu>
        {run_button}
      </PageHead>
      {task.description && <p className="-mt-2 mb-4 max-w-3xl whitespace-pre-line text-soft">{task.description}</p>}
      <TabSet value={view ?? 'task'} onValueChange={(next) => onSearch({ ...filters, view: next === 'json' ? 'json' : undefined }, true)}>
        <TabList aria-label="Parts of the task" className="mb-4 flex gap-4 border-b border-line">
          <Tab value="task">Task</Tab>
          <Tab value="json">JSON</Tab>
        </TabList>
        <TabPanel value="task" className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-[minmax(0,1fr)_360px]">
          <div className="min-w-0">
            <h2 className="mb-2.5 text-[15px] font-semibold">Runs</h2>
            <RunBrowser search={filters} onSearch={onSearch} definition_id={definition_id} empty={run_button} />
          </div>
          <div className="min-w-0 space-y-4">
            <TaskFacts task={task} />
            <EnvTable groups={[{ variables: task.env }]} secrets={task.secrets ?? []} />
          </div>
        </TabPanel>
        <TabPanel value="json">
          <Panel>
            <JsonView value={task} />
          </Panel>
        </TabPanel>
      </TabSet>
      {is_deleting && <DeleteDialog task={task} onClose={() => setDeleting(false)} />}
    </>
  )
}

/** Deleting takes the history away with it, so it says how much that is. */
function DeleteDialog({ task, onClose }: { task: Definition; onClose: () => void }) {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const of_task = { definition_id: [task.definition_id], limit: 1 }
  const runs = useQuery({ ...runsQuery(of_task), refetchInterval: false })
  const live = useQuery(runsQuery({ ...of_task, status: live_statuses }))
  const remove = useMutation({
    mutationFn: () => api.answer(api.client.DELETE('/api/v1/task/{definition_id}', { params: { path: { definition_id: task.definition_id } } })),
    onSuccess: async () => {
      await navigate({ to: '/tasks', replace: true })
      queries.removeQueries({ queryKey: ['definition', task.definition_id] })
      await queries.invalidateQueries()
    },
  })
  const total = runs.data?.total
  const live_count = live.data?.total ?? 0
  if (live_count > 0) {
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && onClose()}
        title={`${task.alias} has ${counted(live_count, 'live run')}`}
        description={`A task is deleted once none of its runs is live: stop ${live_count === 1 ? 'it' : 'them'} first.`}
      >
        <div className="mt-3 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button asChild look="primary" onClick={onClose}>
            <Link to="/tasks/$definition_id" params={{ definition_id: task.definition_id }} search={{ status: 'live' }}>
              Show {live_count === 1 ? 'it' : 'them'}
            </Link>
          </Button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${task.alias}?`}
      description={
        total === undefined
          ? 'The task goes, with all of its runs.'
          : total === 0
            ? 'It has never run.'
            : `The task goes, with ${counted(total, 'run')} and what is known of ${total === 1 ? 'it' : 'them'}. That cannot be undone.`
      }
    >
      {remove.isError && <Mistakes>{inWords(remove.error.message)}</Mistakes>}
      <div className="mt-3 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
          <Trash2 /> Delete the task
        </Button>
      </div>
    </Dialog>
  )
}
