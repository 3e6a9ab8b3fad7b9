import type { Definition, Run } from '@/api/types'
import { durationText } from '@/lib/format'
import { Fact } from './panel'
import { retryText } from './retry_text'

/** How long it may take, and how often it is tried. */
export function LimitFacts({ of }: { of: Definition | Run }) {
  return (
    <>
      <Fact name="Time limit">{of.timeout_seconds !== undefined && durationText(of.timeout_seconds * 1000)}</Fact>
      <Fact name="Waits at most">{of.queue_timeout_seconds !== undefined && durationText(of.queue_timeout_seconds * 1000)}</Fact>
      <Fact name="Retries">{of.retry && retryText(of.retry)}</Fact>
    </>
  )
}

export function LabelsFact({ of }: { of: Definition | Run }) {
  const labels = Object.entries(of.labels ?? {})
  return (
    <Fact name="Labels">
      {labels.length > 0 && (
        <ul>
          {labels.map(([name, value]) => (
            <li key={name} className="mono">
              {name}: {value}
            </li>
          ))}
        </ul>
      )}
    </Fact>
  )
}
