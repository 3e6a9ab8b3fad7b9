import type { ReactNode } from 'react'
import { cn } from '@/lib/class_names'

/** A sheet on the page. */
export function Panel({ children, className, label }: { children: ReactNode; className?: string; label?: string }) {
  return (
    <section aria-label={label} className={cn('overflow-clip rounded-xl border border-line bg-panel shadow-panel', className)}>
      {children}
    </section>
  )
}

export function PanelHead({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className="flex min-h-10 items-center justify-between gap-3 border-b border-line px-4 py-1.5">
      <h2 className="text-[12px] font-semibold text-soft">{title}</h2>
      {children}
    </div>
  )
}

/** Names and what they are, one below the other. */
export function Facts({ children, className }: { children: ReactNode; className?: string }) {
  return <dl className={cn('grid grid-cols-[110px_minmax(0,1fr)] gap-x-3 gap-y-2.5 px-4 py-3.5', className)}>{children}</dl>
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  if (children === undefined || children === null || children === '' || children === false) return null
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </>
  )
}
