import type { Locator, Page } from '@playwright/test'
import { expect, expectAccessible, test } from './fixtures'

test('A task is defined with every field, edited, copied and deleted', async ({ page, server, word }) => {
  await page.goto(`${server.url}/tasks/new`)
  await page.getByLabel('Alias').fill(word)
  await page.getByLabel('Group').fill('forecast')
  await page.getByLabel('Description').fill('Two lines\nfor people')
  await page.getByLabel('Tags').fill('nightly')
  await page.getByLabel('Tags').press('Enter')
  await page.getByRole('button', { name: 'python:3.12-slim' }).click()
  await expect(page.getByLabel('Image')).toHaveValue('python:3.12-slim')
  await page.getByRole('textbox', { name: 'Command' }).fill('echo one\necho two')
  await page.getByRole('button', { name: 'Add a variable' }).click()
  await page.evaluate(() => navigator.clipboard.writeText('HORIZON=28\nexport DB_PASSWORD="se cret"\n'))
  await page.getByLabel('Name of variable 1').press('Control+V')
  await expect(page.getByLabel('Value of HORIZON')).toHaveValue('28')
  await expect(page.getByLabel('Value of DB_PASSWORD')).toHaveValue('se cret')
  await page.getByLabel('Memory, MiB').fill('96')
  await page.getByLabel('CPU, cores').fill('0.5')
  await page.getByRole('button', { name: /Time limits/ }).click()
  await page.getByLabel(/^Time limit/).fill('3600')
  await page.getByLabel('Attempts').fill('3')
  await page.getByLabel('out of memory').check()
  await page.getByLabel('… and after these exit codes').fill('17')
  await page.getByLabel('Ports').fill('8080, 8081')
  await page.getByLabel('User').fill('nobody')
  await page.getByRole('button', { name: 'Add a label' }).click()
  await page.getByLabel('Name of label 1').fill('ticket')
  await page.getByLabel('Value of ticket').fill('OPS-17')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Create the task' }).click()

  await expect(page.getByRole('heading', { name: word })).toBeVisible()
  const { definition_id, ...task } = await server.call<Record<string, unknown>>('GET', `/api/v1/task/alias/${word}`)
  expect(task).toMatchObject({
    alias: word, group_name: 'forecast', description: 'Two lines\nfor people', tags: ['nightly'], image: 'python:3.12-slim', command: 'echo one\necho two',
    env: [{ name: 'HORIZON', value: '28' }, { name: 'DB_PASSWORD', value: 'se cret' }], memory: 96, cpu: 500, timeout_seconds: 3600,
    retry: { max_attempts: 3, on: ['out_of_memory', 17], backoff_seconds: 10 }, ports: [8080, 8081], user: 'nobody', labels: { ticket: 'OPS-17' },
  })
  const definition = page.getByRole('region', { name: 'Definition' })
  for (const text of ['96 MiB', '0.5 cores', '8080, 8081', 'nobody', '1h 00m', 'ticket: OPS-17', 'up to 3 attempts on out of memory, exit code 17']) {
    await expect(definition).toContainText(text)
  }
  const environment = page.getByRole('region', { name: 'Environment' })
  await expect(environment).toContainText('HORIZON')
  await expect(environment).not.toContainText('se cret')
  await page.getByRole('button', { name: 'Show DB_PASSWORD' }).click()
  await expect(environment).toContainText('se cret')
  await page.getByRole('tab', { name: 'JSON' }).click()
  const json = page.getByLabel('JSON', { exact: true }).last()
  await expect(json).toContainText(`"definition_id": "${definition_id as string}"`)
  await expect(json).toContainText('"name": "DB_PASSWORD"')
  await expect(json).not.toContainText('se cret')
  await expectAccessible(page)
  await json.getByRole('button', { name: 'Show DB_PASSWORD' }).click()
  await expect(json).toContainText('"value": "se cret"')

  await page.getByRole('link', { name: 'Edit' }).click()
  await expect(page.getByLabel('Group')).toBeDisabled()
  await expectAccessible(page)
  await page.getByLabel('Memory, MiB').fill('128')
  await page.getByRole('button', { name: 'Remove nightly' }).click()
  await page.getByLabel('CPU, cores').fill('')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('region', { name: 'Definition' })).toContainText('128 MiB')
  await expect(page.getByRole('region', { name: 'Definition' })).toContainText('no limit')

  await page.getByRole('button', { name: 'More to do' }).click()
  await page.getByRole('menuitem', { name: 'Copy' }).click()
  await expect(page.getByLabel('Alias')).toHaveValue(`${word}-copy`)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Create the task' }).click()
  await expect(page.getByRole('heading', { name: `${word}-copy` })).toBeVisible()

  await page.getByRole('button', { name: 'More to do' }).click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await expect(page.getByRole('dialog')).toContainText('It has never run.')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Delete the task' }).click()
  await expect(page).toHaveURL(/\/tasks$/)
  await page.goto(`${server.url}/tasks/alias/${word}-copy`)
  await expect(page.getByRole('heading', { name: 'Not found' })).toBeVisible()
  await page.goto(`${server.url}/tasks/alias/${word}`)
  await expect(page.getByRole('heading', { name: word })).toBeVisible()
})

