import { Link } from '@tanstack/react-router'
import type { Run } from '@/api/types'
import { runState } from '@/lib/run_state'
import { StateBadge } from './state_badge'
import { Ago, Took } from './time'

/** Each try at a run, the newest first. */
export function RunAttempts({ run }: { run: Run }) {
  return (
    <ol className="divide-y divide-line">
      {run.attempts.toReversed().map((attempt) => {
        const is_current = attempt.number === run.attempt_count
        const state = runState(is_current ? run : { ...attempt, status: 'STOPPED' })
        return (
          <li key={attempt.number} className="px-4 py-3">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className="font-semibold">Attempt {attempt.number}</span>
              <StateBadge state={state} suffix={attempt.exit_code ? String(attempt.exit_code) : undefined} />
              <span className="text-faint">
                <Ago time={attempt.started_at ?? attempt.queued_at} />
                {attempt.started_at && (
                  <>
                    {' · '}
                    <Took from={attempt.started_at} until={attempt.finished_at ?? (is_current ? run.finished_at : undefined)} />
                  </>
                )}
              </span>
              <span className="mono grow text-right text-faint">{attempt.instance.dns_name || attempt.instance.instance_id}</span>
              {attempt.started_at && (
                <Link
                  to="/runs/$run_id"
                  params={{ run_id: run.run_id }}
                  search={{ attempt: attempt.number }}
                  resetScroll={false}
                  className="text-soft underline hover:text-ink"
                >
                  Log<span className="sr-only"> of attempt {attempt.number}</span>
                </Link>
              )}
            </div>
            {attempt.exit_reason && <p className="mt-1 text-soft">{attempt.exit_reason}</p>}
          </li>
        )
      })}
    </ol>
  )
}
