import { Unreachable } from '@/api/client'
import { addressOf } from './base_path'
import { connection } from './connection'

const pause = 1000
const reloaded_key = 'flotilla.reloaded'

/** What is around the loading of a part; tests have their own. */
export interface Surroundings {
  answers: () => Promise<boolean>
  wait: () => Promise<void>
  /** Loads the whole page anew; false if that was done a moment ago. */
  reload: () => boolean
  away: () => void
}

const browser: Surroundings = {
  answers: () => fetch(addressOf('/health')).then((answer) => answer.ok, () => false),
  wait: () => new Promise((resolve) => setTimeout(resolve, pause)),
  reload: () => {
    if (Date.now() - Number(sessionStorage.getItem(reloaded_key) ?? 0) < 10_000) return false
    sessionStorage.setItem(reloaded_key, String(Date.now()))
    window.location.reload()
    return true
  },
  away: () => connection.failed(new Unreachable()),
}

/**
 * Loads a part of the page that comes by itself. While the server is away, the page says so and asks for the part again; where
 * the server is there and has it not, it has another version of the page by now, and all of it is loaded anew.
 */
export async function loadPart<Part>(load: () => Promise<Part>, { answers, wait, reload, away } = browser): Promise<Part> {
  for (;;) {
    try {
      return await load()
    } catch (error) {
      if (await answers()) {
        // A failure that is over, as when the network changed, is not worth the whole page.
        const part = await load().catch(() => undefined)
        if (part !== undefined) return part
        if (reload()) await new Promise(() => undefined)
        throw error
      }
      away()
      await wait()
    }
  }
}
