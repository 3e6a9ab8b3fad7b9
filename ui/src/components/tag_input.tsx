import { X } from 'lucide-react'
import { useId, useState, type KeyboardEvent } from 'react'
import { Input } from './ui/field'

interface Props {
  id?: string
  value: string[]
  onChange: (value: string[]) => void
  /** What exists; anything else may be written too. */
  offered: string[]
  placeholder?: string
  'aria-describedby'?: string
}

/** Whether a change of an input was written, not chosen from its list. */
function isTyped(event: Event): boolean {
  return event instanceof InputEvent && event.inputType.startsWith('insertText')
}

/** Words, each of which can be taken away again. */
export function TagInput({ value, onChange, offered, placeholder, ...rest }: Props) {
  const [text, setText] = useState('')
  const list = useId()
  const add = (word: string) => {
    const tag = word.trim()
    if (tag !== '' && !value.includes(tag)) onChange([...value, tag])
    setText('')
  }
  const keyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if ((event.key === 'Enter' || event.key === ',') && text.trim() !== '') {
      event.preventDefault()
      add(text)
    } else if (event.key === 'Backspace' && text === '' && value.length > 0) {
      onChange(value.slice(0, -1))
    }
  }
  return (
    <div>
      {value.length > 0 && (
        <ul className="mb-1.5 flex flex-wrap gap-1.5">
          {value.map((tag) => (
            <li key={tag} className="flex max-w-full items-center gap-0.5 rounded-[11px] bg-quiet py-0.5 pr-1 pl-2.5 text-[12.5px] text-soft">
              <span className="min-w-0 [overflow-wrap:anywhere]">{tag}</span>
              <button type="button" aria-label={`Remove ${tag}`} className="rounded-full p-0.5 hover:text-ink" onClick={() => onChange(value.filter((each) => each !== tag))}>
                <X className="size-3" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Input
        {...rest}
        list={list}
        value={text}
        placeholder={placeholder}
        onChange={(event) => {
          const next = event.target.value
          // What was chosen from the list comes as a whole.
          if (offered.includes(next) && !isTyped(event.nativeEvent)) add(next)
          else setText(next)
        }}
        onKeyDown={keyDown}
        onBlur={() => add(text)}
      />
      <datalist id={list}>
        {offered
          .filter((each) => !value.includes(each))
          .map((each) => (
            <option key={each} value={each} />
          ))}
      </datalist>
    </div>
  )
}
