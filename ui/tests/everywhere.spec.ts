import { expect, expectAccessible, expectFits, test } from './fixtures'

test('Who has no token signs in, and out', async ({ page, makeServer }) => {
  const server = await makeServer({ 'auth.mode': 'token' })
  server.token = server.flotilla('token', 'new', 'ada').trim()
  const { definition_id } = await server.define('secret-job', 'echo as told')
  await page.goto(`${server.url}/tasks/${definition_id}`)
  await expect(page).toHaveURL(/\/sign-in\?to=/)
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await expectAccessible(page)
  await page.getByLabel('Access token').fill('flt_nonsense')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByText('the token is malformed')).toBeVisible()
  await expectAccessible(page)
  await page.getByLabel('Access token').fill(server.token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { name: 'secret-job' })).toBeVisible()
  const [cookie] = await page.context().cookies()
  expect(cookie).toMatchObject({ name: 'flotilla_token', httpOnly: true, sameSite: 'Strict' })
  expect(await page.evaluate(() => document.cookie)).toBe('')

  await page.getByRole('link', { name: 'Run…' }).first().click()
  await expect(page.getByLabel('Owner')).toHaveValue('ada')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(page.getByRole('log')).toContainText('as told')
  const { history } = await server.call<{ history: object[] }>('GET', '/api/v1/history')
  expect(history[0]).toMatchObject({ user: 'ada', executed_by: 'ada' })

  // A session that ends takes nothing away of what was written.
  await page.goto(`${server.url}/tasks/new`)
  for (const [field, text] of [['Alias', 'late-job'], ['Group', 'tests'], ['Image', 'debian:12']] as const) await page.getByLabel(field, { exact: true }).fill(text)
  await page.getByRole('textbox', { name: 'Command' }).fill('true')
  await page.context().clearCookies()
  await page.getByRole('button', { name: 'Create the task' }).click()
  const again = page.getByRole('dialog', { name: 'Sign in again' })
  await expect(again).toContainText('What you wrote on this page stays')
  await expectAccessible(page)
  await again.getByLabel('Access token').fill(server.token)
  await again.getByRole('button', { name: 'Sign in' }).click()
  await expect(again).toBeHidden()
  await expect(page.getByText('Your session has ended: sign in, then try again')).toBeVisible()
  await page.getByRole('button', { name: 'Create the task' }).click()
  await expect(page.getByRole('heading', { name: 'late-job' })).toBeVisible()

  await page.getByRole('button', { name: 'ada: settings' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await page.goto(`${server.url}/runs`)
  await expect(page).toHaveURL(/\/sign-in\?to=/)
})

