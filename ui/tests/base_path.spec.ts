import { expect, test } from './fixtures'

test('Below a path of a proxy the page, its parts and its logs are found', async ({ page, makeServer }) => {
  const server = await makeServer({ 'auth.mode': 'token', 'http.server.base_path': '/below/here/' })
  server.token = server.flotilla('token', 'new', 'ada').trim()
  const { definition_id } = await server.define('deep-job', 'echo as told; sleep 1; echo to the end')
  const below = `${server.url}/below/here`
  await page.goto(`${below}/tasks/${definition_id}`)
  await expect(page).toHaveURL(`${below}/sign-in?to=%2Ftasks%2F${definition_id}`)
  await page.getByLabel('Access token').fill(server.token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { name: 'deep-job' })).toBeVisible()
  await expect(page).toHaveURL(`${below}/tasks/${definition_id}`)
  const [cookie] = await page.context().cookies()
  expect(cookie).toMatchObject({ name: 'flotilla_token', path: '/below/here/' })

  await page.getByRole('link', { name: 'Run…' }).first().click()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(page.getByRole('log')).toContainText('to the end')
  await expect(page).toHaveURL(new RegExp(`^${below}/runs/`))
  await expect(page.getByRole('link', { name: 'Download the whole log' })).toHaveAttribute('href', /^\/below\/here\/api\//)
  await page.goto(`${below}/`)
  await expect(page).toHaveURL(new RegExp(`^${below}/tasks`))
  await expect(page.getByRole('link', { name: 'deep-job', exact: true })).toBeVisible()
})
