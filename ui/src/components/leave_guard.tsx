import { useBlocker } from '@tanstack/react-router'
import { Button } from './ui/button'
import { Dialog } from './ui/dialog'

/** Asks before a form is left in which something was written that is not sent yet. */
export function LeaveGuard({ is_dirty }: { is_dirty: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => is_dirty && current.pathname !== next.pathname,
    enableBeforeUnload: is_dirty,
    withResolver: true,
  })
  if (blocker.status !== 'blocked') return null
  return (
    <Dialog open onOpenChange={(open) => !open && blocker.reset()} title="Leave this form?" description="What you wrote in it is lost then.">
      <div className="mt-2 flex justify-end gap-2">
        <Button onClick={blocker.reset}>Stay</Button>
        <Button look="danger" onClick={blocker.proceed}>
          Leave it
        </Button>
      </div>
    </Dialog>
  )
}
