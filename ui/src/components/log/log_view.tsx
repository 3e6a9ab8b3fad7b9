import { ArrowDownToLine, ArrowUpToLine, ChevronDown, ChevronUp, Download, Search, WrapText, X } from 'lucide-react'
import { useEffect, useEffectEvent, useMemo, useRef, useState, useSyncExternalStore, type KeyboardEvent } from 'react'
import { useQuery } from '@tanstack/react-query'
import { logSource, searchLog } from '@/api/log_source'
import type { Run } from '@/api/types'
import { cn } from '@/lib/class_names'
import { countText } from '@/lib/format'
import { LogStore } from '@/lib/log_store'
import { isLive } from '@/lib/run_state'
import { useStored } from '@/lib/use_stored'
import { Button } from '../ui/button'
import { LogLines, type LogLinesHandle } from './log_lines'

/** The log of one attempt of a run: as it comes, or any part of it. */
export function LogView({ run, attempt }: { run: Run; attempt: number }) {
  const is_current = attempt === run.attempt_count
  const may_grow = is_current && isLive(run)
  const store = useLog(run.run_id, attempt, may_grow)
  useSyncExternalStore(store.subscribe, store.snapshot)
  const lines = useRef<LogLinesHandle>(null)
  const box = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(window.location.hash === '')
  const go = (line: number | undefined) => {
    if (line === undefined) return
    setFollows(false)
    lines.current?.show(line)
  }
  const [marked, setMarked] = useMarkedLine((line) => go(line))
  const [wraps, setWraps] = useStored('log.wrap', '')
  const search = useLogSearch(run.run_id, attempt, may_grow && !store.is_complete)

  const keyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return
    const keys: Record<string, () => void> = {
      g: () => go(1),
      G: () => lines.current?.showEnd(),
      n: () => go(search.move(1)),
      N: () => go(search.move(-1)),
      f: () => box.current?.querySelector('input')?.focus(),
    }
    const act = keys[event.key]
    if (act) {
      event.preventDefault()
      act()
    }
  }

  return (
    <div ref={box} onKeyDown={keyDown}>
      <div className="flex flex-wrap items-center gap-x-1 gap-y-2 border-b border-line px-3 py-2">
        <LogSearchBox search={search} onGo={go} />
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
          <a href={`/api/v1/${run.run_id}/logs?raw&attempt=${attempt}`} download aria-label="Download the whole log" title="Download the whole log">
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
          onMark={setMarked}
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

/** The line that the address names: `#L48211`. */
function useMarkedLine(onGo: (line: number) => void): [number | undefined, (line: number) => void] {
  const read = () => Number(/^#L(\d+)$/.exec(window.location.hash)?.[1]) || undefined
  const [line, setLine] = useState(read)
  const went = useEffectEvent(onGo)
  useEffect(() => {
    const changed = () => {
      const next = read()
      setLine(next)
      if (next !== undefined) went(next)
    }
    window.addEventListener('hashchange', changed)
    return () => window.removeEventListener('hashchange', changed)
  }, [])
  return [
    line,
    (next) => {
      window.history.replaceState(window.history.state, '', `#L${next}`)
      setLine(next)
    },
  ]
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
  /** Goes on by so many matches; the line of the new one. */
  move: (by: number) => number | undefined
}

/** Searches all of a log on the server. A capital letter in what is searched makes case count. */
function useLogSearch(run_id: string, attempt: number, is_growing: boolean): LogSearch {
  const [text, setText] = useState('')
  const [wanted, setWanted] = useState('')
  const [index, setIndex] = useState(0)
  useEffect(() => {
    const timer = setTimeout(() => {
      setWanted(text)
      setIndex(0)
    }, 200)
    return () => clearTimeout(timer)
  }, [text])
  const ignores_case = wanted === wanted.toLowerCase()
  const found = useQuery({
    queryKey: ['log_search', run_id, attempt, wanted],
    queryFn: ({ signal }) => searchLog(run_id, attempt, wanted, ignores_case, signal),
    enabled: wanted !== '',
    refetchInterval: is_growing ? 2000 : false,
    staleTime: is_growing ? 0 : Infinity,
  })
  const matches = wanted !== '' ? (found.data?.lines ?? []) : []
  return {
    text: wanted,
    setText,
    ignores_case,
    is_open: wanted !== '',
    is_searching: found.isFetching && !found.data,
    error: found.error,
    index,
    total: wanted !== '' ? (found.data?.total ?? 0) : 0,
    current: matches[index],
    move: (by) => {
      if (matches.length === 0) return undefined
      const next = (index + by + matches.length) % matches.length
      setIndex(next)
      return matches[next]
    },
  }
}

function LogSearchBox({ search, onGo }: { search: LogSearch; onGo: (line: number | undefined) => void }) {
  const [text, setText] = useState('')
  const input = useRef<HTMLInputElement>(null)
  // The first match is shown as soon as it is found.
  const { current, index, text: wanted } = search
  const shown = useRef('')
  useEffect(() => {
    if (wanted === '') shown.current = ''
    else if (index === 0 && current !== undefined && shown.current !== wanted) {
      shown.current = wanted
      onGo(current)
    }
  })
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
              onGo(search.move(event.shiftKey ? -1 : 1))
            } else if (event.key === 'Escape') write('')
          }}
        />
        {text !== '' && (
          <>
            <span role="status" className={cn('text-[12px] whitespace-nowrap', search.error ? 'text-bad' : 'text-faint')}>
              {search.error ? 'failed' : search.is_searching || search.text !== text ? '…' : search.total === 0 ? 'none' : `${countText(index + 1)} of ${countText(search.total)}`}
            </span>
            <button type="button" aria-label="Clear the search" className="rounded text-faint hover:text-ink" onClick={() => { write(''); input.current?.focus() }}>
              <X className="size-3.5" />
            </button>
          </>
        )}
      </div>
      <Button look="ghost" size="tiny" aria-label="Previous match" title="Previous match (Shift Enter)" disabled={search.total === 0} onClick={() => onGo(search.move(-1))}>
        <ChevronUp />
      </Button>
      <Button look="ghost" size="tiny" aria-label="Next match" title="Next match (Enter)" disabled={search.total === 0} onClick={() => onGo(search.move(1))}>
        <ChevronDown />
      </Button>
    </div>
  )
}
