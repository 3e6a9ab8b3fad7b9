import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useEffectEvent, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type Ref } from 'react'
import { spansOf, withMatches } from '@/lib/ansi'
import { cn } from '@/lib/class_names'
import { countText } from '@/lib/format'
import type { LogStore } from '@/lib/log_store'

/** Browsers draw no element that is higher than some ten million pixels: of a longer log so many lines are laid out at a time,
 * and others take their place at either end. */
const most_laid_out = 200_000
const row_height = 20
/** How many rows are drawn beyond either end of what is seen: a quick turn of a wheel does not get ahead of them. */
const drawn_ahead = 75
const padding = 8
/** How near to the bottom, in pixels, counts as there. */
const bottom_slack = 30

export interface LogLinesHandle {
  /** Shows the line, in the middle. */
  show: (line: number) => void
  showEnd: () => void
}

export interface ShownSearch {
  text: string
  ignores_case: boolean
  /** The line of the match that one is at. */
  current: number | undefined
}

interface Props {
  ref: Ref<LogLinesHandle>
  store: LogStore
  wraps: boolean
  follows: boolean
  onFollow: (follows: boolean) => void
  marked: number | undefined
  onMark: (line: number) => void
  search: ShownSearch | undefined
  /** What is said where there is no line. */
  empty: string
}

/** The lines of a log, of which only those are drawn that are seen. The store re-renders whoever shows it. */
export function LogLines({ ref, store, wraps, follows, onFollow, marked, onMark, search, empty }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const total = store.shown
  const [before, setBefore] = useState(0)
  const laid_out = Math.min(total - before, most_laid_out)
  /** Where to scroll to once other lines are laid out. */
  const pending = useRef<{ line?: number; offset?: number }>(undefined)
  const has_opened = useRef(false)

  const rows = useVirtualizer({
    count: Math.max(0, laid_out),
    getScrollElement: () => box.current,
    estimateSize: () => row_height,
    overscan: drawn_ahead,
    paddingStart: padding,
    paddingEnd: padding,
    getItemKey: (index) => before + index,
  })
  const items = rows.getVirtualItems()
  const first = before + (items[0]?.index ?? 0) + 1
  const last = before + (items.at(-1)?.index ?? -1) + 1

  /** Lays out the part of the log around a line, and goes there once it is. */
  const show = (line: number) => {
    const wanted = Math.min(Math.max(1, line), Math.max(1, total))
    pending.current = { line: wanted }
    if (wanted <= before || wanted > before + laid_out) setBefore(Math.max(0, Math.min(total - most_laid_out, wanted - most_laid_out / 2)))
    else settle()
  }
  const settle = () => {
    const place = pending.current
    pending.current = undefined
    if (place?.line !== undefined) rows.scrollToIndex(place.line - before - 1, { align: 'center' })
    else if (place?.offset !== undefined) box.current?.scrollTo({ top: place.offset })
  }
  const showEnd = () => {
    onFollow(true)
    if (total > before + laid_out) setBefore(Math.max(0, total - most_laid_out))
    box.current?.scrollTo({ top: box.current.scrollHeight })
  }
  useImperativeHandle(ref, () => ({ show, showEnd }))

  useEffect(() => {
    if (last >= first) store.want(first, last)
  }, [store, first, last, total])

  // At first, at the line of the address or the end.
  const open = useEffectEvent(() => {
    if (has_opened.current || total === 0) return
    has_opened.current = true
    if (marked !== undefined) show(marked)
    else if (total > most_laid_out) setBefore(total - most_laid_out)
  })
  useLayoutEffect(() => open(), [total])
  const onLaidOut = useEffectEvent(settle)
  useLayoutEffect(() => onLaidOut(), [before])

  // With the end, as it moves.
  const height = rows.getTotalSize()
  useLayoutEffect(() => {
    if (!follows || total === 0) return
    if (total > before + most_laid_out) setBefore(total - most_laid_out / 2)
    box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [follows, total, before, wraps, height])

  /** Near one end others take the place of the lines at the other, without moving what is seen. */
  const shift = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    const margin = 50 * row_height
    const at_top = scrollTop < margin && before > 0
    const at_bottom = scrollHeight - scrollTop - clientHeight < margin && before + laid_out < total
    if (follows || pending.current || (!at_top && !at_bottom)) return
    const next = at_top ? Math.max(0, before - most_laid_out / 2) : Math.min(total - most_laid_out, before + most_laid_out / 2)
    pending.current = { offset: scrollTop + (before - next) * row_height }
    setBefore(next)
  }

  const was_at = useRef(0)
  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    const at_bottom = scrollHeight - scrollTop - clientHeight < bottom_slack
    if (at_bottom && before + laid_out >= total) {
      if (!follows && !store.is_complete) onFollow(true)
    } else if (follows && scrollTop < was_at.current) onFollow(false)
    was_at.current = scrollTop
    shift()
  }

  const digits = String(Math.max(total, 100)).length
  return (
    <div
      ref={box}
      tabIndex={0}
      role="log"
      aria-label={`Log, ${countText(total)} lines`}
      aria-live="off"
      aria-busy={store.status === 'opening'}
      onScroll={scrolled}
      className="log relative h-[max(320px,calc(100vh-380px))] overflow-auto [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
    >
      {total === 0 ? (
        <p className="px-4 py-3 text-[var(--log-faint)]">{empty}</p>
      ) : (
        <div className="relative min-w-full" style={{ height }}>
          <div className={cn('absolute top-0 left-0', wraps ? 'w-full' : 'w-max min-w-full')} style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
            {items.map((item) => {
              const number = before + item.index + 1
              return (
                <Line
                  key={item.key}
                  ref={wraps ? rows.measureElement : undefined}
                  index={item.index}
                  number={number}
                  text={store.line(number)}
                  style={store.style(number)}
                  digits={digits}
                  wraps={wraps}
                  is_marked={marked === number}
                  onMark={onMark}
                  search={search?.text}
                  ignores_case={search?.ignores_case ?? false}
                  is_current={search?.current === number}
                />
              )
            })}
          </div>
        </div>
      )}
    </div>
  )
}

