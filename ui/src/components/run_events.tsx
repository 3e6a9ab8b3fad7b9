import type { RunEvent } from '@/api/types'
import { clockText, exactText } from '@/lib/format'

/** What happened to a run, in order. */
export function RunEvents({ events }: { events: RunEvent[] }) {
  const has_attempts = events.some((event) => event.attempt > 1)
  return (
    <ol className="py-2">
      {events.map((event, index) => (
        <li key={index} className="flex gap-4 px-4 py-1.5">
          <time dateTime={event.at} title={exactText(new Date(event.at))} className="mono shrink-0 leading-[21px] text-faint">
            {clockText(new Date(event.at))}
          </time>
          {has_attempts && <span className="shrink-0 text-faint">attempt {event.attempt}</span>}
          <span className="min-w-0 [overflow-wrap:anywhere]">{event.message}</span>
        </li>
      ))}
    </ol>
  )
}
