import { Plus, Undo2, X } from 'lucide-react'
import { useState, type ClipboardEvent } from 'react'
import { looksSecret, parseVariables, repeatedRows, withPasted, type Pasted, type Variable } from '@/lib/env'
import { Button } from './ui/button'
import { Input } from './ui/field'
import { ValueField } from './value_field'

interface Props {
  value: Variable[]
  onChange: (value: Variable[]) => void
  /** What is wrong, by the number of the row. */
  errors?: Record<number, string>
  /** What each row is. */
  what?: 'variable' | 'label'
  /** What the task sets: the first rows, which a run can change and empty, but not leave out. */
  inherited?: Variable[]
}

/** Rows of variables. Lines `NAME=VALUE` that are pasted into a name become rows; what of them cannot is told. */
export function EnvEditor({ value, onChange, errors = {}, what = 'variable', inherited = [] }: Props) {
  const set = (index: number, change: Partial<Variable>) =>
    onChange(value.map((each, at) => (at === index ? { ...each, ...change } : each)))

  const [left, setLeft] = useState<Pasted['left']>([])
  const repeated = repeatedRows(value)

  const paste = (index: number, event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = parseVariables(event.clipboardData.getData('text'))
    if (!pasted) return
    event.preventDefault()
    setLeft(pasted.left)
    onChange(withPasted(value, Math.max(index, inherited.length), pasted.variables))
  }

  return (
    <div>
      {value.length > 0 && (
        <ul className="mb-2 space-y-2 max-sm:space-y-4">
          {value.map((variable, index) => {
            const { name } = variable
            const is_secret = what === 'variable' && looksSecret(name)
            const of_task = inherited[index]
            return (
              <li key={index}>
                <div className="grid items-start gap-2 max-sm:gap-y-1.5 max-sm:grid-cols-[minmax(0,1fr)_auto] sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto]">
                  <Input
                    className={of_task ? 'mono bg-quiet! text-soft!' : 'mono'}
                    aria-label={of_task ? `Name of ${what} ${index + 1}, of the task` : `Name of ${what} ${index + 1}`}
                    aria-invalid={errors[index] ? true : undefined}
                    placeholder={what === 'variable' ? 'NAME' : 'name'}
                    spellCheck={false}
                    autoCapitalize="off"
                    value={name}
                    readOnly={of_task !== undefined}
                    title={of_task && name}
                    onChange={(event) => set(index, { name: event.target.value })}
                    onPaste={(event) => paste(index, event)}
                  />
                  <ValueField
                    label={`Value of ${name || `${what} ${index + 1}`}`}
                    placeholder={of_task ? 'empty' : 'value'}
                    is_secret={is_secret}
                    value={variable.value}
                    onChange={(next) => set(index, { value: next })}
                    className="max-sm:col-span-2 max-sm:row-start-2"
                  />
                  {of_task === undefined ? (
                    <RowButton label={`Remove ${name || `${what} ${index + 1}`}`} onClick={() => onChange(value.filter((_, at) => at !== index))}>
                      <X />
                    </RowButton>
                  ) : of_task.value === variable.value ? (
                    <RowButton label={`Empty ${name} for this run`} disabled={of_task.value === ''} onClick={() => set(index, { value: '' })}>
                      <X />
                    </RowButton>
                  ) : (
                    <RowButton label={`Take the task’s ${name}`} onClick={() => set(index, of_task)}>
                      <Undo2 />
                    </RowButton>
                  )}
                </div>
                {of_task && of_task.value !== variable.value && <Changed from={of_task.value} to={variable.value} is_secret={is_secret} />}
                {repeated[index] && <p className="mt-1 text-[13px] text-wait">{repeated[index]}</p>}
                {errors[index] && (
                  <p role="alert" className="mt-1 text-[13px] text-bad">
                    {errors[index]}
                  </p>
                )}
              </li>
            )
          })}
        </ul>
      )}
      {left.length > 0 && <LeftOut lines={left} onClose={() => setLeft([])} />}
      <div className="flex flex-wrap items-center gap-3">
        <Button size="small" onClick={() => onChange([...value, { name: '', value: '' }])}>
          <Plus /> Add a {what}
        </Button>
        <span className="text-[13px] text-faint">or paste lines NAME=VALUE into a name</span>
      </div>
    </div>
  )
}

const most_named = 5

/** Lines that were pasted and are no variables. */
function LeftOut({ lines, onClose }: { lines: Pasted['left']; onClose: () => void }) {
  return (
    <div role="alert" className="mb-2 flex items-start gap-2 rounded-lg border-l-[3px] border-wait bg-wait-wash py-2 pr-2 pl-3.5">
      <div className="min-w-0 grow">
        <p>Not taken over, as {lines.length === 1 ? 'it is' : 'they are'} no NAME=VALUE:</p>
        <ul>
          {lines.slice(0, most_named).map(({ number, text }) => (
            <li key={number} className="truncate">
              line {number}: <span className="mono">{text}</span>
            </li>
          ))}
          {lines.length > most_named && <li>and {lines.length - most_named} more</li>}
        </ul>
      </div>
      <Button look="ghost" size="tiny" aria-label="Close: lines that were not taken over" onClick={onClose}>
        <X />
      </Button>
    </div>
  )
}

function RowButton({ label, children, ...rest }: { label: string; disabled?: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <Button look="ghost" size="icon" aria-label={label} title={label} {...rest}>
      {children}
    </Button>
  )
}

/** What this run has otherwise than its task. */
function Changed({ from, to, is_secret }: { from: string; to: string; is_secret: boolean }) {
  return (
    <p className="mt-1 text-[13px] text-soft [overflow-wrap:anywhere]">
      {to === '' ? 'Empty' : 'Changed'} for this run;{' '}
      {from === '' ? (
        'the task leaves it empty.'
      ) : is_secret ? (
        'the task has another value.'
      ) : (
        <>
          the task has <span className="mono whitespace-pre-wrap">{from}</span>
        </>
      )}
    </p>
  )
}
