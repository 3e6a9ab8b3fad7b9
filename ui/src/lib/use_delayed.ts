import { useEffect, useEffectEvent, useState } from 'react'

/** A text that is being written: it is told once nobody has written for a moment. */
export function useDelayedText(value: string, tell: (value: string) => void): [string, (value: string) => void] {
  const [text, setText] = useState(value)
  const [told, setTold] = useState(value)
  // The value may change from elsewhere, as by the back button.
  if (value !== told) {
    setTold(value)
    setText(value)
  }
  const onTell = useEffectEvent((next: string) => {
    setTold(next)
    tell(next)
  })
  useEffect(() => {
    if (text === told) return
    const timer = setTimeout(() => onTell(text), 250)
    return () => clearTimeout(timer)
  }, [text, told])
  return [text, setText]
}
