import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ListFilter, RotateCcw, Square } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { clustersQuery, live_statuses, runCountQuery, runsQuery } from '@/api/queries'
import type { Run, RunQuery } from '@/api/types'
import { cn } from '@/lib/class_names'
import { chosenOf, clickedRows } from '@/lib/choice'
import { counted, countText, shortId } from '@/lib/format'
import { isLive, runState } from '@/lib/run_state'
import { isDeep, partOf } from '@/lib/paging'
import { hasRunFilters, run_filter_words, run_filters, runFilterQuery, variableFilterMistake, type RunFilter, type RunSearch } from '@/lib/search_params'
import { BulkDialog, type BulkAction } from './bulk_dialog'
import { DataTable, type Column } from './data_table'
import { ChoiceFilter, TextFilter, TimeFilter } from './filters'
import { Pages } from './pages'
import { Panel, PanelHead } from './panel'
import { StateBadge } from './state_badge'
import { Empty, Failure, Skeleton } from './states'
import { Ago, Took } from './time'
import { Button } from './ui/button'

const page_size = 25
const most_live = 100

interface Props {
  search: RunSearch
  onSearch: (search: RunSearch, replace: boolean) => void
  /** Of this task only. */
  definition_id?: string
  /** What to do where there is no run at all. */
  empty: ReactNode
}

