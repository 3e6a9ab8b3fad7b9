import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '@/api/client'
import { runsQuery } from '@/api/queries'
import type { ExitClass, Run } from '@/api/types'
import { cn } from '@/lib/class_names'
import { clockText, countText, counted, durationText, memoryText } from '@/lib/format'
import { isLive, moreMemory, runState } from '@/lib/run_state'
import { Ago } from './time'
import { Button } from './ui/button'

/** Why a run waits, or why it failed: in one sentence, with the evidence and the one change that mends it. */
export function RunReason({ run }: { run: Run }) {
  if (isLive(run)) return <Waiting run={run} />
  if (runState(run).tone === 'bad') return <Failed run={run} />
  if (run.exit_class === 'stopped_by_user') {
    return (
      <Box tone="none">
        <b className="font-semibold">{run.stopped_by ? `${run.stopped_by} stopped it` : 'It was stopped'}</b>
        {run.stop_requested_at && (
          <>
            {' '}
            <Ago time={run.stop_requested_at} />
          </>
        )}
        .{!run.started_at && ' It had not begun.'}
      </Box>
    )
  }
  return null
}

function Box({ tone, children, action }: { tone: 'bad' | 'wait' | 'none'; children: ReactNode; action?: ReactNode }) {
  return (
    <div
      className={cn(
        'mb-4 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-r-[10px] border-l-[3px] px-3.5 py-2.5',
        tone === 'bad' && 'border-bad bg-bad-wash',
        tone === 'wait' && 'border-wait bg-wait-wash',
        tone === 'none' && 'border-edge bg-quiet',
      )}
    >
      <div className="min-w-0 flex-1 basis-80 [overflow-wrap:anywhere]">{children}</div>
      {action}
    </div>
  )
}

function Waiting({ run }: { run: Run }) {
  const cannot_end = run.status === 'RUNNING' && run.waiting_for // or nothing would be said of it
  if (run.stop_requested_at && !cannot_end) return <Box tone="wait">It was asked to stop {<Ago time={run.stop_requested_at} />}, and gets a moment to end by itself.</Box>
  if (!run.waiting_for) return null
  return (
    <Box tone="wait">
      <b className="font-semibold">It waits:</b> {run.waiting_for}
      {run.retry_at && (
        <div className="mt-0.5 text-soft">
          The next attempt begins <Ago time={run.retry_at} />. {lastReason(run)}
        </div>
      )}
    </Box>
  )
}

function lastReason(run: Run): string {
  return run.attempts.findLast((attempt) => attempt.exit_reason)?.exit_reason ?? ''
}

const advice: Partial<Record<ExitClass, string>> = {
  image_not_found: 'Check the name of the image, then edit the task.',
  image_unavailable: 'Its registry could not be reached. Running it again may do.',
  timed_out: 'Give it more time, or look in its log for what took so long.',
  queue_timed_out: 'It found no room in time. Ask for less memory, or let it wait longer.',
  host_lost: 'That was not the job’s fault. Running it again may do.',
  engine_error: 'That was not the job’s fault. Running it again may do.',
  start_failed: 'The container could not be started; the events say more.',
}

function Failed({ run }: { run: Run }) {
  const is_out_of_memory = run.exit_class === 'out_of_memory'
  const more = moreMemory(run.memory)
  const hint = run.exit_class && advice[run.exit_class]
  return (
    <Box
      tone="bad"
      action={
        is_out_of_memory && (
          <Button asChild>
            <Link to="/tasks/$definition_id/run" params={{ definition_id: run.definition_id }} search={{ from: run.run_id, memory: more }}>
              Run again with {memoryText(more)}
            </Link>
          </Button>
        )
      }
    >
      <b className="font-semibold">{headline(run)}</b> {hint}
      {is_out_of_memory && <EarlierPeak run={run} />}
      <Evidence run={run} />
    </Box>
  )
}

function headline(run: Run): string {
  if (run.exit_class === 'out_of_memory') return `The job needed more memory than its ${memoryText(run.memory)}.`
  const reason = run.exit_reason ?? (run.exit_code === undefined ? 'Nobody knows how it ended.' : `The job ended with exit code ${run.exit_code}.`)
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${/[.!?]$/.test(reason) ? '' : '.'}`
}

/** How much memory the task has needed where it ended well. */
function EarlierPeak({ run }: { run: Run }) {
  const earlier = useQuery({
    ...runsQuery({ definition_id: [run.definition_id], exit_class: ['completed'], limit: 3, sort_by: 'queued_at', order: 'desc' }),
    refetchInterval: false,
  })
  const peaks = (earlier.data?.history ?? []).flatMap(({ max_memory_used }) => max_memory_used ?? [])
  if (peaks.length === 0) return null
  return <>Of the last {counted(peaks.length, 'run')} that ended well the highest peak was {memoryText(Math.max(...peaks))}.</>
}

/** The facts behind the sentence, and the last line that the job wrote. */
function Evidence({ run }: { run: Run }) {
  const log = useQuery({
    queryKey: ['last_line', run.run_id, run.attempt_count],
    queryFn: () =>
      api.answer(api.client.GET('/api/v1/{run_id}/logs/lines', { params: { path: { run_id: run.run_id }, query: { count: 1, attempt: run.attempt_count } } })),
    enabled: run.started_at !== undefined,
    staleTime: Infinity,
  })
  const facts = [
    run.exit_class === 'out_of_memory' && run.exit_reason?.replace(/^out of memory: /, ''),
    run.exit_code !== undefined && `exit code ${run.exit_code}`,
    run.started_at && run.finished_at && `ran ${durationText(Date.parse(run.finished_at) - Date.parse(run.started_at))}`,
    run.finished_at && `ended at ${clockText(new Date(run.finished_at))}`,
    run.attempt_count > 1 && `attempt ${run.attempt_count}`,
  ].filter(Boolean)
  return (
    <div className="mt-0.5 text-soft">
      Evidence: {facts.join(', ')}
      {log.data && log.data.total > 0 && (
        <>
          ; its log ends at{' '}
          <Link
            to="/runs/$run_id"
            params={{ run_id: run.run_id }}
            search={{ attempt: run.attempt_count }}
            hash={`L${log.data.total}`}
            resetScroll={false}
            hashScrollIntoView={false}
            className="underline hover:text-ink"
          >
            line {countText(log.data.total)}
          </Link>
        </>
      )}
      .
    </div>
  )
}
