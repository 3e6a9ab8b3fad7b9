import type { ReactNode } from 'react'

/** A part of a form: what it is about on the left, its fields on the right. */
export function FormSection({ title, children, hint }: { title: string; children: ReactNode; hint?: ReactNode }) {
  return (
    <section className="grid gap-x-8 gap-y-4 border-t border-line px-5 py-6 first:border-t-0 lg:grid-cols-[200px_minmax(0,1fr)]">
      <div>
        <h2 className="font-semibold">{title}</h2>
        {hint && <p className="mt-1 text-[13px] text-faint">{hint}</p>}
      </div>
      <div className="min-w-0 space-y-4">{children}</div>
    </section>
  )
}
