import { ArrowDownToLine, ArrowUpToLine, ChevronDown, ChevronUp, Download, Search, WrapText, X } from 'lucide-react'
import { useEffect, useEffectEvent, useMemo, useRef, useState, useSyncExternalStore, type KeyboardEvent } from 'react'
import { useQuery } from '@tanstack/react-query'
import { logSource, searchLog } from '@/api/log_source'
import type { Run } from '@/api/types'
import { addressOf } from '@/lib/base_path'
import { cn } from '@/lib/class_names'
import { countText } from '@/lib/format'
import { LogStore } from '@/lib/log_store'
import { answerOffset, nextMatch } from '@/lib/matches'
import { isLive } from '@/lib/run_state'
import { useStored } from '@/lib/use_stored'
import { Button } from '../ui/button'
import { LogLines, type LogLinesHandle } from './log_lines'

interface Props {
  run: Run
  attempt: number
  /** The line that the address names. */
  marked: number | undefined
  /** Changes with every visit of an address: the line that it names is shown anew. */
  visit: string
  /** The address is to name that line. */
  onMark: (line: number) => void
}

/** The log of one attempt of a run: as it comes, or any part of it. */
export function LogView({ run, attempt, marked, visit, onMark }: Props) {
  const is_current = attempt === run.attempt_count
  const may_grow = is_current && isLive(run)
  const store = useLog(run.run_id, attempt, may_grow)
  useSyncExternalStore(store.subscribe, store.snapshot)
  const lines = useRef<LogLinesHandle>(null)
  const box = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(marked === undefined)
  const go = (line: number) => {
    setFollows(false)
    lines.current?.show(line)
  }
  // Whoever comes for a line wants to stay there.
  const [seen_visit, setSeenVisit] = useState(visit)
  if (visit !== seen_visit) {
    setSeenVisit(visit)
    if (marked !== undefined) setFollows(false)
  }
  const marked_here = useRef<number>(undefined)
  const came = useEffectEvent(() => {
    const is_seen = marked === undefined || marked === marked_here.current
    marked_here.current = undefined
    if (is_seen) return
    box.current?.scrollIntoView({ block: 'nearest' })
    // At first the lines go there by themselves, once they come.
    if (store.status === 'ready') lines.current?.show(marked)
  })
  useEffect(() => came(), [visit])
  const [wraps, setWraps] = useStored('log.wrap', '')
  const search = useLogSearch(run.run_id, attempt, may_grow && !store.is_complete, go)

  const keyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return
    const toTop = () => go(1)
    const toBottom = () => lines.current?.showEnd()
    const keys: Record<string, () => void> = {
      g: toTop,
      Home: toTop,
      G: toBottom,
      End: toBottom,
      n: () => search.move(1),
      N: () => search.move(-1),
      f: () => box.current?.querySelector('input')?.focus(),
    }
    const act = keys[event.key]
    if (act) {
      event.preventDefault()
      act()
    }
  }

  return (
    <div ref={box} onKeyDown={keyDown} className="scroll-mt-16">
      <div className="flex flex-wrap items-center gap-x-1 gap-y-2 border-b border-line px-3 py-2">
        <LogSearchBox search={search} />
        <span className="grow" />
        {may_grow && !store.is_complete && (
          <Button
            look="ghost"
            size="small"
            aria-pressed={follows}
            className={cn(follows && 'bg-quiet text-ink!')}
            onClick={() => {
              setFollows(!follows)
              if (!follows) lines.current?.showEnd()
            }}
          >
            <i aria-hidden className={cn('size-[7px] rounded-full', follows ? 'animate-live bg-live' : 'bg-edge')} /> Follow
          </Button>
        )}
        <Button look="ghost" size="tiny" aria-label="To the top" title="To the top (g)" onClick={() => go(1)}>
          <ArrowUpToLine />
        </Button>
        <Button look="ghost" size="tiny" aria-label="To the bottom" title="To the bottom (G)" onClick={() => lines.current?.showEnd()}>
          <ArrowDownToLine />
        </Button>
        <Button
          look="ghost"
          size="tiny"
          aria-label="Wrap long lines"
          title="Wrap long lines"
          aria-pressed={wraps !== ''}
          className={cn(wraps !== '' && 'bg-quiet text-ink!')}
          onClick={() => setWraps(wraps === '' ? 'yes' : '')}
        >
          <WrapText />
        </Button>
        <Button asChild look="ghost" size="tiny">
          <a href={addressOf(`/api/v1/${run.run_id}/logs?raw&attempt=${attempt}`)} download aria-label="Download the whole log" title="Download the whole log">
            <Download />
          </a>
        </Button>
      </div>
      {store.status === 'failed' ? (
        <p role="alert" className="log px-4 py-6">
          The log cannot be read: {store.error?.message}
        </p>
      ) : (
        <LogLines
          ref={lines}
          store={store}
          wraps={wraps !== ''}
          follows={follows}
          onFollow={setFollows}
          marked={marked}
          onMark={(line) => {
            marked_here.current = line
            onMark(line)
          }}
          search={search.is_open ? { text: search.text, ignores_case: search.ignores_case, current: search.current } : undefined}
          empty={emptyText(run, may_grow, store)}
        />
      )}
    </div>
  )
}