test('Tasks and runs are found from everywhere, by keyboard', async ({ page, server, word }) => {
  const { definition_id } = await server.define(`${word}-needle`, 'true')
  const run = await server.finish(`${word}-needle`)
  // What is typed before the search is loaded counts.
  await page.route('**/assets/quick_search-*.js', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300))
    await route.continue()
  })
  await page.goto(`${server.url}/runs`)
  await expect(page.getByRole('heading', { name: 'Runs' })).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.keyboard.type(`${word}-NEED`, { delay: 40 })
  await expect(page.getByPlaceholder(/A part of a task's alias/)).toHaveValue(`${word}-NEED`)
  const results = page.getByRole('listbox')
  await expect(results.getByRole('option')).toHaveCount(2)
  await expectAccessible(page)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: `${word}-needle` })).toBeVisible()

  await page.keyboard.press('/')
  await page.getByPlaceholder(/A part of a task's alias/).fill(run.run_id.slice(0, 8))
  await expect(results.getByRole('option').filter({ hasText: run.run_id.slice(0, 8) })).toHaveCount(1)
  await page.getByPlaceholder(/A part of a task's alias/).fill(run.run_id)
  await expect(results.getByRole('option')).toHaveCount(1)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`${server.url}/runs/${run.run_id}`)
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder(/A part of a task's alias/).fill(definition_id)
  await expect(results.getByRole('option')).toHaveCount(1)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/tasks/${definition_id}$`))
  await page.keyboard.press('Control+k')
  await expect(results.getByRole('option').first()).toBeVisible()
  await page.keyboard.type(`${word}-need`)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: `${word}-needle` })).toBeVisible()
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder(/A part of a task's alias/).fill('nothing like that')
  await expect(page.getByText('Nothing is called that.')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('Light or dark is remembered', async ({ page, server }) => {
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('menuitem', { name: 'Dark' }).click()
  await expect(page.locator('html')).toHaveClass('dark')
  await page.reload()
  await expect(page.locator('html')).toHaveClass('dark')
  await page.getByRole('button', { name: 'Settings' }).click()
  await expect(page.getByRole('menuitem', { name: 'Dark' })).toContainText('✓')
  await page.getByRole('menuitem', { name: 'As the system' }).click()
  await expect(page.locator('html')).not.toHaveClass('dark')
})

test('Links lead to what they name, or say that there is nothing', async ({ page, server, word }) => {
  await server.define(`${word}/with a slash`, 'true')
  await page.goto(`${server.url}/tasks/alias/${encodeURIComponent(`${word}/with a slash`)}`)
  await expect(page.getByRole('heading', { name: `${word}/with a slash` })).toBeVisible()
  for (const path of ['/runs/00000000-0000-4000-8000-000000000000', '/tasks/none', '/tasks/none/edit', '/tasks/none/run']) {
    const answer = await page.goto(server.url + path)
    expect(answer?.status()).toBe(200)
    await expect(page.getByRole('heading', { name: 'Not found' })).toBeVisible()
    await expectAccessible(page)
  }
  const answer = await page.goto(`${server.url}/no/such/page`)
  expect(answer?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Runs' }).last().click()
  await expect(page).toHaveURL(/\/runs$/)
})

test('On a phone one looks and stops', async ({ page, server, word }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await server.define(`${word}-with-quite-a-long-name-for-a-phone`, 'echo hello; sleep 600', { tags: ['nightly', 'gpu'] })
  const run = await server.execute(`${word}-with-quite-a-long-name-for-a-phone`)
  for (const path of ['/tasks', '/runs', `/runs/${run.run_id}`, `/tasks/${run.definition_id}`, `/tasks/${run.definition_id}/run`, '/tasks/new', '/sign-in']) {
    await page.goto(server.url + path)
    await expect(page.locator('h1').first()).toBeVisible()
    await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0)
    await expectFits(page)
  }
  await page.goto(`${server.url}/runs/${run.run_id}`)
  await expect(page.getByRole('log')).toContainText('hello')
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.getByRole('button', { name: 'Stop the run' }).click()
  await expect(page.getByText('It was stopped')).toBeVisible()
})

test('Long names stay in their places', async ({ page, server, word }) => {
  const paths = [`/tasks?alias=${word}`, `/runs?alias=${word}`]
  for (const alias of [`${word}_with_fifty_eight_characters_none_of_them_a_blank_nor_a_dash`, `${word}${'abcdefghij'.repeat(28)}`]) {
    const { definition_id } = await server.define(alias, 'true', {
      tags: ['a_tag_that_somebody_made_of_a_whole_sentence_without_a_blank', 'short'], group_name: `${word}_group_of_a_department_that_has_a_long_name`,
      description: alias, env: [{ name: alias.toUpperCase(), value: alias }], labels: { [alias.slice(0, 60)]: alias },
    })
    const run = await server.finish(alias, { run_tags: { owner_id: alias.slice(0, 200) } })
    paths.push(`/tasks/${definition_id}`, `/tasks/${definition_id}/run`, `/tasks/${definition_id}/edit`, `/runs/${run.run_id}`)
  }
  for (const path of paths) {
    await page.goto(server.url + path)
    await expect(page.locator('h1').first()).toBeVisible()
    await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0)
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 800 })
      await test.step(`${path} at ${width}`, () => expectFits(page))
    }
  }
})

test('Nothing comes from another host, and the first page is small', async ({ page, server }) => {
  const hosts = new Set<string>()
  let bytes = 0
  page.on('response', (response) => {
    hosts.add(new URL(response.url()).origin)
    if (!response.url().includes('/api/')) bytes += Number(response.headers()['content-length'] ?? 0)
  })
  const answer = await page.goto(server.url)
  await expect(page.getByRole('heading', { name: /Tasks|Define/ }).first()).toBeVisible()
  await page.evaluate(() => document.fonts.ready)
  expect([...hosts]).toEqual([server.url])
  expect(bytes).toBeGreaterThan(50_000)
  expect(bytes).toBeLessThan(250_000)
  expect(answer?.headers()['content-security-policy']).toContain("script-src 'self';")
})

test('Pages not visited before can be gone to while the server is away', async ({ page, makeServer }) => {
  const server = await makeServer()
  await server.define('here', 'true')
  // Of these two parts the page has only one before the server goes.
  await page.route('**/assets/runs-*.js', (route) => route.abort())
  const loaded = page.waitForResponse(/\/assets\/task_form-.*\.js/)
  await page.goto(`${server.url}/tasks`)
  await expect(page.getByRole('link', { name: 'here', exact: true })).toBeVisible()
  await loaded
  await page.waitForLoadState('networkidle')
  await server.stop('SIGKILL')
  await page.getByRole('link', { name: 'New task' }).click()
  await expect(page.getByLabel('Alias')).toBeVisible()
  await page.getByRole('link', { name: 'Runs' }).click()
  await expect(page).toHaveURL(`${server.url}/runs`)
  await expect(page.getByText('The server does not answer.')).toBeVisible()
  await expectAccessible(page)
  await page.unroute('**/assets/runs-*.js')
  await server.start()
  await expect(page.getByRole('heading', { name: 'Runs', exact: true })).toBeVisible()
  await expect(page.getByText('The server does not answer.')).toBeHidden()
})

test('An address that makes no sense shows the list all the same, and one beyond its end the way back', async ({ page, server, word }) => {
  await server.define(word, 'true')
  await server.finish(word)
  for (const path of [`/runs?page=-1&alias=${word}`, `/tasks?sort_by=zzz&order=up&alias=${word}`]) {
    await page.goto(`${server.url}${path}`)
    await expect(page.getByRole('link', { name: word, exact: true })).toBeVisible()
    await expect(page.getByRole('alert')).toHaveCount(0)
  }
  for (const list of ['runs', 'tasks']) {
    await page.goto(`${server.url}/${list}?page=9999&alias=${word}`)
    await expect(page.getByText('The list ends before this page')).toBeVisible()
    await page.getByRole('button', { name: 'Go to its last page' }).click()
    await expect(page.getByRole('link', { name: word, exact: true })).toBeVisible()
  }
})
