import { Plus, X } from 'lucide-react'
import type { ClipboardEvent } from 'react'
import { looksSecret, parseVariables, type Variable } from '@/lib/env'
import { Button } from './ui/button'
import { Input } from './ui/field'

interface Props {
  value: Variable[]
  onChange: (value: Variable[]) => void
  /** What is wrong, by the number of the row. */
  errors?: Record<number, string>
  /** What each row is. */
  what?: 'variable' | 'label'
}

/** Rows of variables. Lines `NAME=VALUE` that are pasted into a name become rows. */
export function EnvEditor({ value, onChange, errors = {}, what = 'variable' }: Props) {
  const set = (index: number, change: Partial<Variable>) =>
    onChange(value.map((each, at) => (at === index ? { ...each, ...change } : each)))

  const paste = (index: number, event: ClipboardEvent<HTMLInputElement>) => {
    const text = event.clipboardData.getData('text')
    const pasted = text.includes('=') ? parseVariables(text) : undefined
    if (!pasted) return
    event.preventDefault()
    const kept = value.filter((each, at) => at !== index || each.name !== '')
    onChange([...kept.slice(0, index), ...pasted, ...kept.slice(index)])
  }

  return (
    <div>
      {value.length > 0 && (
        <ul className="mb-2 space-y-2">
          {value.map((variable, index) => (
            <li key={index}>
              <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] gap-2">
                <Input
                  className="mono"
                  aria-label={`Name of ${what} ${index + 1}`}
                  aria-invalid={errors[index] ? true : undefined}
                  placeholder={what === 'variable' ? 'NAME' : 'name'}
                  spellCheck={false}
                  autoCapitalize="off"
                  value={variable.name}
                  onChange={(event) => set(index, { name: event.target.value })}
                  onPaste={(event) => paste(index, event)}
                />
                <Input
                  className="mono"
                  aria-label={`Value of ${variable.name || `${what} ${index + 1}`}`}
                  placeholder="value"
                  spellCheck={false}
                  autoComplete="off"
                  type={what === 'variable' && looksSecret(variable.name) ? 'password' : 'text'}
                  value={variable.value}
                  onChange={(event) => set(index, { value: event.target.value })}
                />
                <Button
                  look="ghost"
                  size="icon"
                  aria-label={`Remove ${variable.name || `${what} ${index + 1}`}`}
                  onClick={() => onChange(value.filter((_, at) => at !== index))}
                >
                  <X />
                </Button>
              </div>
              {errors[index] && (
                <p role="alert" className="mt-1 text-[13px] text-bad">
                  {errors[index]}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button size="small" onClick={() => onChange([...value, { name: '', value: '' }])}>
          <Plus /> Add a {what}
        </Button>
        <span className="text-[13px] text-faint">or paste lines NAME=VALUE into a name</span>
      </div>
    </div>
  )
}