function emptyText(run: Run, may_grow: boolean, store: LogStore): string {
  if (store.status === 'opening') return 'Opening the log…'
  if (!may_grow || store.is_complete) return run.attempts.at(-1)?.started_at ? 'The job has written nothing.' : 'The job never began, so it has written nothing.'
  return run.status === 'RUNNING' ? 'The job has written nothing yet. Lines appear here as they come.' : 'The job has not begun. Its log appears here as it comes.'
}

/** The log of that attempt, for as long as the component is there. */
function useLog(run_id: string, attempt: number, may_grow: boolean): LogStore {
  const store = useMemo(() => new LogStore(logSource(run_id, attempt)), [run_id, attempt])
  // What was live when the page came is followed to its end, however its state changes.
  const is_live = useRef(may_grow)
  useEffect(() => {
    void store.open(is_live.current)
    return () => store.close()
  }, [store])
  return store
}

interface LogSearch {
  text: string
  setText: (text: string) => void
  ignores_case: boolean
  is_open: boolean
  is_searching: boolean
  error: Error | null
  /** The number of the match that is shown, counted from 0. */
  index: number
  total: number
  /** The line of that match. */
  current: number | undefined
  /** Goes on by so many matches, from the last to the first. */
  move: (by: number) => void
}

/**
 * Searches all of a log on the server, and goes to the first match, and to each that is moved to. A capital letter in what is
 * searched makes case count.
 */
function useLogSearch(run_id: string, attempt: number, is_growing: boolean, onGo: (line: number) => void): LogSearch {
  const [text, setText] = useState('')
  const [wanted, setWanted] = useState('')
  const [at, setAt] = useState({ index: 0, moves: 0 })
  useEffect(() => {
    const timer = setTimeout(() => {
      setWanted(text)
      setAt({ index: 0, moves: 0 })
    }, 200)
    return () => clearTimeout(timer)
  }, [text])
  const ignores_case = wanted === wanted.toLowerCase()
  const matchesFrom = (offset: number) => ({
    queryKey: ['log_search', run_id, attempt, wanted, offset],
    queryFn: ({ signal }: { signal: AbortSignal }) => searchLog(run_id, attempt, { text: wanted, ignores_case, offset }, signal),
    enabled: wanted !== '',
    refetchInterval: is_growing ? 2000 : (false as const),
    staleTime: is_growing ? 0 : Infinity,
  })
  const first = useQuery(matchesFrom(0))
  const offset = answerOffset(at.index)
  const around = useQuery(matchesFrom(offset))
  const total = wanted !== '' ? (first.data?.total ?? 0) : 0
  const current = wanted !== '' ? around.data?.lines[at.index - offset] : undefined

  // Once it is known where the match is, and not again when the answer is asked for anew.
  const shown = useRef('')
  const show = useEffectEvent(() => {
    const match = `${at.moves} ${wanted}`
    if (current === undefined || shown.current === match) return
    shown.current = match
    onGo(current)
  })
  useEffect(() => show(), [current, wanted, at.moves])

  return {
    text: wanted,
    setText,
    ignores_case,
    is_open: wanted !== '',
    is_searching: around.isFetching && !around.data,
    error: around.error,
    index: at.index,
    total,
    current,
    move: (by) => {
      if (total > 0) setAt({ index: nextMatch(at.index, by, total), moves: at.moves + 1 })
    },
  }
}

function LogSearchBox({ search }: { search: LogSearch }) {
  const [text, setText] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const write = (next: string) => {
    setText(next)
    search.setText(next)
  }
  return (
    <div className="flex min-w-0 items-center max-sm:w-full">
      <div className="flex h-7 w-64 min-w-0 items-center gap-1.5 rounded-lg border border-line bg-panel px-2 focus-within:border-accent hover:border-edge max-sm:grow">
        <Search aria-hidden className="size-3.5 shrink-0 text-faint" />
        <input
          ref={input}
          aria-label="Search the whole log"
          placeholder="Search the whole log"
          value={text}
          spellCheck={false}
          className="w-full min-w-0 bg-transparent text-[13px] outline-none"
          onChange={(event) => write(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              event.preventDefault()
              search.move(event.shiftKey ? -1 : 1)
            } else if (event.key === 'Escape') write('')
          }}
        />
        {text !== '' && (
          <>
            <span role="status" className={cn('text-[12px] whitespace-nowrap', search.error ? 'text-bad' : 'text-faint')}>
              {search.error ? 'failed' : search.is_searching || search.text !== text ? '…' : search.total === 0 ? 'none' : `${countText(search.index + 1)} of ${countText(search.total)}`}
            </span>
            <button type="button" aria-label="Clear the search" className="rounded text-faint hover:text-ink" onClick={() => { write(''); input.current?.focus() }}>
              <X className="size-3.5" />
            </button>
          </>
        )}
      </div>
      <Button look="ghost" size="tiny" aria-label="Previous match" title="Previous match (Shift Enter)" disabled={search.total === 0} onClick={() => search.move(-1)}>
        <ChevronUp />
      </Button>
      <Button look="ghost" size="tiny" aria-label="Next match" title="Next match (Enter)" disabled={search.total === 0} onClick={() => search.move(1)}>
        <ChevronDown />
      </Button>
    </div>
  )
}
