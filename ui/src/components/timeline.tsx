import type { Run } from '@/api/types'
import { cn } from '@/lib/class_names'
import { clockText, durationText, exactText } from '@/lib/format'
import { phases, type Phase } from '@/lib/run_state'
import { useNow } from '@/lib/use_now'
import { tone_classes } from './state_badge'

/** A run as a line in time: queued, pending, running, attempt by attempt. */
export function Timeline({ run }: { run: Run }) {
  const now = useNow()
  const all = phases(run, now)
  const total = all.reduce((sum, phase) => sum + phase.duration, 0)
  const until = run.finished_at ? new Date(run.finished_at) : undefined
  return (
    <section aria-label="Timeline" className="px-4 pt-3.5 pb-3">
      <ol className="flex h-[26px] overflow-hidden rounded-[7px] bg-quiet text-[12px] font-[550]">
        {all.map((phase, index) => (
          <Segment key={index} phase={phase} share={total > 0 ? phase.duration / total : 0} has_attempts={run.attempts.length > 1} />
        ))}
      </ol>
      <div className="mt-1.5 flex justify-between text-[12px] text-faint">
        <span title={exactText(new Date(run.queued_at))}>{clockText(new Date(run.queued_at))}</span>
        {until ? (
          <span title={exactText(until)}>{clockText(until)}</span>
        ) : (
          <span>now</span>
        )}
      </div>
    </section>
  )
}

function Segment({ phase, share, has_attempts }: { phase: Phase; share: number; has_attempts: boolean }) {
  const text = `${has_attempts ? `Attempt ${phase.attempt}: ` : ''}${phase.label} ${durationText(phase.duration)}`
  return (
    <li
      title={`${text}\nfrom ${exactText(phase.from)}`}
      className={cn(
        'flex min-w-[6px] items-center overflow-hidden border-r border-panel pl-2.5 whitespace-nowrap tabular-nums last:border-r-0',
        tone_classes[phase.tone],
      )}
      style={{ flex: `${Math.max(share, 0.0001)} 1 0px` }}
    >
      <span className={share < 0.12 ? 'sr-only' : 'truncate'}>{`${phase.label} ${durationText(phase.duration)}`}</span>
    </li>
  )
}
