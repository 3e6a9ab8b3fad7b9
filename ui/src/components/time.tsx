import { cn } from '@/lib/class_names'
import { agoText, durationText, exactText } from '@/lib/format'
import { useNow } from '@/lib/use_now'
import { Tooltip } from './ui/tooltip'

/** A time as people say it, with the exact one where it is pointed at. */
export function Ago({ time, className }: { time: string; className?: string }) {
  const now = useNow()
  const date = new Date(time)
  return (
    <Tooltip text={exactText(date)}>
      <time dateTime={time} className={cn('tabular-nums', className)}>
        {agoText(date, now)}
      </time>
    </Tooltip>
  )
}

/** How long it took, or has taken so far. */
export function Took({ from, until }: { from: string; until?: string | undefined }) {
  const now = useNow()
  return <span className="tabular-nums">{durationText((until ? Date.parse(until) : now.getTime()) - Date.parse(from))}</span>
}
