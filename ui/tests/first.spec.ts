import { expect, expectAccessible, test } from './fixtures'

test('From the empty page to the first log', async ({ page, makeServer }) => {
  const server = await makeServer()
  await page.goto(server.url)
  await expect(page).toHaveURL(/\/tasks$/)
  await expect(page.getByRole('heading', { name: 'Define your first task' })).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('link', { name: 'Begin with an example' }).click()
  await expect(page.getByLabel('Alias')).toHaveValue('hello')
  await expect(page.getByLabel('Image')).toHaveValue('debian:12')
  await expect(page.getByRole('textbox', { name: 'Command' })).toContainText('I run in a container of my own')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Create the task' }).click()

  await expect(page.getByRole('heading', { name: 'hello' })).toBeVisible()
  await expect(page.getByText('Nothing has run yet')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Run…' }).first().click()

  await expect(page.getByLabel('Value of USERNAME')).toHaveValue('world')
  await page.getByLabel('Value of USERNAME').fill('Ada')
  await page.getByLabel('Owner').fill('ada')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Run', exact: true }).click()

  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
  const log = page.getByRole('log')
  await expect(log).toContainText('Hello Ada, I run in a container of my own.')
  await expect(log).toContainText('step 1 of 5')
  await expect(page.locator('h1 + * + *')).toHaveText('Running')
  await expect(page).toHaveTitle('▶ hello · Flotilla')
  await expect(log).toContainText('step 5 of 5')
  await expect(page.locator('h1 + * + *')).toHaveText('Success')
  await expect(page).toHaveTitle('✓ hello · Flotilla')
  await expectAccessible(page)

  await page.getByRole('link', { name: 'Tasks' }).click()
  await expect(page.getByRole('table', { name: 'Tasks' })).toContainText('Success')
  await expect(page.getByRole('group', { name: 'The last 1 run, 0 failed' })).toBeVisible()
  await expectAccessible(page)
})