test('What is wrong is said at its field', async ({ page, server, word }) => {
  await server.define(word, 'true')
  await page.goto(`${server.url}/tasks/new`)
  await page.getByRole('button', { name: 'Create the task' }).click()
  for (const text of ['A task needs an alias', 'A task needs a group', 'Which image does it run in?', 'What is it to do?']) {
    await expect(page.getByText(text)).toBeVisible()
  }
  await expectAccessible(page)
  await page.getByLabel('Alias').fill(word)
  await page.getByLabel('Group').fill('tests')
  await page.getByLabel('Image').fill('UPPER:case:twice')
  await page.getByRole('textbox', { name: 'Command' }).fill('true')
  await page.getByRole('button', { name: 'Create the task' }).click()
  await expect(page.getByLabel('Image')).toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel('Image').fill('debian:12')
  await page.getByRole('button', { name: 'Create the task' }).click()
  await expect(page.getByLabel('Alias')).toHaveAccessibleDescription(`There is a task ${word} already: choose another alias`)
  await page.getByLabel('Alias').fill(`${word}-2`)
  await page.getByRole('button', { name: 'Create the task' }).click()
  await expect(page.getByRole('heading', { name: `${word}-2` })).toBeVisible()
})

test('Two people change one task, and no change is lost', async ({ page, server, word }) => {
  const { definition_id } = await server.define(word, 'true', { env: [{ name: 'A', value: '1' }], user: 'nobody' })
  await page.goto(`${server.url}/tasks/${definition_id}/edit`)
  await page.getByLabel('Description').fill('mine')
  await page.getByLabel('Value of A').fill('2')
  await page.getByLabel('Image', { exact: true }).fill('python:3.12-slim')
  await server.call('PUT', `/api/v1/task/${definition_id}`, { memory: 96, env: [], image: 'python:3' })
  await page.getByRole('button', { name: 'Save' }).click()
  const notice = page.getByRole('alert')
  await expect(notice).toContainText('Somebody changed this task')
  await expect(notice).toContainText('Taken over: Memory.')
  await expect(notice).toContainText('Variables: both of you changed it')
  await expect(page.getByLabel('Memory, MiB')).toHaveValue('96')
  await expect(page.getByLabel('Value of A')).toHaveValue('2')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Take theirs: Image' }).click()
  await expect(page.getByLabel('Image', { exact: true })).toHaveValue('python:3')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('region', { name: 'Definition' })).toContainText('96 MiB')
  const task = () => server.call<object>('GET', `/api/v1/task/${definition_id}`)
  expect(await task()).toMatchObject({ memory: 96, description: 'mine', image: 'python:3', env: [{ name: 'A', value: '2' }], user: 'nobody' })

  await page.getByRole('link', { name: 'Edit' }).click()
  await page.getByLabel('User').fill('')
  await page.getByLabel('Description').fill('')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('region', { name: 'Definition' })).not.toContainText('nobody')
  expect(Object.keys(await task())).not.toContain('description')
})

