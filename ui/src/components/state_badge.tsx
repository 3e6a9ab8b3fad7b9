import { cn } from '@/lib/class_names'
import type { RunState, Tone } from '@/lib/run_state'

export const tone_classes: Record<Tone, string> = {
  ok: 'text-ok bg-ok-wash',
  bad: 'text-bad bg-bad-wash',
  live: 'text-live bg-live-wash',
  wait: 'text-wait bg-wait-wash',
  none: 'text-soft bg-quiet',
}

/** Where a run stands: a word, and a colour beside it. */
export function StateBadge({ state, suffix, className }: { state: RunState; suffix?: string | undefined; className?: string }) {
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-[12.5px] font-[550] whitespace-nowrap',
        tone_classes[state.tone],
        className,
      )}
    >
      <i aria-hidden className={cn('size-[7px] rounded-full bg-current', state.tone === 'live' && 'animate-live')} />
      <span>
        {state.word}
        {suffix && <span className="max-sm:sr-only"> · {suffix}</span>}
      </span>
    </span>
  )
}