/** Runs, the live ones first, with filters, and what can be done with several of them. */
export function RunBrowser({ search, onSearch, definition_id, empty }: Props) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Run>>(new Map())
  const [action, setAction] = useState<BulkAction>()
  const [shows_more, setShowsMore] = useState(Boolean(search.started_since ?? search.started_until ?? search.finished_since ?? search.finished_until ?? search.env))

  const page = search.page ?? 1
  const filters: RunQuery = { ...runFilterQuery(search), ...(definition_id && { definition_id: [definition_id] }) }
  const is_of_one_kind = filters.status !== undefined
  const all_live: RunQuery = { ...filters, status: live_statuses }
  const live = useQuery({
    ...runsQuery({ ...all_live, limit: most_live, sort_by: 'queued_at', order: 'desc' }, 1500),
    enabled: !is_of_one_kind && page === 1,
  })
  const listed: RunQuery = { ...filters, ...(!is_of_one_kind && { status: ['STOPPED'] }) }
  // Deep in the list it counts from which end it is asked for.
  const count = useQuery({ ...runCountQuery(listed), enabled: isDeep(page, page_size) })
  const { offset, limit, is_reversed } = partOf(page, page_size, count.data)
  const list = useQuery({
    ...runsQuery(
      { ...listed, limit, offset, sort_by: 'queued_at', order: is_reversed ? 'asc' : 'desc' },
      is_of_one_kind && filters.status?.includes('STOPPED') !== true ? 1500 : 3000,
    ),
    enabled: !isDeep(page, page_size) || !count.isPending,
  })
  const live_runs = !is_of_one_kind && page === 1 ? (live.data?.history ?? []) : []
  const runs = (list.data?.order === 'asc' ? list.data.history.toReversed() : list.data?.history) ?? []

  const change = (next: Partial<RunSearch>) => onSearch({ ...search, page: undefined, ...next }, !('page' in next))
  const has_filters = hasRunFilters(search)
  const is_empty = list.isSuccess && list.data.total === 0 && live_runs.length === 0
  const choose = (some: Run[], is_chosen: boolean) => {
    const next = new Map(chosen)
    for (const run of some) {
      if (is_chosen) next.set(run.run_id, run)
      else next.delete(run.run_id)
    }
    setChosen(next)
  }
  // As they are now, so that a run that has ended meanwhile is offered again instead of stopped.
  const now_chosen = [...chosen.values()].map((run) => [...live_runs, ...runs].find((each) => each.run_id === run.run_id) ?? run)
  const [clicked, setClicked] = useState<string>()
  const columnsOf = (rows: Run[]) =>
    columnsFor({
      rows,
      chosen,
      choose,
      onClick: (run, is_chosen, with_shift) => {
        choose(clickedRows(rows, run_id, run.run_id, clicked, with_shift), is_chosen)
        setClicked(run.run_id)
      },
      with_alias: definition_id === undefined,
    })

  return (
    <>
      {!(is_empty && !has_filters) && (
        <div role="search" aria-label="Filters" className="mb-3 space-y-2">
          <div className={cn('grid grid-cols-2 gap-2', definition_id ? 'md:grid-cols-[repeat(3,minmax(0,1fr))_auto]' : 'md:grid-cols-[minmax(0,1.6fr)_repeat(3,minmax(0,1fr))_auto]')}>
            {!definition_id && <TextFilter label="Filter by alias" value={search.alias} onChange={(alias) => change({ alias })} className="max-md:col-span-2" />}
            <ChoiceFilter
              label="Status"
              value={search.status}
              onChange={(status) => change({ status: status as RunFilter | undefined })}
              choices={run_filters.map((value) => ({ value, word: run_filter_words[value] }))}
            />
            <ClusterFilter value={search.cluster} onChange={(cluster) => change({ cluster })} />
            <TextFilter label="Owner" value={search.owner} onChange={(owner) => change({ owner })} />
            <Button aria-expanded={shows_more} onClick={() => setShowsMore(!shows_more)}>
              <ListFilter /> More
            </Button>
          </div>
          {shows_more && (
            <div className="grid grid-cols-2 items-end gap-2 md:grid-cols-5">
              <TextFilter label="Variable NAME=VALUE" value={search.env} onChange={(env) => change({ env })} is_mono mistake={variableFilterMistake(search.env)} className="max-md:col-span-2" />
              <TimeFilter label="Started after" value={search.started_since} onChange={(started_since) => change({ started_since })} />
              <TimeFilter label="Started before" value={search.started_until} onChange={(started_until) => change({ started_until })} />
              <TimeFilter label="Finished after" value={search.finished_since} onChange={(finished_since) => change({ finished_since })} />
              <TimeFilter label="Finished before" value={search.finished_until} onChange={(finished_until) => change({ finished_until })} />
            </div>
          )}
        </div>
      )}
      <ChosenBar chosen={now_chosen} onClear={() => setChosen(new Map())} onAction={setAction}>
        {chosenOf(live_runs, run_id, chosen) === 'all' && live.data && <ChooseAll what="live" query={all_live} total={live.data.total} chosen={chosen} onChoose={choose} />}
        {chosenOf(runs, run_id, chosen) === 'all' && list.data && (
          <ChooseAll what={is_of_one_kind ? '' : 'ended'} query={listed} total={list.data.total} chosen={chosen} onChoose={choose} />
        )}
      </ChosenBar>
      {live_runs.length > 0 && (
        <Panel className="mb-4" label="Live runs">
          <PanelHead title={`Live · ${countText(live.data!.total)}`}>
            {live.data!.total > most_live && (
              <Button look="ghost" size="small" onClick={() => change({ status: 'live' })}>
                Show all
              </Button>
            )}
          </PanelHead>
          <DataTable label="Live runs" columns={columnsOf(live_runs)} rows={live_runs} id={run_id} />
        </Panel>
      )}
      {list.isPending ? (
        <Panel>
          <Skeleton rows={8} />
        </Panel>
      ) : list.isError && !list.data ? (
        <Panel>
          <Failure error={list.error} retry={() => void list.refetch()} />
        </Panel>
      ) : is_empty ? (
        <Panel>
          {has_filters ? (
            <Empty title="No run is like that" actions={<Button onClick={() => onSearch({}, false)}>Show all runs</Button>}>
              A part of an alias is found, in the same case; owner and variable as a whole.
            </Empty>
          ) : (
            <Empty title="Nothing has run yet" actions={empty}>
              Each time a task is run, you find it here: what it waits for, how it went, and its log.
            </Empty>
          )}
        </Panel>
      ) : (
        runs.length > 0 && (
          <Panel label="Runs">
            {live_runs.length > 0 && <PanelHead title="Ended" />}
            <DataTable label="Runs" columns={columnsOf(runs)} rows={runs} id={run_id} is_stale={list.isPlaceholderData} />
          </Panel>
        )
      )}
      {list.data && (
        <Pages page={page} size={page_size} total={list.data.total} is_estimate={list.data.total_is_estimate === true} onPage={(next) => change({ page: next })} />
      )}
      {action && (
        <BulkDialog
          action={action}
          runs={now_chosen.filter((run) => (action === 'stop' ? isLive(run) : !isLive(run)))}
          onClose={(is_done) => {
            setAction(undefined)
            if (is_done) setChosen(new Map())
          }}
        />
      )}
    </>
  )
}

function ClusterFilter({ value, onChange }: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const clusters = useQuery(clustersQuery)
  return <ChoiceFilter label="Cluster" value={value} onChange={onChange} choices={(clusters.data?.clusters ?? []).map((name) => ({ value: name, word: name }))} />
}

/** How many runs are chosen by one click at most. */
const most_chosen = 1000

/** Chooses what the filters find beyond the page, once all of the page is chosen. */
function ChooseAll({ what, query, total, chosen, onChoose }: {
  what: 'live' | 'ended' | ''
  query: RunQuery
  total: number
  chosen: ReadonlyMap<string, Run>
  onChoose: (runs: Run[], is_chosen: boolean) => void
}) {
  const queries = useQueryClient()
  const all = useMutation({
    mutationFn: () => queries.query({ ...runsQuery({ ...query, limit: most_chosen, sort_by: 'queued_at', order: 'desc' }), staleTime: 0 }),
    onSuccess: ({ history }) => onChoose(history, true),
  })
  const count = Math.min(total, most_chosen)
  if (chosen.size >= count) return null
  return (
    <Button look="ghost" size="small" disabled={all.isPending} onClick={() => all.mutate()}>
      Choose {total > most_chosen ? `the newest ${countText(most_chosen)}` : `all ${countText(total)}`} {what}
    </Button>
  )
}

