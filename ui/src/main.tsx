import './style.css'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Refusal } from './api/client'
import { callerQuery, mayRetry } from './api/queries'
import { connection } from './lib/connection'
import { session } from './lib/session'
import { loadAllParts } from './parts'
import { router } from './router'

/**
 * Who is not signed in is asked to; who is not any more, over what they are at. Where the server is away, the page says so.
 * `is_wanted`: somebody waits for what failed.
 */
function noteError(error: Error, is_wanted: boolean): void {
  connection.failed(error)
  const { pathname, href } = router.state.location
  if (!(error instanceof Refusal) || error.status !== 401 || pathname === '/sign-in') return
  if (queries.getQueryData(callerQuery.queryKey)) session.ended(is_wanted)
  else void router.navigate({ to: '/sign-in', search: { to: href }, replace: true })
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => noteError(error, false), onSuccess: () => connection.answered() }),
  mutationCache: new MutationCache({ onError: (error) => noteError(error, true), onSuccess: () => connection.answered() }),
  defaultOptions: { queries: { retry: mayRetry, retryDelay: 1000, staleTime: 500, networkMode: 'always' }, mutations: { networkMode: 'always' } },
})

// What other pages are made of comes when this one is there.
const soon = 3000
window.addEventListener('load', () => setTimeout(() => void loadAllParts(), soon))

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
