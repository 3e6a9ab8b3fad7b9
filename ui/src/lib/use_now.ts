import { useSyncExternalStore } from 'react'

/** One clock for all that is shown relative to now; it ticks once a second while somebody looks. */
let now = new Date()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = new Date()
    for (const each of listeners) each()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

function snapshot(): Date {
  if (Date.now() - now.getTime() > (timer === undefined ? 100 : 1500)) now = new Date()
  return now
}

export function useNow(): Date {
  return useSyncExternalStore(subscribe, snapshot)
}
