import { useState } from 'react'

/** A text that this browser remembers. */
export function useStored(key: string, initial: string): [string, (value: string) => void] {
  const name = `flotilla.${key}`
  const [value, setValue] = useState(() => localStorage.getItem(name) ?? initial)
  return [
    value,
    (next) => {
      localStorage.setItem(name, next)
      setValue(next)
    },
  ]
}
