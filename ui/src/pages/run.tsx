import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useLocation } from '@tanstack/react-router'
import { RotateCcw, Square } from 'lucide-react'
import { useState } from 'react'
import { eventsQuery, runQuery, stopRun } from '@/api/queries'
import type { Run } from '@/api/types'
import { CopyButton } from '@/components/copy_button'
import { JsonView } from '@/components/json_view'
import { LogView } from '@/components/log/log_view'
import { PageHead } from '@/components/page_head'
import { Panel } from '@/components/panel'
import { RunAttempts } from '@/components/run_attempts'
import { RunEnv } from '@/components/run_env'
import { RunEvents } from '@/components/run_events'
import { RunFacts } from '@/components/run_facts'
import { RunReason } from '@/components/run_reason'
import { StateBadge } from '@/components/state_badge'
import { Failure, Mistakes, Skeleton } from '@/components/states'
import { Timeline } from '@/components/timeline'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Select } from '@/components/ui/field'
import { Tab, TabList, TabPanel, TabSet } from '@/components/ui/tabs'
import { serverUrl } from '@/lib/base_path'
import { bodyAgain, curlCommand } from '@/lib/commands'
import { inWords } from '@/lib/mistakes'
import { isLive, runState } from '@/lib/run_state'
import { lineOf, run_tabs, type RunPageSearch } from '@/lib/search_params'
import { useTitle } from '@/lib/use_title'

const route = getRouteApi('/runs/$run_id')

export function RunPage() {
  const { run_id } = route.useParams()
  const found = useQuery(runQuery(run_id))
  const run = found.data
  useTitle(run ? `${runState(run).sign} ${run.alias}` : 'Run')
  if (found.isPending) return <Skeleton rows={10} />
  if (!run) {
    return (
      <Panel>
        <Failure error={found.error} retry={() => void found.refetch()} />
      </Panel>
    )
  }
  return <RunView key={run.run_id} run={run} />
}

function RunView({ run }: { run: Run }) {
  const { attempt: named_attempt, tab } = route.useSearch()
  const attempt = named_attempt !== undefined && named_attempt <= run.attempt_count ? named_attempt : undefined
  const shown_attempt = attempt ?? run.attempt_count
  const place = useLocation()
  const navigate = route.useNavigate()
  const show = (search: RunPageSearch, hash = '') => void navigate({ search, hash, replace: true, resetScroll: false, hashScrollIntoView: false })
  const events = useQuery(eventsQuery(run))
  const state = runState(run)
  const exit = run.exit_code !== undefined && run.exit_code !== 0 ? String(run.exit_code) : undefined
  return (
    <>
      <PageHead
        above={
          <>
            <Link to="/tasks/$definition_id" params={{ definition_id: run.definition_id }} className="hover:text-accent">
              {run.alias}
            </Link>
            <span className="text-faint"> / run</span>
          </>
        }
        title={<span className="mono text-[17px] max-sm:text-[14px]">{run.run_id}</span>}
        beside={
          <>
            <CopyButton text={run.run_id} label="Copy the id of the run" />
            <StateBadge state={state} suffix={exit} />
          </>
        }
      >
        <CopyButton
          text={curlCommand(run.alias, bodyAgain(run), serverUrl(), run.executed_by !== undefined)}
          label="Copy a curl command that runs this again"
        >
          Copy as curl
        </CopyButton>
        {isLive(run) && <StopButton run={run} />}
        <Button asChild look={isLive(run) ? 'plain' : 'primary'}>
          <Link to="/tasks/$definition_id/run" params={{ definition_id: run.definition_id }} search={{ from: run.run_id }}>
            <RotateCcw /> Run again…
          </Link>
        </Button>
      </PageHead>
      <RunReason run={run} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-[minmax(0,1fr)_320px]">
        <Panel className="self-start" label="What happened">
          <Timeline run={run} />
          <TabSet value={tab ?? 'log'} onValueChange={(next) => show({ attempt, tab: run_tabs.find((each) => each === next) }, place.hash)}>
            <div className="flex flex-wrap items-center justify-between gap-x-3 border-b border-line pr-3 pl-4">
              <TabList aria-label="Parts of the run" className="flex gap-4">
                <Tab value="log">Log</Tab>
                <Tab value="attempts">Attempts {run.attempts.length}</Tab>
                <Tab value="events">Events {events.data?.events.length ?? ''}</Tab>
                <Tab value="json">JSON</Tab>
              </TabList>
              {run.attempts.length > 1 && (
                <Select aria-label="Which attempt's log" className="h-7! w-auto! text-[13px] max-sm:my-1.5" value={attempt ?? ''} onChange={(event) => show({ tab, attempt: event.target.value === '' ? undefined : Number(event.target.value) })}>
                  <option value="">Current attempt</option>
                  {run.attempts.map((each) => (
                    <option key={each.number} value={each.number}>
                      Attempt {each.number}
                    </option>
                  ))}
                </Select>
              )}
            </div>
            <TabPanel value="log">
              <LogView
                key={shown_attempt}
                run={run}
                attempt={shown_attempt}
                marked={lineOf(place.hash)}
                visit={place.state.__TSR_key ?? ''}
                onMark={(line) => show({ attempt: shown_attempt }, `L${line}`)}
              />
            </TabPanel>
            <TabPanel value="attempts">
              <RunAttempts run={run} />
            </TabPanel>
            <TabPanel value="events">{events.data ? <RunEvents events={events.data.events} /> : <Skeleton rows={4} />}</TabPanel>
            <TabPanel value="json">
              <JsonView value={run} />
            </TabPanel>
          </TabSet>
        </Panel>
        <div className="space-y-4">
          <RunFacts run={run} />
          <RunEnv run={run} />
        </div>
      </div>
    </>
  )
}

function StopButton({ run }: { run: Run }) {
  const [is_asking, setAsking] = useState(false)
  const queries = useQueryClient()
  const stop = useMutation({
    mutationFn: () => stopRun(run),
    onSuccess: async () => {
      await queries.invalidateQueries()
      setAsking(false)
    },
  })
  return (
    <>
      <Button look="danger" disabled={run.stop_requested_at !== undefined} onClick={() => setAsking(true)}>
        <Square /> {run.stop_requested_at ? 'Stopping…' : 'Stop'}
      </Button>
      <Dialog
        open={is_asking}
        onOpenChange={setAsking}
        title="Stop this run?"
        description="The job gets a moment to end by itself, then it is ended. What it has written so far stays in its log."
      >
        {stop.isError && <Mistakes>{inWords(stop.error.message)}</Mistakes>}
        <div className="mt-2 flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>Cancel</Button>
          <Button look="danger" disabled={stop.isPending} onClick={() => stop.mutate()}>
            Stop the run
          </Button>
        </div>
      </Dialog>
    </>
  )
}
