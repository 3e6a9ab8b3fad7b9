import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/api/client'
import { Button } from './ui/button'
import { Field, Input } from './ui/field'

/** Asks for an access token, which the server hands to the browser as a cookie that no script can read. */
export function SignInForm({ onSignedIn }: { onSignedIn: () => void }) {
  const [token, setToken] = useState('')
  const sign_in = useMutation({
    mutationFn: () => api.answer(api.client.POST('/api/v1/session', { body: { token: token.trim() } })),
    onSuccess: onSignedIn,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        sign_in.mutate()
      }}
    >
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
  )
}
