import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Unreachable, Refusal } from '@/api/client'
import { cn } from '@/lib/class_names'
import { Button } from './ui/button'

/** Where there is nothing yet: what it is for, and what to do. */
export function Empty({ title, children, actions, heading: Heading = 'h2' }: { heading?: 'h1' | 'h2'; title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <Heading className="text-[15px] font-semibold">{title}</Heading>
      {children && <div className="mt-1.5 max-w-md text-soft">{children}</div>}
      {actions && <div className="mt-5 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  )
}

/** What went wrong, and a way to go on. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const is_gone = error instanceof Unreachable
  return (
    <div role="alert" className="flex flex-col items-center px-6 py-14 text-center">
      <CircleAlert aria-hidden className="mb-3 size-6 text-bad" />
      <h1 className="text-[15px] font-semibold">
        {is_gone ? 'The server does not answer' : error instanceof Refusal && error.status === 404 ? 'Not found' : 'That did not work'}
      </h1>
      <p className="mt-1.5 max-w-lg whitespace-pre-line text-soft">
        {is_gone ? 'Is it running, and is your network up? This page tries again by itself.' : error.message}
      </p>
      {retry && (
        <Button className="mt-5" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** Mistakes in what was asked, as the server said them, one a line. */
export function Mistakes({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className="rounded-lg border-l-[3px] border-bad bg-bad-wash px-3.5 py-2.5 whitespace-pre-line">
      {children}
    </div>
  )
}

/** Grey bars in the place of what is being loaded. */
export function Skeleton({ rows = 6, className }: { rows?: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={cn('space-y-4 p-4', className)}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="animate-live h-5 rounded bg-quiet" style={{ width: `${92 - ((index * 17) % 35)}%` }} />
      ))}
    </div>
  )
}