test('A form in which something was written is not left without a question', async ({ page, server, word }) => {
  const { definition_id } = await server.define(word, 'true')
  for (const [path, field] of [
    ['/tasks/new', 'Alias'],
    [`/tasks/${definition_id}/copy`, 'Image'],
    [`/tasks/${definition_id}/run`, 'Memory, MiB'],
  ] as const) {
    await page.goto(server.url + path)
    await page.getByLabel(field).fill('77')
    await page.getByRole('link', { name: 'Runs' }).click()
    const dialog = page.getByRole('dialog', { name: 'Leave this form?' })
    await expect(dialog).toBeVisible()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Stay' }).click()
    await expect(dialog).toBeHidden()
    await expect(page.getByLabel(field)).toHaveValue('77')
    await page.getByRole('link', { name: 'Runs' }).click()
    await dialog.getByRole('button', { name: 'Leave it' }).click()
    await expect(page.getByRole('heading', { name: 'Runs', exact: true })).toBeVisible()
  }
  await page.goto(`${server.url}/tasks/${definition_id}/edit`)
  await page.getByLabel('Description').fill('changed')
  const asked = page.waitForEvent('dialog')
  const reloaded = page.reload().catch(() => undefined)
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.accept()
  await reloaded
  await page.getByRole('link', { name: 'Cancel' }).click()
  await expect(page.getByRole('heading', { name: word })).toBeVisible()
})

/** A click as of a hand: the page has the time to move between the button's going down and up. */
async function clickByHand(page: Page, target: Locator) {
  await target.scrollIntoViewIfNeeded()
  const box = (await target.boundingBox())!
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2, { delay: 90 })
}

test('The first click on an empty form counts, and nothing is called wrong that nobody wrote', async ({ page, server, word }) => {
  for (const [name, made] of [
    ['Add a variable', page.getByLabel('Name of variable 1')],
    [/^Time limits/, page.getByLabel('Attempts')],
  ] as const) {
    await page.goto(`${server.url}/tasks/new`)
    await expect(page.getByLabel('Alias')).toBeFocused()
    await clickByHand(page, page.getByRole('button', { name }))
    await expect(made).toBeVisible()
    await expect(page.getByRole('alert')).toHaveCount(0)
  }
  const { definition_id } = await server.define(word, 'true')
  await page.goto(`${server.url}/tasks/${definition_id}/run`)
  await expect(page.getByLabel('Owner')).toBeFocused()
  await clickByHand(page, page.getByRole('link', { name: 'Cancel' }))
  await expect(page).toHaveURL(new RegExp(`/tasks/${definition_id}$`))
})

test('Tasks are filtered, sorted and paged, and the address says how', async ({ page, server, word }) => {
  for (let index = 10; index < 40; ++index) {
    await server.define(`${word}-${index}`, 'true', { memory: 32 + ((index * 7) % 30), group_name: index < 12 ? `${word}-small` : word, tags: index % 2 ? [`${word}-odd`] : [] })
  }
  await page.goto(`${server.url}/tasks`)
  await page.getByLabel('Filter by alias').fill(word)
  await expect(page).toHaveURL(new RegExp(`alias=${word}`))
  const rows = page.getByRole('table', { name: 'Tasks' }).locator('tbody tr')
  await expect(rows).toHaveCount(25)
  await expect(rows.first()).toContainText(`${word}-10`)
  await expect(page.getByText('1 to 25 of 30')).toBeVisible()

  await page.getByRole('button', { name: 'Alias', exact: true }).click()
  await expect(rows.first()).toContainText(`${word}-39`)
  await expect(page.getByRole('columnheader', { name: 'Alias' })).toHaveAttribute('aria-sort', 'descending')
  await page.getByRole('button', { name: 'Next page' }).click()
  await expect(rows).toHaveCount(5)
  await expect(page).toHaveURL(/page=2/)
  await expect(rows.last()).toContainText(`${word}-10`)
  await page.goBack()
  await expect(rows).toHaveCount(25)
  await page.goForward()
  await expect(rows).toHaveCount(5)
  await page.reload()
  await expect(rows.last()).toContainText(`${word}-10`)

  await page.getByLabel('Group').fill(`${word}-small`)
  await expect(rows).toHaveCount(2)
  await page.getByLabel('Tag').selectOption(`${word}-odd`)
  await expect(rows).toHaveCount(1)
  await expect(rows.first()).toContainText(`${word}-11`)
  await page.getByLabel('Image').fill('nothing-like-that')
  await expect(page.getByRole('heading', { name: 'No task is like that' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Clear: Image' }).click()
  await expect(rows).toHaveCount(1)
  await rows.first().getByRole('link', { name: `Run ${word}-11` }).click()
  await expect(page.getByRole('heading', { name: `Run ${word}-11` })).toBeVisible()
  await page.goBack()
  await expect(rows).toHaveCount(1)
})
