/** The parts of the page that come by themselves, once they are needed or there is time. */
export const parts = {
  account: () => import('./components/account'),
  code_editor: () => import('./components/code_editor'),
  not_found: () => import('./pages/not_found'),
  quick_search: () => import('./components/quick_search'),
  run: () => import('./pages/run'),
  run_form: () => import('./pages/run_form'),
  runs: () => import('./pages/runs'),
  sign_in: () => import('./pages/sign_in'),
  sign_in_again: () => import('./components/sign_in_again'),
  task: () => import('./pages/task'),
  task_form: () => import('./pages/task_form'),
  tasks: () => import('./pages/tasks'),
}

/** Loads all of them, one after the other, so that they are there when the server is not. One that fails is left for later. */
export async function loadAllParts(): Promise<void> {
  for (const load of Object.values<() => Promise<unknown>>(parts)) await load().catch(() => undefined)
}