function ChosenBar({ chosen, onClear, onAction, children }: { chosen: Run[]; onClear: () => void; onAction: (action: BulkAction) => void; children: ReactNode }) {
  if (chosen.length === 0) return null
  const live = chosen.filter(isLive).length
  return (
    <div role="region" aria-label="Chosen runs" className="animate-appear sticky top-[60px] z-20 mb-3 flex flex-wrap items-center gap-2 rounded-xl border border-edge bg-panel px-3.5 py-2 shadow-lg">
      <span className="grow font-[550]">{counted(chosen.length, 'run')} chosen</span>
      {children}
      <Button look="ghost" size="small" onClick={onClear}>
        Clear
      </Button>
      {live > 0 && (
        <Button look="danger" size="small" onClick={() => onAction('stop')}>
          <Square /> Stop {countText(live)}…
        </Button>
      )}
      {chosen.length > live && (
        <Button size="small" onClick={() => onAction('again')}>
          <RotateCcw /> Run {countText(chosen.length - live)} again…
        </Button>
      )}
    </div>
  )
}

interface ColumnProps {
  rows: Run[]
  chosen: ReadonlyMap<string, Run>
  choose: (runs: Run[], is_chosen: boolean) => void
  onClick: (run: Run, is_chosen: boolean, with_shift: boolean) => void
  with_alias: boolean
}

function run_id(run: Run): string {
  return run.run_id
}

function columnsFor({ rows, chosen, choose, onClick, with_alias }: ColumnProps): Column<Run>[] {
  const of_all = chosenOf(rows, run_id, chosen)
  const columns: (Column<Run> | false)[] = [
    {
      id: 'choose',
      head: (
        <input
          type="checkbox"
          className="block size-4 accent-accent"
          aria-label="Choose all of these"
          checked={of_all === 'all'}
          ref={(box) => {
            if (box) box.indeterminate = of_all === 'some'
          }}
          onChange={(event) => choose(rows, event.target.checked)}
        />
      ),
      className: 'w-10 pr-0 max-sm:hidden',
      cell: (run) => (
        <input
          type="checkbox"
          className="block size-4 accent-accent"
          aria-label={`Choose run ${shortId(run.run_id)} of ${run.alias}`}
          checked={chosen.has(run.run_id)}
          onChange={(event) => onClick(run, event.target.checked, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
        />
      ),
    },
    { id: 'state', head: 'Status', className: 'w-[178px] max-sm:w-[146px] max-sm:pr-0', cell: (run) => <StateBadge state={runState(run)} suffix={exitSuffix(run)} /> },
    with_alias && {
      id: 'alias',
      head: 'Task',
      className: '',
      cell: (run) => (
        <Link to="/runs/$run_id" params={{ run_id: run.run_id }} className="font-semibold [overflow-wrap:anywhere] hover:text-accent">
          {run.alias}
        </Link>
      ),
    },
    {
      id: 'id',
      head: 'Run',
      className: with_alias ? 'w-28 hidden md:table-cell' : 'w-28 max-sm:w-auto',
      cell: (run) => (
        <Link to="/runs/$run_id" params={{ run_id: run.run_id }} className="mono text-soft hover:text-accent" title={run.run_id}>
          {shortId(run.run_id)}
        </Link>
      ),
    },
    { id: 'owner', head: 'Owner', className: 'hidden md:table-cell w-[19%] truncate text-soft', cell: (run) => <span title={run.user}>{run.user}</span> },
    { id: 'cluster', head: 'Cluster', className: 'hidden lg:table-cell w-[12%] truncate text-soft', cell: (run) => run.cluster },
    { id: 'when', head: 'When', className: 'w-32 whitespace-nowrap text-soft max-sm:hidden', cell: (run) => <Ago time={run.finished_at ?? run.started_at ?? run.queued_at} /> },
    {
      id: 'took',
      head: 'Took',
      className: 'w-24 max-sm:w-[76px] max-sm:pl-0 text-right whitespace-nowrap text-soft',
      cell: (run) => (run.started_at ? <Took from={run.started_at} until={run.finished_at} /> : '–'),
    },
  ]
  return columns.filter((column) => column !== false)
}

function exitSuffix(run: Run): string | undefined {
  return run.exit_code !== undefined && run.exit_code !== 0 && run.exit_class !== 'stopped_by_user' ? String(run.exit_code) : undefined
}
