import { useEffect } from 'react'

/** What the browser's tab is called. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · Flotilla` : 'Flotilla'
  }, [title])
}
