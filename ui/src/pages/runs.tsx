import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { RunBrowser } from '@/components/run_browser'
import { PageHead } from '@/components/page_head'
import { Button } from '@/components/ui/button'
import { definitionsQuery } from '@/api/queries'
import { useTitle } from '@/lib/use_title'

const route = getRouteApi('/runs')

export function RunsPage() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/runs' })
  const tasks = useQuery({ ...definitionsQuery({ limit: 1 }), refetchInterval: false })
  useTitle('Runs')
  return (
    <>
      <PageHead title="Runs" />
      <RunBrowser
        search={search}
        onSearch={(next, replace) => void navigate({ search: next, replace })}
        empty={
          tasks.data?.total === 0 ? (
            <Button asChild look="primary">
              <Link to="/tasks/new" search={{ example: true }}>
                Define a first task
              </Link>
            </Button>
          ) : (
            <Button asChild look="primary">
              <Link to="/tasks">Choose a task to run</Link>
            </Button>
          )
        }
      />
    </>
  )
}
