import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, expectFits, test } from '../tests/fixtures'
import { project, type Run, type Server } from '../tests/server'

const images = join(project, 'docs/images')

const wide = { width: 1280, height: 800 }
const phone = { width: 390, height: 780 }

/**
 * The page as it is now, light and dark, as wide as a desk has it and as a phone does; nothing runs out of its place. What of it
 * fits the window is taken: its top, or its end.
 */
async function shoot(page: Page, name: string, is_end = false): Promise<void> {
  for (const [prefix, size] of [['', wide], ['phone-', phone]] as const) {
    await page.setViewportSize(size)
    await test.step(`${prefix}${name}`, () => expectFits(page))
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await expect(page.locator('html')).toHaveClass(colorScheme === 'dark' ? 'dark' : '')
      if (is_end) await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
      await page.screenshot({ path: join(images, `${prefix}${name}${colorScheme === 'dark' ? '-dark' : ''}.png`), animations: 'disabled' })
    }
  }
  await page.setViewportSize(wide)
}

/** Goes there, and waits until everything is drawn. */
async function open(page: Page, server: Server, path: string, seen: string): Promise<void> {
  // Again, should the network of the machine change meanwhile: Chromium gives up what it fetches.
  await expect(async () => {
    await page.goto(server.url + path)
    await expect(page.getByText(seen).first()).toBeVisible({ timeout: 5000 })
  }).toPass({ timeout: 60_000 })
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0)
  await expect(page.getByRole('button', { name: /settings/i })).toBeVisible()
  await page.evaluate(() => document.fonts.ready)
}

/** Takes the focus away, and with it the frame that shows where it is. */
async function leaveFields(page: Page): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
}

const trainer = `set +x
echo "loading 4,812 series from s3://forecast/2026-11-22"
echo "features: 312 columns, 18.4M rows"
for i in $(seq 1 12); do
  printf '\\033[36mepoch\\033[0m %2d/12  loss \\033[1m0.%04d\\033[0m  val 0.%04d  [%s]\\n' $i $((4821 - i * 211)) $((5012 - i * 190)) "$(printf '#%.0s' $(seq 1 $i))"
done
echo "checkpoint written: model-0012.pt (1.9 GiB)"
echo "building ensemble: 24 members in memory"
for i in 7 12 17 20 21; do echo "  member $i/24"; done
x=$(head -c 400000000 /dev/zero | tr '\\0' a)`

const ticker = `set +x
i=0
while true; do
  i=$((i + 1))
  printf '\\033[32mok\\033[0m   partition %05d  %6d rows  %3d ms\\n' $i $(((i * 7919) % 90000 + 10000)) $(((i * 31) % 90 + 10))
  sleep 0.05
done`

/** A server as a small team has it after some days. */
async function furnish(server: Server): Promise<Record<'failed' | 'live' | 'waiting' | 'retried', Run>> {
  const job = 'sleep 0.$((RANDOM % 4))$((RANDOM % 10)); exit ${FAIL:-0}'
  const tasks: [string, string, string, number, string[]][] = [
    ['churn-features', 'growth', 'python:3.12-slim', 4096, ['nightly', 'spark-free']],
    ['forecast-evaluate', 'forecast', 'python:3.12-slim', 1024, ['nightly']],
    ['load-customers', 'warehouse', 'debian:12', 512, ['hourly']],
    ['refresh-dashboards', 'growth', 'debian:12', 256, ['hourly']],
    ['vacuum-warehouse', 'warehouse', 'debian:12', 256, ['weekly']],
  ]
  const failing: Record<string, number[]> = { 'churn-features': [9], 'forecast-evaluate': [3, 17, 18], 'load-customers': [], 'refresh-dashboards': [21], 'vacuum-warehouse': [2] }
  for (const [alias, group_name, image, memory, tags] of tasks) {
    await server.define(alias, job, { group_name, image, memory, tags, description: alias === 'churn-features' ? 'Builds the features of the churn model from yesterday’s events.' : '', env: [{ name: 'REGION', value: 'eu' }, { name: 'HORIZON', value: '28' }, { name: 'DB_PASSWORD', value: 'hunter2' }] })
  }
  for (let round = 0; round < 26; ++round) {
    const begun = tasks.filter(([alias]) => alias !== 'vacuum-warehouse' || round < 6).map(([alias]) =>
      server.finish(alias, { memory: 32, run_tags: { owner_id: `team:${alias.split('-')[0]!}` }, ...(failing[alias]!.includes(round) ? { env: [{ name: 'FAIL', value: '1' }] } : {}) }),
    )
    await Promise.all(begun)
  }
  await server.define('forecast-train', trainer, { group_name: 'forecast', image: 'python:3.12-slim', memory: 192, tags: ['nightly', 'gpu'], env: [{ name: 'HORIZON', value: '28' }, { name: 'REGION', value: 'eu' }, { name: 'DB_PASSWORD', value: 'hunter2' }] })
  const failed = await server.finish('forecast-train', { env: [{ name: 'HORIZON', value: '28' }, { name: 'REGION', value: 'eu' }, { name: 'DB_PASSWORD', value: 'hunter2' }], run_tags: { owner_id: 'team:forecast' } })
  await server.define('publish-report', 'echo "publishing to the shelf"; echo "the shelf is locked" >&2; exit 75', { group_name: 'growth', memory: 64, tags: ['weekly'], retry: { max_attempts: 3, on: [75], backoff_seconds: 0 } })
  const retried = await server.finish('publish-report', { run_tags: { owner_id: 'grace' } })
  await server.define('index-events', ticker, { group_name: 'warehouse', memory: 64, tags: ['hourly'] })
  const live = await server.execute('index-events', { run_tags: { owner_id: 'grace' } })
  await server.define('load-orders', 'sleep 600', { group_name: 'warehouse', image: 'python:3.12-slim', memory: 800, tags: ['nightly'] })
  const first = await server.execute('load-orders', { cluster: 'narrow', run_tags: { owner_id: 'ada' } })
  await server.waitFor(first.run_id, 'RUNNING')
  const waiting = await server.execute('load-orders', { cluster: 'narrow', run_tags: { owner_id: 'ada' } })
  return { failed, live, waiting, retried }
}

