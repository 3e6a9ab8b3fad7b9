import { useId, type ComponentProps, type ReactElement, type ReactNode, cloneElement } from 'react'
import { cn } from '@/lib/class_names'

const box =
  'w-full rounded-lg border border-line bg-panel px-2.5 text-ink hover:border-edge aria-[invalid=true]:border-bad disabled:opacity-60'

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={cn(box, 'h-[34px] text-ellipsis', className)} {...rest} />
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={cn(box, 'py-1.5', className)} {...rest} />
}

export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return <select className={cn(box, 'h-[34px] pr-1 pl-[7px]', className)} {...rest} />
}

interface FieldProps {
  label: string
  /** What the field means, in a few words. */
  hint?: ReactNode
  error?: string | undefined
  optional?: boolean
  className?: string
  children: ReactElement<{ id?: string; 'aria-invalid'?: boolean; 'aria-describedby'?: string }>
}

/** A part of a form with its label, and what is wrong with it. */
export function Field({ label, hint, error, optional, className, children }: FieldProps) {
  const id = useId()
  const told = error ?? hint
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 flex flex-wrap items-baseline gap-x-2 font-[550]">
        {label}
        {optional && <span className="text-[12px] font-normal text-faint">optional</span>}
      </label>
      {cloneElement(children, {
        id,
        'aria-invalid': error ? true : undefined,
        'aria-describedby': told ? `${id}-told` : undefined,
      })}
      {told && (
        <p id={`${id}-told`} role={error ? 'alert' : undefined} className={cn('mt-1 text-[13px] whitespace-pre-line', error ? 'text-bad' : 'text-faint')}>
          {told}
        </p>
      )}
    </div>
  )
}
