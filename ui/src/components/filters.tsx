import { X } from 'lucide-react'
import { useId } from 'react'
import { cn } from '@/lib/class_names'
import { localTime, utcTime } from '@/lib/search_params'
import { useDelayedText } from '@/lib/use_delayed'
import { Button } from './ui/button'
import { Input, Select } from './ui/field'

interface TextProps {
  label: string
  value: string | undefined
  onChange: (value: string | undefined) => void
  /** What may be meant; anything else may be written too. */
  offered?: string[]
  className?: string
  is_mono?: boolean
  /** Why it is not applied. */
  mistake?: string | undefined
}

/** A filter that is written. */
export function TextFilter({ label, value, onChange, offered, className, is_mono, mistake }: TextProps) {
  const [text, setText] = useDelayedText(value ?? '', (next) => onChange(next === '' ? undefined : next))
  const list = useId()
  const told = useId()
  return (
    <div className={cn('relative min-w-0', className)}>
      {mistake && (
        <p id={told} role="alert" className="mb-0.5 text-[12px] text-bad">
          {mistake}
        </p>
      )}
      <Input
        aria-label={label}
        aria-invalid={mistake ? true : undefined}
        aria-describedby={mistake && told}
        placeholder={label}
        value={text}
        list={offered && list}
        className={cn(is_mono && text !== '' && 'mono', text !== '' && 'pr-8')}
        onChange={(event) => setText(event.target.value)}
      />
      {text !== '' && (
        <Button look="ghost" size="tiny" className="absolute right-1 bottom-[3px]" aria-label={`Clear: ${label}`} onClick={() => setText('')}>
          <X />
        </Button>
      )}
      {offered && (
        <datalist id={list}>
          {offered.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </div>
  )
}

interface ChoiceProps {
  label: string
  value: string | undefined
  onChange: (value: string | undefined) => void
  choices: readonly { value: string; word: string }[]
  className?: string
}

/** A filter that is chosen from a few values. */
export function ChoiceFilter({ label, value, onChange, choices, className }: ChoiceProps) {
  const known = value === undefined || choices.some((each) => each.value === value)
  return (
    <div className={cn('min-w-0', className)}>
      <Select aria-label={label} value={value ?? ''} className={cn(value === undefined && 'text-faint!')} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{label}: any</option>
        {!known && <option value={value}>{value}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.word}
          </option>
        ))}
      </Select>
    </div>
  )
}

/** A bound of a time, in the reader's own time; `value` is in UTC. */
export function TimeFilter({ label, value, onChange }: { label: string; value: string | undefined; onChange: (value: string | undefined) => void }) {
  return (
    <label className="block min-w-0 text-[12px] text-faint">
      {label}
      <Input type="datetime-local" className="mt-0.5 text-[13px]" value={value === undefined ? '' : localTime(value)} onChange={(event) => onChange(utcTime(event.target.value))} />
    </label>
  )
}
