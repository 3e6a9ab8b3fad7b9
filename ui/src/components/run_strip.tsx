import { Link } from '@tanstack/react-router'
import type { RunSummary } from '@/api/types'
import { agoText, counted, durationText } from '@/lib/format'
import { cn } from '@/lib/class_names'
import { runningTime, runState, type Tone } from '@/lib/run_state'
import { useNow } from '@/lib/use_now'

export const strip_length = 30

const bar_classes: Record<Tone, string> = {
  ok: 'bg-ok',
  bad: 'bg-bad',
  live: 'bg-live',
  wait: 'bg-wait',
  none: 'bg-faint',
}

/** How high a bar is, in percent: by the square root, so that a long run does not flatten all others. */
export function barHeight(milliseconds: number | undefined, longest: number): number {
  if (milliseconds === undefined || longest <= 0) return 30
  return Math.round(30 + 70 * Math.sqrt(Math.min(1, milliseconds / longest)))
}

/** The last runs, the newest on the right: how they ended by colour, how long they took by height. */
export function RunStrip({ runs }: { runs: RunSummary[] }) {
  const now = useNow()
  const oldest_first = runs.slice(0, strip_length).reverse()
  const times = oldest_first.map((run) => runningTime(run, now))
  const longest = Math.max(...times.map((time) => time ?? 0))
  const failed = oldest_first.filter((run) => runState(run).tone === 'bad').length
  const summary = runs.length === 0 ? 'It has not run yet' : `The last ${counted(oldest_first.length, 'run')}, ${failed} failed`
  return (
    <div role="group" aria-label={summary} className="inline-flex h-5 items-end gap-[2px]">
      {Array.from({ length: strip_length - oldest_first.length }, (_, index) => (
        <i key={index} className="h-[5px] w-[5px] rounded-[1.5px] bg-line" />
      ))}
      {oldest_first.map((run, index) => {
        const state = runState(run)
        const text = `${state.word} ${agoText(new Date(run.finished_at ?? run.started_at ?? run.queued_at), now)}${times[index] === undefined ? '' : `, ${durationText(times[index])}`}`
        return (
          <Link
            key={run.run_id}
            to="/runs/$run_id"
            params={{ run_id: run.run_id }}
            title={text}
            aria-label={text}
            tabIndex={-1}
            className="flex h-5 w-[5px] items-end hover:opacity-70"
          >
            <i
              className={cn('w-full rounded-[1.5px]', bar_classes[state.tone])}
              style={{ height: `${barHeight(times[index], longest)}%` }}
            />
          </Link>
        )
      })}
    </div>
  )
}
