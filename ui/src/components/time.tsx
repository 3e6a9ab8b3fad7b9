import { cn } from '@/lib/class_names'
import { agoText, durationText, exactText } from '@/lib/format'
import { useNow } from '@/lib/use_now'

/** A time as people say it, with the exact one where it is pointed at. */
export function Ago({ time, className }: { time: string; className?: string }) {
  const now = useNow()
  const date = new Date(time)
  return (
    <time dateTime={time} title={exactText(date)} className={cn('tabular-nums', className)}>
      {agoText(date, now)}
    </time>
  )
}

/** How long it took, or has taken so far. */
export function Took({ from, until }: { from: string; until?: string | undefined }) {
  const now = useNow()
  return <span className="tabular-nums">{durationText((until ? Date.parse(until) : now.getTime()) - Date.parse(from))}</span>
}
