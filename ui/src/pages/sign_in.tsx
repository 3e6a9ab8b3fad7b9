import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { Panel } from '@/components/panel'
import { SignInForm } from '@/components/sign_in_form'
import { addressOf } from '@/lib/base_path'
import { useTitle } from '@/lib/use_title'

const route = getRouteApi('/sign-in')

export function SignInPage() {
  const { to } = route.useSearch()
  const router = useRouter()
  const queries = useQueryClient()
  useTitle('Sign in')
  return (
    <div className="mx-auto mt-[8vh] max-w-md">
      <Panel>
        <div className="p-6">
          <h1 className="text-xl font-[620] tracking-[-0.015em]">Sign in</h1>
          <p className="mt-1 mb-5 text-soft">
            This server asks for an access token. Whoever runs it makes one for you: <code className="mono">flotilla token new NAME</code>
          </p>
          <SignInForm
            onSignedIn={() => {
              queries.clear()
              router.history.replace(addressOf(to ?? '/tasks'))
            }}
          />
        </div>
      </Panel>
    </div>
  )
}
