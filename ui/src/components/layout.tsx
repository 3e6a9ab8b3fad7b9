import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useIsConnected } from '@/lib/connection'
import { loadPart } from '@/lib/load_part'
import { useAsksToSignIn } from '@/lib/session'
import { parts } from '@/parts'
import { Button } from './ui/button'

const QuickSearch = lazy(() => loadPart(parts.quick_search))
const Account = lazy(() => loadPart(parts.account))
const SignInAgain = lazy(() => loadPart(parts.sign_in_again))

/** What stands on every page. */
export function Layout() {
  const is_signing_in = useRouterState({ select: ({ location }) => location.pathname === '/sign-in' })
  const has_ended = useAsksToSignIn()
  return (
    <>
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-lg focus:bg-panel focus:px-3 focus:py-2">
        To the content
      </a>
      <header className="sticky top-0 z-30 border-b border-line bg-panel">
        <div className="flex h-[52px] items-center gap-2 px-4 sm:gap-7 sm:px-6">
          <Link to="/tasks" className="flex items-center gap-2.5 font-[650] tracking-[-0.01em]">
            <Mark />
            <span className="max-[400px]:sr-only">Flotilla</span>
          </Link>
          {!is_signing_in && <Views />}
          <span className="grow" />
          {!is_signing_in && <SearchButton />}
          <Suspense fallback={<span className="-mr-2 w-8" />}>
            <Account />
          </Suspense>
        </div>
        <Gone />
      </header>
      <main id="main" tabIndex={-1} className="mx-auto max-w-[1328px] px-4 py-5 outline-none sm:px-6 sm:py-6">
        <Outlet />
      </main>
      {has_ended && !is_signing_in && (
        <Suspense>
          <SignInAgain />
        </Suspense>
      )}
    </>
  )
}

function Mark() {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className="size-[22px]">
      <rect width="32" height="32" rx="9" className="fill-accent" />
      <g className="fill-accent-ink">
        <rect x="7" y="17" width="4.5" height="8" rx="1.5" />
        <rect x="13.75" y="12" width="4.5" height="13" rx="1.5" />
        <rect x="20.5" y="7" width="4.5" height="18" rx="1.5" />
      </g>
    </svg>
  )
}

function Views() {
  const link = 'rounded-[7px] px-2.5 py-1.5 text-soft hover:text-ink'
  const active = { className: 'bg-quiet text-ink font-[550]' }
  return (
    <nav aria-label="Views" className="flex gap-1">
      <Link to="/tasks" className={link} activeProps={active} activeOptions={{ includeSearch: false }}>
        Tasks
      </Link>
      <Link to="/runs" className={link} activeProps={active} activeOptions={{ includeSearch: false }}>
        Runs
      </Link>
    </nav>
  )
}

function SearchButton() {
  const [is_open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const close = () => {
    setOpen(false)
    setText('')
  }
  useEffect(() => {
    const keyDown = (event: KeyboardEvent) => {
      const is_typing = event.target instanceof HTMLElement && (event.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.shadowRoot)
      if ((event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) || (event.key === '/' && !is_typing)) {
        event.preventDefault()
        setOpen(true)
      }
    }
    window.addEventListener('keydown', keyDown)
    return () => window.removeEventListener('keydown', keyDown)
  }, [])
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="hidden h-[34px] w-[300px] items-center justify-between rounded-lg border border-line bg-canvas px-2.5 text-faint hover:border-edge md:flex"
      >
        Search tasks and runs
        <kbd className="mono rounded border border-line px-1.5 text-[11px] text-soft">Ctrl K</kbd>
      </button>
      <Button look="ghost" size="icon" className="md:hidden" aria-label="Search tasks and runs" onClick={() => setOpen(true)}>
        <Search />
      </Button>
      {is_open && (
        <Suspense fallback={<FirstLetters text={text} onText={setText} onClose={close} />}>
          <QuickSearch text={text} onText={setText} onClose={close} />
        </Suspense>
      )}
    </>
  )
}

/** Takes what is typed until the search is loaded, and looks like it. */
function FirstLetters({ text, onText, onClose }: { text: string; onText: (text: string) => void; onClose: () => void }) {
  return (
    <div className="fixed inset-0 z-40 bg-black/40 dark:bg-black/60" onClick={onClose}>
      <input
        autoFocus
        aria-label="Search tasks and runs"
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
        className="fixed top-[12vh] left-1/2 h-12 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 rounded-xl border border-edge bg-panel px-4 text-[15px] shadow-2xl outline-none"
      />
    </div>
  )
}

/** Says that the server is away, for as long as it is. */
function Gone() {
  const is_connected = useIsConnected()
  return (
    <div role="status">
      {!is_connected && (
        <p className="border-t border-line bg-wait-wash px-6 py-1.5 text-center text-[13px] font-[550] text-wait">
          The server does not answer. This page tries again by itself; jobs go on.
        </p>
      )}
    </div>
  )
}
