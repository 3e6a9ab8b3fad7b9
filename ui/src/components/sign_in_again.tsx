import { useQueryClient } from '@tanstack/react-query'
import { session } from '@/lib/session'
import { SignInForm } from './sign_in_form'
import { Dialog } from './ui/dialog'

/** Asks whoever was signed in to sign in again, over the page, which stays as it is. */
export default function SignInAgain() {
  const queries = useQueryClient()
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && session.putOff()}
      title="Sign in again"
      description="Your session has ended. What you wrote on this page stays: sign in, and go on."
    >
      <SignInForm
        onSignedIn={() => {
          session.began()
          void queries.invalidateQueries()
        }}
      />
    </Dialog>
  )
}
