import { useSyncExternalStore } from 'react'

type State = 'valid' | 'ended' | 'put_off'

/** Whether the session of whoever was signed in has ended, and whether they have to sign in again now. */
export class Session {
  private state: State = 'valid'
  private readonly listeners = new Set<() => void>()

  /** Something was refused for that reason: `is_wanted` if somebody waits for it. Who wants to sign in later is asked then. */
  ended(is_wanted: boolean): void {
    if (is_wanted || this.state === 'valid') this.set('ended')
  }
  putOff(): void {
    this.set('put_off')
  }
  began(): void {
    this.set('valid')
  }
  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
  readonly asksToSignIn = () => this.state === 'ended'

  private set(state: State): void {
    this.state = state
    for (const listener of this.listeners) listener()
  }
}

export const session = new Session()

export function useAsksToSignIn(): boolean {
  return useSyncExternalStore(session.subscribe, session.asksToSignIn)
}
