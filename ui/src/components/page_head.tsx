import type { ReactNode } from 'react'

/** The top of a page: where one is, what it is about, and what can be done with it. */
export function PageHead({ above, title, beside, children }: { above?: ReactNode; title: ReactNode; beside?: ReactNode; children?: ReactNode }) {
  return (
    <div className="mb-4 flex min-h-[34px] flex-wrap items-end gap-x-4 gap-y-3">
      <div className="min-w-0 grow">
        {above && <div className="mb-0.5 text-[13px] text-soft [overflow-wrap:anywhere]">{above}</div>}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <h1 className="min-w-0 text-xl font-[620] tracking-[-0.015em] [overflow-wrap:anywhere]">{title}</h1>
          {beside}
        </div>
      </div>
      {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </div>
  )
}