test('Pictures of every page', async ({ page, server, makeServer }) => {
  for (const name of readdirSync(images)) if (name.endsWith('.png')) rmSync(join(images, name))
  await page.setViewportSize(wide)
  const empty = await makeServer()
  await open(page, empty, '/tasks', 'Define your first task')
  await shoot(page, 'empty')
  await open(page, empty, '/sign-in', 'Access token')
  await shoot(page, 'sign-in')
  await open(page, empty, '/no/such/page', 'There is no such page')
  await shoot(page, 'not-found')

  const { failed, live, waiting, retried } = await furnish(server)
  await open(page, server, '/tasks', 'forecast-train')
  await expect(page.getByRole('group', { name: /^The last 2\d runs/ }).first()).toBeVisible()
  await shoot(page, 'tasks')
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder(/A part of a task/).fill('load')
  await expect(page.getByRole('option').first()).toContainText('load')
  await shoot(page, 'search')

  await open(page, server, '/runs', 'load-orders')
  await expect(page.getByRole('heading', { name: 'Ended' })).toBeVisible()
  await shoot(page, 'runs')
  await open(page, server, '/runs?status=live', 'index-events')
  await page.getByLabel(/^Choose run/).first().check()
  await page.getByLabel(/^Choose run/).nth(1).check()
  await page.getByRole('button', { name: /^Stop 2/ }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await shoot(page, 'stop-several')

  const { history } = await server.call<{ history: Run[] }>('GET', '/api/v1/history?alias=churn-features&exit_class=completed&limit=1&sort_by=queued_at&order=desc')
  await open(page, server, `/runs/${history[0]!.run_id}`, 'Success')
  await expect(page.getByRole('log')).toContainText('exit 0')
  await shoot(page, 'run-success')
  await open(page, server, `/runs/${failed.run_id}`, 'The job needed more memory')
  await page.getByLabel('Search the whole log').fill('epoch')
  await expect(page.getByText('1 of 12')).toBeVisible()
  await expect(page.locator('[data-line="12"]')).toBeAttached()
  await shoot(page, 'run-failed')
  await open(page, server, `/runs/${live.run_id}`, 'partition')
  await shoot(page, 'run-live')
  await open(page, server, `/runs/${waiting.run_id}`, 'It waits:')
  await shoot(page, 'run-waiting')
  await open(page, server, `/runs/${retried.run_id}`, 'Failed')
  for (const [tab, name] of [[/^Attempts/, 'run-attempts'], [/^Events/, 'run-events'], [/^JSON/, 'run-json']] as const) {
    await page.getByRole('tab', { name: tab }).click()
    await leaveFields(page)
    await expect(page.getByRole('tabpanel').getByRole('status', { name: 'Loading' })).toHaveCount(0)
    await shoot(page, name)
  }

  await open(page, server, '/tasks/alias/churn-features', 'Builds the features')
  await expect(page.getByRole('table', { name: 'Runs' })).toBeVisible()
  await shoot(page, 'task')
  await page.getByRole('button', { name: 'More to do' }).click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await expect(page.getByRole('dialog')).toContainText('That cannot be undone')
  await shoot(page, 'task-delete')
  await open(page, server, '/tasks/alias/churn-features?view=json', 'definition_id')
  await shoot(page, 'task-json')

  const { definition_id } = await server.call<{ definition_id: string }>('GET', '/api/v1/task/alias/churn-features')
  for (const [path, seen, name] of [
    ['/tasks/new?example=true', 'What it does', 'task-form'],
    [`/tasks/${definition_id}/edit`, 'A group is set once.', 'task-edit'],
    [`/tasks/${definition_id}/copy`, 'What it does', 'task-copy'],
  ] as const) {
    await open(page, server, path, seen)
    await expect(page.getByRole('textbox', { name: 'Command' })).toBeVisible()
    await leaveFields(page)
    await shoot(page, name)
  }
  await open(page, server, '/tasks/new?example=true', 'What it does')
  await page.getByRole('button', { name: /^Time limits/ }).click()
  await leaveFields(page)
  await shoot(page, 'task-form-end', true)
  await open(page, server, `/tasks/${definition_id}/edit`, 'A group is set once.')
  await page.getByLabel('Memory, MiB').fill('2048')
  await server.call('PUT', `/api/v1/task/${definition_id}`, { memory: 8192, tags: ['nightly'] })
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Taken over: Tags.')).toBeVisible()
  await shoot(page, 'task-changed-by-two')
  await page.getByRole('link', { name: 'Cancel' }).click()
  await expect(page.getByRole('dialog', { name: 'Leave this form?' })).toBeVisible()
  await shoot(page, 'leave')

  await open(page, server, `/tasks/${definition_id}/run`, 'Whose and where')
  await page.getByLabel('Owner').fill('team:churn')
  await page.getByLabel('Value of HORIZON').fill('56')
  await page.getByLabel('Value of HORIZON').blur()
  await shoot(page, 'run-form')
  await open(page, server, `/tasks/${failed.definition_id}/run?from=${failed.run_id}&memory=384`, 'as run')
  await leaveFields(page)
  await shoot(page, 'run-again')
})
