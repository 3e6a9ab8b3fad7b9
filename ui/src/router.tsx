import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { Layout } from './components/layout'
import { Failure, Skeleton } from './components/states'
import { asNewTaskSearch, asRunSearch, asSignInSearch, asTaskSearch, asTaskRunsSearch, asRunFormSearch } from './lib/search_params'

const root = createRootRoute({
  component: Layout,
  notFoundComponent: lazyRouteComponent(() => import('./pages/not_found'), 'NotFoundPage'),
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
  component: lazyRouteComponent(() => import('./pages/tasks'), 'TasksPage'),
})
const new_task = createRoute({
  ...under,
  path: '/tasks/new',
  validateSearch: asNewTaskSearch,
  component: lazyRouteComponent(() => import('./pages/task_form'), 'NewTaskPage'),
})
const task_by_alias = createRoute({
  ...under,
  path: '/tasks/alias/$alias',
  validateSearch: asTaskRunsSearch,
  component: lazyRouteComponent(() => import('./pages/task'), 'TaskByAliasPage'),
})
const task = createRoute({
  ...under,
  path: '/tasks/$definition_id',
  validateSearch: asTaskRunsSearch,
  component: lazyRouteComponent(() => import('./pages/task'), 'TaskPage'),
})
const edit_task = createRoute({
  ...under,
  path: '/tasks/$definition_id/edit',
  component: lazyRouteComponent(() => import('./pages/task_form'), 'EditTaskPage'),
})
const copy_task = createRoute({
  ...under,
  path: '/tasks/$definition_id/copy',
  component: lazyRouteComponent(() => import('./pages/task_form'), 'CopyTaskPage'),
})
const run_task = createRoute({
  ...under,
  path: '/tasks/$definition_id/run',
  validateSearch: asRunFormSearch,
  component: lazyRouteComponent(() => import('./pages/run_form'), 'RunFormPage'),
})
const runs = createRoute({
  ...under,
  path: '/runs',
  validateSearch: asRunSearch,
  component: lazyRouteComponent(() => import('./pages/runs'), 'RunsPage'),
})
const run = createRoute({
  ...under,
  path: '/runs/$run_id',
  component: lazyRouteComponent(() => import('./pages/run'), 'RunPage'),
})
const sign_in = createRoute({
  ...under,
  path: '/sign-in',
  validateSearch: asSignInSearch,
  component: lazyRouteComponent(() => import('./pages/sign_in'), 'SignInPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([home, tasks, new_task, task_by_alias, task, edit_task, copy_task, run_task, runs, run, sign_in]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingComponent: () => <Skeleton />,
})

/** The paths of all views, as views.json has them. */
export const view_paths = Object.keys(router.routesByPath).map((path) => path.replace(/\$(\w+)/g, '{$1}'))

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
