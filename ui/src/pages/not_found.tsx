import { Link } from '@tanstack/react-router'
import { Panel } from '@/components/panel'
import { Empty } from '@/components/states'
import { Button } from '@/components/ui/button'
import { useTitle } from '@/lib/use_title'

export function NotFoundPage() {
  useTitle('Not found')
  return (
    <Panel>
      <Empty
        heading="h1"
        title="There is no such page"
        actions={
          <>
            <Button asChild look="primary">
              <Link to="/tasks">Tasks</Link>
            </Button>
            <Button asChild>
              <Link to="/runs">Runs</Link>
            </Button>
          </>
        }
      >
        The address may be mistyped, or what was here was deleted. Ctrl K finds tasks and runs.
      </Empty>
    </Panel>
  )
}
