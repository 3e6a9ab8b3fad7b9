import { ChevronLeft, ChevronRight } from 'lucide-react'
import { cn } from '@/lib/class_names'
import { countText } from '@/lib/format'
import { Panel } from './panel'
import { Empty } from './states'
import { Button } from './ui/button'

/** The numbers of the pages that are offered; undefined where some are left out. */
export function offeredPages(page: number, last: number): (number | undefined)[] {
  const wanted = [1, page - 1, page, page + 1, last].filter((each) => each >= 1 && each <= last)
  const pages = [...new Set(wanted)].sort((a, b) => a - b)
  return pages.flatMap((each, index) => (index > 0 && each - pages[index - 1]! > 1 ? [undefined, each] : [each]))
}

interface Props {
  page: number
  size: number
  total: number
  is_estimate?: boolean
  onPage: (page: number) => void
}

/** Which part of a list is shown, and the way to the others. */
export function Pages({ page, size, total, is_estimate, onPage }: Props) {
  const last = Math.max(1, Math.ceil(total / size))
  if (total === 0) return null
  if (page > last) {
    return (
      <Panel>
        <Empty title="The list ends before this page" actions={<Button onClick={() => onPage(last)}>Go to its last page</Button>}>
          It has {countText(last)} {last === 1 ? 'page' : 'pages'} now.
        </Empty>
      </Panel>
    )
  }
  return (
    <nav aria-label="Pages" className="mt-3 flex flex-wrap items-center justify-between gap-2 px-1 text-faint tabular-nums">
      <span>
        {countText((page - 1) * size + 1)} to {countText(Math.min(total, page * size))} of {is_estimate && 'about '}
        {countText(total)}
      </span>
      {last > 1 && (
        <span className="flex items-center gap-0.5">
          <Button look="ghost" size="tiny" aria-label="Previous page" disabled={page <= 1} onClick={() => onPage(page - 1)}>
            <ChevronLeft />
          </Button>
          {offeredPages(page, last).map((each, index) =>
            each === undefined ? (
              <span key={`gap${index}`} className="px-1">
                …
              </span>
            ) : (
              <Button
                key={each}
                look="ghost"
                size="tiny"
                aria-current={each === page ? 'page' : undefined}
                className={cn('w-auto! min-w-7 px-1.5', each === page ? 'bg-quiet text-ink!' : 'font-normal!')}
                onClick={() => onPage(each)}
              >
                {countText(each)}
              </Button>
            ),
          )}
          <Button look="ghost" size="tiny" aria-label="Next page" disabled={page >= last} onClick={() => onPage(page + 1)}>
            <ChevronRight />
          </Button>
        </span>
      )}
    </nav>
  )
}
