import { useSyncExternalStore } from 'react'
import { Unreachable } from '@/api/client'

/** Whether the server answered when it was asked last. */
class Connection {
  private is_up = true
  private readonly listeners = new Set<() => void>()

  answered(): void {
    this.set(true)
  }
  failed(error: Error): void {
    this.set(!(error instanceof Unreachable))
  }
  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
  readonly snapshot = () => this.is_up

  private set(is_up: boolean): void {
    if (is_up === this.is_up) return
    this.is_up = is_up
    for (const listener of this.listeners) listener()
  }
}

export const connection = new Connection()

export function useIsConnected(): boolean {
  return useSyncExternalStore(connection.subscribe, connection.snapshot)
}
