import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { Layout } from './components/layout'
import { Failure, Skeleton } from './components/states'
import { base_path } from './lib/base_path'
import { loadPart } from './lib/load_part'
import { asNewTaskSearch, asRunPageSearch, asRunSearch, asSignInSearch, asTaskSearch, asTaskRunsSearch, asRunFormSearch } from './lib/search_params'
import { parts } from './parts'

const root = createRootRoute({
  component: Layout,
  notFoundComponent: lazyRouteComponent(() => loadPart(parts.not_found), 'NotFoundPage'),
  errorComponent: ({ error, reset }) => <Failure error={error instanceof Error ? error : new Error(String(error))} retry={reset} />,
})

const under = { getParentRoute: () => root } as const

const home = createRoute({
  ...under,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/tasks', replace: true })
  },
})
const tasks = createRoute({
  ...under,
  path: '/tasks',
  validateSearch: asTaskSearch,
  component: lazyRouteComponent(() => loadPart(parts.tasks), 'TasksPage'),
})
const new_task = createRoute({
  ...under,
  path: '/tasks/new',
  validateSearch: asNewTaskSearch,
  component: lazyRouteComponent(() => loadPart(parts.task_form), 'NewTaskPage'),
})
const task_by_alias = createRoute({
  ...under,
  path: '/tasks/alias/$alias',
  validateSearch: asTaskRunsSearch,
  component: lazyRouteComponent(() => loadPart(parts.task), 'TaskByAliasPage'),
})
const task = createRoute({
  ...under,
  path: '/tasks/$definition_id',
  validateSearch: asTaskRunsSearch,
  component: lazyRouteComponent(() => loadPart(parts.task), 'TaskPage'),
})
const edit_task = createRoute({
  ...under,
  path: '/tasks/$definition_id/edit',
  component: lazyRouteComponent(() => loadPart(parts.task_form), 'EditTaskPage'),
})
const copy_task = createRoute({
  ...under,
  path: '/tasks/$definition_id/copy',
  component: lazyRouteComponent(() => loadPart(parts.task_form), 'CopyTaskPage'),
})
const run_task = createRoute({
  ...under,
  path: '/tasks/$definition_id/run',
  validateSearch: asRunFormSearch,
  component: lazyRouteComponent(() => loadPart(parts.run_form), 'RunFormPage'),
})
const runs = createRoute({
  ...under,
  path: '/runs',
  validateSearch: asRunSearch,
  component: lazyRouteComponent(() => loadPart(parts.runs), 'RunsPage'),
})
const run = createRoute({
  ...under,
  path: '/runs/$run_id',
  validateSearch: asRunPageSearch,
  component: lazyRouteComponent(() => loadPart(parts.run), 'RunPage'),
})
const sign_in = createRoute({
  ...under,
  path: '/sign-in',
  validateSearch: asSignInSearch,
  component: lazyRouteComponent(() => loadPart(parts.sign_in), 'SignInPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([home, tasks, new_task, task_by_alias, task, edit_task, copy_task, run_task, runs, run, sign_in]),
  basepath: base_path,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingComponent: () => (
    <>
      <h1 className="sr-only">Loading</h1>
      <Skeleton />
    </>
  ),
})

/** The paths of all views, as views.json has them. */
export const view_paths = Object.keys(router.routesByPath).map((path) => path.replace(/\$(\w+)/g, '{$1}'))

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
