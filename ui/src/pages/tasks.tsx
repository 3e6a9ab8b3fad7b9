import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Play, Plus } from 'lucide-react'
import { definitionsQuery, groupsQuery, recentRunsQuery, tagsQuery } from '@/api/queries'
import type { Definition, RunSummary } from '@/api/types'
import { DataTable, type Column, type Sorting } from '@/components/data_table'
import { ChoiceFilter, TextFilter } from '@/components/filters'
import { PageHead } from '@/components/page_head'
import { Pages } from '@/components/pages'
import { Panel } from '@/components/panel'
import { RunStrip } from '@/components/run_strip'
import { StateBadge } from '@/components/state_badge'
import { Empty, Failure, Skeleton } from '@/components/states'
import { Tag } from '@/components/tag'
import { Ago, Took } from '@/components/time'
import { Button } from '@/components/ui/button'
import { countText, memoryText } from '@/lib/format'
import { runState } from '@/lib/run_state'
import type { TaskSearch } from '@/lib/search_params'
import { useTitle } from '@/lib/use_title'

const route = getRouteApi('/tasks')
const page_size = 25

interface Row {
  task: Definition
  runs: RunSummary[] | undefined
}

const columns: Column<Row>[] = [
  {
    id: 'alias',
    head: 'Alias',
    sort_by: 'alias',
    className: '',
    cell: ({ task }) => (
      <>
        <Link to="/tasks/$definition_id" params={{ definition_id: task.definition_id }} className="font-semibold [overflow-wrap:anywhere] hover:text-accent">
          {task.alias}
        </Link>
        {task.tags && (
          <div className="mt-0.5 flex flex-wrap gap-1">
            {task.tags.map((tag) => (
              <Tag key={tag}>{tag}</Tag>
            ))}
          </div>
        )}
      </>
    ),
  },
  {
    id: 'strip',
    head: 'Last 30 runs',
    className: 'w-[238px] hidden md:table-cell',
    cell: ({ runs }) => runs && <RunStrip runs={runs} />,
  },
  { id: 'last', head: 'Last run', className: 'w-[262px] max-sm:w-[150px] max-sm:px-0', cell: ({ runs }) => runs && <LastRun run={runs[0]} /> },
  {
    id: 'group',
    head: 'Group',
    sort_by: 'group_name',
    className: 'hidden lg:table-cell w-[10%] truncate text-soft',
    cell: ({ task }) => <span title={task.group_name}>{task.group_name}</span>,
  },
  {
    id: 'image',
    head: 'Image',
    sort_by: 'image',
    className: 'hidden xl:table-cell w-[15%] truncate',
    cell: ({ task }) => (
      <span className="mono text-soft" title={task.image}>
        {task.image}
      </span>
    ),
  },
  {
    id: 'memory',
    head: 'Memory',
    sort_by: 'memory',
    className: 'hidden lg:table-cell w-[88px] pl-0 text-right whitespace-nowrap tabular-nums',
    cell: ({ task }) => memoryText(task.memory),
  },
  {
    id: 'run',
    head: <span className="sr-only">Run</span>,
    className: 'w-[98px] max-sm:w-[58px] pl-0 text-right',
    cell: ({ task }) => (
      <Button asChild size="small">
        <Link to="/tasks/$definition_id/run" params={{ definition_id: task.definition_id }} aria-label={`Run ${task.alias}`}>
          <Play className="max-sm:size-3.5" /> <span className="max-sm:sr-only">Run</span>
        </Link>
      </Button>
    ),
  },
]

function LastRun({ run }: { run: RunSummary | undefined }) {
  if (!run) return <span className="text-faint">never</span>
  return (
    <Link to="/runs/$run_id" params={{ run_id: run.run_id }} className="inline-flex flex-wrap items-center gap-x-2 gap-y-0.5 hover:opacity-80">
      <StateBadge state={runState(run)} />
      <span className="whitespace-nowrap text-faint">
        <Ago time={run.finished_at ?? run.started_at ?? run.queued_at} />
        {run.started_at && (
          <>
            {' · '}
            <Took from={run.started_at} until={run.finished_at} />
          </>
        )}
      </span>
    </Link>
  )
}

