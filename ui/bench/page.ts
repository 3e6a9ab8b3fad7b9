import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../tests/fixtures'
import type { Server } from '../tests/server'

const rounds = 5

/** The median of some rounds, in milliseconds, printed. */
async function measure(what: string, round: () => Promise<number>): Promise<void> {
  const times: number[] = []
  for (let index = 0; index < rounds; ++index) times.push(await round())
  times.sort((a, b) => a - b)
  console.log(`${what}: ${Math.round(times[Math.floor(rounds / 2)]!)} ms (${times.map((time) => Math.round(time)).join(', ')})`)
}

/** From the click on a link, or the return key in the address line, until that is drawn. */
async function until(act: () => Promise<unknown>, seen: Locator): Promise<number> {
  const begin = performance.now()
  await act()
  await seen.waitFor()
  return performance.now() - begin
}

/** How long frames take while the log is scrolled by wheel. */
async function frames(page: Page, log: Locator): Promise<void> {
  await log.hover()
  await page.evaluate(() => {
    const times: number[] = []
    let last = performance.now()
    const frame = (now: number) => {
      times.push(now - last)
      last = now
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    Object.assign(window, { frame_times: times })
  })
  for (let step = 0; step < 120; ++step) await page.mouse.wheel(0, step % 2 ? -900 : -400)
  const times = await page.evaluate(() => (window as unknown as { frame_times: number[] }).frame_times.sort((a, b) => a - b))
  const at = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)]!)
  console.log(`  frames while scrolling: ${times.length}, median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`)
}

for (const lines of [100_000, 1_000_000]) {
  test(`A log of ${lines.toLocaleString('en')} lines`, async ({ page, server }) => {
    const alias = `log-${lines}`
    await server.define(alias, `set +x; seq -f "$(printf '\\033[36m%%.0f\\033[0m') of many lines, each as long as those of a job that says what it does" 1 ${lines}; echo last`)
    const run = await server.finish(alias)
    const log = page.getByRole('log')
    await measure(`open a log of ${lines} lines at its end`, () => until(() => page.goto(`${server.url}/runs/${run.run_id}`), log.getByText('last', { exact: true })))
    await frames(page, log)
    await measure('jump to its top', async () => {
      await page.getByRole('button', { name: 'To the bottom' }).click()
      await log.getByText('last', { exact: true }).waitFor()
      return until(() => page.getByRole('button', { name: 'To the top' }).click(), log.getByText('1 of many lines', { exact: false }).first())
    })
    await measure('open it at a line in its middle', async () => {
      await page.goto('about:blank')
      return until(() => page.goto(`${server.url}/runs/${run.run_id}#L${lines / 2}`), log.locator(`[data-line="${lines / 2}"]`).getByText(`${lines / 2 - 2} of many`))
    })
    let wanted = lines
    await measure('search it', async () => {
      wanted -= 1
      return until(() => page.getByLabel('Search the whole log').fill(`${wanted} of many`), log.locator('mark').filter({ hasText: `${wanted}` }))
    })
  })
}

/** Fills the database of a server that does not run: definitions and runs as copies of one of each. */
function fill(server: Server, tasks: number, runs: number): void {
  const database = new DatabaseSync(join(server.folder, 'data/flotilla.db'))
  const columns = (table: string, changed: Record<string, string>) => {
    const names = (database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all() as { name: string }[]).map(({ name }) => name)
    return { into: names.join(', '), from: names.map((name) => changed[name] ?? name).join(', ') }
  }
  const series = (count: number) => `(WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${count}) SELECT n FROM series)`
  const task = columns('definitions', { definition_id: "'copy-' || n", alias: "'task-' || printf('%05d', n)", group_name: "'group-' || (n % 20)" })
  const run = columns('runs', {
    run_id: "printf('%08x-0000-4000-8000-%012x', n, n)", definition_id: `'copy-' || (n % ${tasks} + 1)`, alias: `'task-' || printf('%05d', n % ${tasks} + 1)`,
    queued_at: 'queued_at - n * 1000000', started_at: 'started_at - n * 1000000', shown_finished_at: 'shown_finished_at - n * 1000000', owner: "'owner-' || (n % 50)",
    exit_class: "CASE WHEN n % 10 = 0 THEN 'job_failed' ELSE exit_class END", shown_exit_code: 'CASE WHEN n % 10 = 0 THEN 1 ELSE shown_exit_code END',
  })
  database.exec('BEGIN')
  database.exec(`INSERT INTO definitions (${task.into}) SELECT ${task.from} FROM definitions, ${series(tasks)} WHERE alias = 'seed'`)
  database.exec(`INSERT INTO runs (${run.into}) SELECT ${run.from} FROM runs, ${series(runs)} WHERE alias = 'seed'`)
  database.exec('COMMIT')
  database.close()
}

test('10,000 tasks and 1,000,000 runs', async ({ page, makeServer }) => {
  const server = await makeServer()
  await server.define('seed', 'true', { tags: ['nightly'] })
  await server.finish('seed')
  await server.stop()
  fill(server, 10_000, 1_000_000)
  await server.start()
  const tasks = page.getByRole('table', { name: 'Tasks' })
  const runs = page.getByRole('table', { name: 'Runs', exact: true })
  await measure('first page of 10,000 tasks, with the strips of their runs', () => until(() => page.goto(`${server.url}/tasks`), page.getByRole('group', { name: /^The last 30 runs/ }).nth(20)))
  await measure('last page of tasks', () => until(() => page.goto(`${server.url}/tasks?page=400`), tasks.getByText('task-09990')))
  await measure('tasks by a part of the alias', async () => {
    await page.goto(`${server.url}/tasks`)
    await tasks.waitFor()
    return until(() => page.getByLabel('Filter by alias').fill('0777'), tasks.getByText('task-07770'))
  })
  await measure('first page of 1,000,000 runs', () => until(() => page.goto(`${server.url}/runs`), runs.getByText('seed')))
  await measure('next page of runs', async () => {
    await page.goto(`${server.url}/runs`)
    await runs.getByText('seed').waitFor()
    return until(() => page.getByRole('button', { name: 'Next page' }).click(), runs.getByText('task-00026'))
  })
  await measure('last page of runs', () => until(() => page.goto(`${server.url}/runs?page=40000`), runs.getByRole('row').nth(5)))
  await measure('failed runs of an owner', () => until(() => page.goto(`${server.url}/runs?status=failed&owner=owner-40`), runs.getByText('owner-40').first()))
  await measure('failed runs of an owner who has none', () => until(() => page.goto(`${server.url}/runs?status=failed&owner=owner-41`), page.getByText('No run is like that')))
  await measure('runs of an owner who has none', () => until(() => page.goto(`${server.url}/runs?owner=nobody`), page.getByText('No run is like that')))
  await measure('runs by a part of the alias', () => until(() => page.goto(`${server.url}/runs?alias=0777`), runs.getByText('task-07770').first()))
  await measure('failed runs by a part of the alias', () => until(() => page.goto(`${server.url}/runs?status=failed&alias=0777`), runs.getByText('task-07771').first()))
  await expect(page.getByRole('alert')).toHaveCount(0)
})
