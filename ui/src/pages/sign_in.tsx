import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '@/api/client'
import { Panel } from '@/components/panel'
import { Button } from '@/components/ui/button'
import { Field, Input } from '@/components/ui/field'
import { useTitle } from '@/lib/use_title'

const route = getRouteApi('/sign-in')

/** Asks for an access token, which the server hands to the browser as a cookie that no script can read. */
export function SignInPage() {
  const { to } = route.useSearch()
  const [token, setToken] = useState('')
  const router = useRouter()
  const queries = useQueryClient()
  useTitle('Sign in')
  const sign_in = useMutation({
    mutationFn: () => api.answer(api.client.POST('/api/v1/session', { body: { token: token.trim() } })),
    onSuccess: () => {
      queries.clear()
      router.history.replace(to ?? '/tasks')
    },
  })
  return (
    <div className="mx-auto mt-[8vh] max-w-md">
      <Panel>
        <form
          className="p-6"
          onSubmit={(event) => {
            event.preventDefault()
            sign_in.mutate()
          }}
        >
          <h1 className="text-xl font-[620] tracking-[-0.015em]">Sign in</h1>
          <p className="mt-1 mb-5 text-soft">
            This server asks for an access token. Whoever runs it makes one for you: <code className="mono">flotilla token new NAME</code>
          </p>
          <Field label="Access token" error={sign_in.error?.message} hint="This browser keeps it where no script can read it, until you sign out.">
            <Input
              type="password"
              autoFocus
              autoComplete="current-password"
              className="mono"
              placeholder="flt_…"
              value={token}
              onChange={(event) => setToken(event.target.value)}
            />
          </Field>
          <Button type="submit" look="primary" className="mt-5 w-full" disabled={token.trim() === '' || sign_in.isPending}>
            Sign in
          </Button>
        </form>
      </Panel>
    </div>
  )
}