interface LineProps {
  ref: Ref<HTMLDivElement> | undefined
  index: number
  number: number
  text: string | undefined
  /** What is in force where it begins: see `styleAfter`. */
  style: string
  digits: number
  wraps: boolean
  is_marked: boolean
  onMark: (line: number) => void
  search: string | undefined
  ignores_case: boolean
  is_current: boolean
}

const Line = memo(function Line({ ref, index, number, text, style, digits, wraps, is_marked, onMark, search, ignores_case, is_current }: LineProps) {
  const spans = useMemo(() => (text === undefined ? [] : withMatches(spansOf(text, style), search ?? '', ignores_case)), [text, style, search, ignores_case])
  return (
    <div ref={ref} data-index={index} data-line={number} className={cn('flex min-h-5 pr-4', is_marked && 'bg-[#134e4a]', is_current && !is_marked && 'bg-[#292524]')}>
      <a
        href={`#L${number}`}
        aria-label={`Line ${number}`}
        tabIndex={-1}
        className="shrink-0 pr-4 pl-3 text-right text-[var(--log-faint)] select-none hover:text-[var(--log-ink)]"
        style={{ width: `calc(${digits}ch + 28px)` }}
        onClick={(event) => {
          event.preventDefault()
          onMark(number)
        }}
      >
        {number}
      </a>
      <span className={cn('min-w-0', wraps ? 'whitespace-pre-wrap [overflow-wrap:anywhere]' : 'whitespace-pre', text?.startsWith('+ ') && 'text-[#a8a29e]')}>
        {spans.map((span, at) =>
          span.is_match ? (
            <mark key={at} className={cn('rounded-[2px]', is_current ? 'bg-[#facc15] text-[#1c1917]' : 'bg-[#713f12] text-[#fef3c7]')}>
              {span.text}
            </mark>
          ) : (
            <span key={at} className={span.classes || undefined} style={span.color || span.background ? { color: span.color, backgroundColor: span.background } : undefined}>
              {span.text}
            </span>
          ),
        )}
      </span>
    </div>
  )
})
