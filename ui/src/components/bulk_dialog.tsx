import { useQueryClient } from '@tanstack/react-query'
import { Check, LoaderCircle, X } from 'lucide-react'
import { useState } from 'react'
import { stopRun } from '@/api/queries'
import { runAgain } from '@/api/run_again'
import type { Run } from '@/api/types'
import { counted, countText, shortId } from '@/lib/format'
import { inWords } from '@/lib/mistakes'
import { runState } from '@/lib/run_state'
import { StateBadge } from './state_badge'
import { Button } from './ui/button'
import { Dialog } from './ui/dialog'

export type BulkAction = 'stop' | 'again'

type Outcome = 'working' | 'done' | Error

const words = {
  stop: {
    asked: (runs: string) => `Stop ${runs}?`,
    text: 'Each gets a moment to end by itself. What it has written so far stays in its log.',
    go: 'Stop',
    working: (runs: string) => `Stopping ${runs}…`,
    done: (runs: string) => `Asked ${runs} to stop`,
    failed: (runs: string) => `${runs} not stopped`,
    each_done: 'stopping',
  },
  again: {
    asked: (runs: string) => `Run ${runs} again?`,
    text: 'Each is run with the same variables, command, memory and owner as before.',
    go: 'Run again',
    working: (runs: string) => `Running ${runs} again…`,
    done: (runs: string) => `Queued ${runs} again`,
    failed: (runs: string) => `${runs} not run again`,
    each_done: 'queued',
  },
}

/** Shows what is about to happen to some runs, does it, and says how it went with each. */
export function BulkDialog({ action, runs, onClose }: { action: BulkAction; runs: Run[]; onClose: (is_done: boolean) => void }) {
  const [listed] = useState(runs)
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map())
  const queries = useQueryClient()
  const { asked, text, go, working, done, failed: not_done, each_done } = words[action]
  const is_begun = outcomes.size > 0
  const is_working = [...outcomes.values()].includes('working')
  const failed = listed.filter((run) => outcomes.get(run.run_id) instanceof Error)
  const all = counted(listed.length, 'run')
  const title = !is_begun ? asked(all) : is_working ? working(all) : failed.length > 0 ? not_done(`${countText(failed.length)} of ${all}`) : done(all)

  const note = (run: Run, outcome: Outcome) => setOutcomes((before) => new Map(before).set(run.run_id, outcome))
  const perform = async (some: Run[]) => {
    for (const run of some) note(run, 'working')
    await inParallel(some, 4, async (run) => {
      try {
        await (action === 'stop' ? stopRun(run) : runAgain(run))
        note(run, 'done')
      } catch (error) {
        note(run, error as Error)
      }
    })
    await queries.invalidateQueries()
  }

  return (
    <Dialog open onOpenChange={(open) => !open && onClose(is_begun)} title={title} description={is_begun ? undefined : text}>
      <ul className="divide-y divide-line rounded-lg border border-line">
        {listed.map((run) => (
          <li key={run.run_id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
            <span className="min-w-0 truncate font-[550]">{run.alias}</span>
            <span className="mono text-faint">{shortId(run.run_id)}</span>
            <span className="grow" />
            <OutcomeText outcome={outcomes.get(run.run_id)} done={each_done} before={<StateBadge state={runState(run)} />} />
          </li>
        ))}
      </ul>
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={() => onClose(is_begun)}>{is_begun ? 'Close' : 'Cancel'}</Button>
        {!is_begun ? (
          <Button look={action === 'stop' ? 'danger' : 'primary'} onClick={() => void perform(listed)}>
            {go}
          </Button>
        ) : (
          failed.length > 0 &&
          !is_working && (
            <Button look="primary" onClick={() => void perform(failed)}>
              Try {counted(failed.length, 'run')} again
            </Button>
          )
        )}
      </div>
    </Dialog>
  )
}

function OutcomeText({ outcome, done, before }: { outcome: Outcome | undefined; done: string; before: React.ReactNode }) {
  if (outcome === undefined) return before
  if (outcome === 'working') return <LoaderCircle aria-label="working" className="size-4 animate-spin text-faint" />
  if (outcome === 'done') {
    return (
      <span className="flex items-center gap-1 text-ok">
        <Check aria-hidden className="size-4" /> {done}
      </span>
    )
  }
  return (
    <span role="alert" className="flex basis-full items-start gap-1 whitespace-pre-line text-bad">
      <X aria-hidden className="mt-0.5 size-4 shrink-0" /> {inWords(outcome.message)}
    </span>
  )
}

/** Does the work for all, for at most so many at once. */
async function inParallel<Item>(items: Item[], most: number, work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: most }, worker))
}