export function TasksPage() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/tasks' })
  const page = search.page ?? 1
  const sorting: Sorting = { sort_by: search.sort_by ?? 'alias', order: search.order ?? 'asc' }
  useTitle('Tasks')

  const list = useQuery(
    definitionsQuery({
      limit: page_size,
      offset: (page - 1) * page_size,
      sort_by: search.sort_by ?? 'alias',
      order: sorting.order,
      ...(search.alias && { alias: [search.alias] }),
      ...(search.group && { group_name: [search.group] }),
      ...(search.image && { image: [search.image] }),
      ...(search.tag && { tags: [search.tag] }),
    }),
  )
  const tasks = list.data?.definitions ?? []
  const recent = useQuery(recentRunsQuery(tasks.map((task) => task.definition_id)))
  const groups = useQuery(groupsQuery)
  const tags = useQuery(tagsQuery)

  const change = (next: Partial<TaskSearch>) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...next }), replace: !('page' in next) })
  const has_filters = Boolean(search.alias ?? search.group ?? search.image ?? search.tag)
  const is_empty = list.isSuccess && list.data.total === 0 && !has_filters
  const is_beyond = list.isSuccess && tasks.length === 0 && list.data.total > 0

  return (
    <>
      <PageHead title="Tasks" beside={list.data && list.data.total > 0 && <span className="text-faint">{countText(list.data.total)}</span>}>
        {!is_empty && (
          <Button asChild look="primary">
            <Link to="/tasks/new">
              <Plus /> New task
            </Link>
          </Button>
        )}
      </PageHead>
      {!is_empty && (
        <div role="search" aria-label="Filters" className="mb-3 grid grid-cols-2 gap-2 md:grid-cols-[minmax(0,2fr)_repeat(3,minmax(0,1fr))]">
          <TextFilter label="Filter by alias" value={search.alias} onChange={(alias) => change({ alias })} className="max-md:col-span-2" />
          <TextFilter label="Group" value={search.group} onChange={(group) => change({ group })} offered={groups.data?.groups ?? []} />
          <TextFilter label="Image" value={search.image} onChange={(image) => change({ image })} is_mono />
          <ChoiceFilter
            label="Tag"
            value={search.tag}
            onChange={(tag) => change({ tag })}
            choices={(tags.data?.tags ?? []).map((tag) => ({ value: tag, word: tag }))}
            className="max-md:col-span-2"
          />
        </div>
      )}
      {!is_beyond && (
        <Panel>
          {list.isPending ? (
            <Skeleton rows={8} />
          ) : list.isError && !list.data ? (
            <Failure error={list.error} retry={() => void list.refetch()} />
          ) : is_empty ? (
            <FirstTask />
          ) : tasks.length === 0 ? (
            <Empty title="No task is like that" actions={<Button onClick={() => void navigate({ search: {} })}>Show all tasks</Button>}>
              Parts of aliases, groups and images are found, in the same case.
            </Empty>
          ) : (
            <DataTable
              label="Tasks"
              columns={columns}
              rows={tasks.map((task) => ({ task, runs: recent.data && (recent.data.recent_runs[task.definition_id] ?? []) }))}
              id={({ task }) => task.definition_id}
              sorting={sorting}
              onSort={({ sort_by, order }) => change({ sort_by: sort_by as TaskSearch['sort_by'], order })}
              is_stale={list.isPlaceholderData}
            />
          )}
        </Panel>
      )}
      {list.data && <Pages page={page} size={page_size} total={list.data.total} onPage={(next) => change({ page: next })} />}
    </>
  )
}

/** What somebody sees who comes to a new server. */
function FirstTask() {
  return (
    <Empty
      title="Define your first task"
      actions={
        <>
          <Button asChild look="primary">
            <Link to="/tasks/new" search={{ example: true }}>
              Begin with an example
            </Link>
          </Button>
          <Button asChild>
            <Link to="/tasks/new">Begin empty</Link>
          </Button>
        </>
      }
    >
      A task says what a job is: an image, a command, how much memory it gets. Define it once, then run it as often as you like, here, by a
      REST call, or from the command line, and read its log as it comes.
    </Empty>
  )
}
