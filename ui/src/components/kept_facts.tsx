import type { Run } from '@/api/types'
import type { Kept } from '@/lib/commands'
import { durationText, shortId } from '@/lib/format'
import { retryText } from './retry_text'
import { Button } from './ui/button'

interface Props {
  kept: Kept
  /** The run that it is of. */
  run: Run
  onDrop: () => void
}

/** What a run that is run again keeps besides what the form has fields for. */
export function KeptFacts({ kept, run, onDrop }: Props) {
  const { queue_timeout_seconds, retry, secrets, labels, description } = kept
  const facts: [string, string | undefined][] = [
    ['Waits at most', queue_timeout_seconds === undefined ? undefined : queue_timeout_seconds === 0 ? 'as long as it takes' : durationText(queue_timeout_seconds * 1000)],
    ['Retries', retry && retryText(retry)],
    ['Secrets', secrets && (secrets.join(', ') || 'none')],
    ['Labels', labels && Object.entries(labels).map(([name, value]) => `${name}: ${value}`).join(', ')],
    ['Description', description],
  ]
  return (
    <div className="rounded-lg bg-quiet px-3.5 py-2.5 text-[13px]">
      <div className="flex flex-wrap items-center justify-between gap-x-3">
        <span>
          As run <span className="mono">{shortId(run.run_id)}</span> had it, unlike its task now:
        </span>
        <Button look="ghost" size="small" className="-mr-2" onClick={onDrop}>
          Take the task’s
        </Button>
      </div>
      <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        {facts.map(
          ([name, value]) =>
            value !== undefined && (
              <div key={name} className="contents">
                <dt className="text-soft">{name}</dt>
                <dd className="[overflow-wrap:anywhere]">{value}</dd>
              </div>
            ),
        )}
      </dl>
    </div>
  )
}
