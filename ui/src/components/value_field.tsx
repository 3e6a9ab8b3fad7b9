import { useLayoutEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react'
import { cn } from '@/lib/class_names'
import { Input, TextArea } from './ui/field'

type Element = HTMLInputElement | HTMLTextAreaElement

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
  placeholder: string
  /** Whether it is covered. */
  is_secret: boolean
  className?: string
}

const most_rows = 12

/** A value of one line or of several: it grows where lines are pasted into it, or where Shift and Enter begin another. */
export function ValueField({ label, value, onChange, placeholder, is_secret, className }: Props) {
  // While somebody writes in it, a field does not turn into another one.
  const [had_lines, setHadLines] = useState(false)
  const has_lines = had_lines || value.includes('\n')
  const field = useRef<Element>(null)
  /** Where the cursor goes once the field of several lines is there. */
  const cursor = useRef<number>(undefined)
  useLayoutEffect(() => {
    if (cursor.current === undefined) return
    field.current?.focus()
    field.current?.setSelectionRange(cursor.current, cursor.current)
    cursor.current = undefined
  }, [value])

  const insert = (target: Element, text: string) => {
    const { selectionStart, selectionEnd } = target
    cursor.current = (selectionStart ?? value.length) + text.length
    setHadLines(true)
    onChange(value.slice(0, selectionStart ?? value.length) + text + value.slice(selectionEnd ?? value.length))
  }
  const same = {
    'aria-label': label,
    placeholder,
    spellCheck: false,
    autoComplete: 'off',
    value,
    onChange: (event: { target: Element }) => onChange(event.target.value),
  }
  if (has_lines) {
    return (
      <TextArea
        ref={(element) => { field.current = element }}
        {...same}
        wrap="off"
        rows={Math.min(value.split('\n').length, most_rows)}
        className={cn('mono min-h-[34px] resize-none py-[7px] leading-[18px]', is_secret && '[-webkit-text-security:disc]', className)}
        onFocus={() => setHadLines(true)}
        onBlur={() => setHadLines(false)}
      />
    )
  }
  return (
    <Input
      ref={(element) => { field.current = element }}
      {...same}
      type={is_secret ? 'password' : 'text'}
      className={cn('mono', className)}
      onPaste={(event: ClipboardEvent<HTMLInputElement>) => {
        const text = event.clipboardData.getData('text').replaceAll('\r\n', '\n')
        if (!text.trimEnd().includes('\n')) return
        event.preventDefault()
        insert(event.currentTarget, text)
      }}
      onKeyDown={(event: KeyboardEvent<HTMLInputElement>) => {
        if (event.key !== 'Enter' || !event.shiftKey) return
        event.preventDefault()
        insert(event.currentTarget, '\n')
      }}
    />
  )
}
