import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import { Server } from './server'

interface TestFixtures {
  network: undefined
  /** A word of this test's own, for aliases. */
  word: string
  /** Makes servers that are the test's own. */
  makeServer: (settings?: Record<string, string>, images?: string[]) => Promise<Server>
}

interface WorkerFixtures {
  /** A server that tests share. */
  server: Server
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = await new Server({ clusters: '{default: {memory: 1024}, narrow: {memory: 1024, max_running: 1}}' }).start()
      await use(server)
      await server.close()
    },
    { scope: 'worker' },
  ],
  makeServer: async ({}, use) => {
    const made: Server[] = []
    await use(async (settings, images) => {
      const server = new Server(settings, images)
      made.push(server)
      return server.start()
    })
    for (const server of made) await server.close()
  },
  word: async ({}, use, info) => use(`t${info.testId.slice(-6)}${info.retry}`),
  // Chromium gives requests up when the network of the machine changes, as every container that comes or goes makes it: a test
  // in which it did is tried again if it fails, any other is not.
  network: [
    async ({ page }, use, info) => {
      const mark = join(info.project.outputDir, `network-changed-${info.testId}`)
      if (info.retry > 0 && !existsSync(mark)) throw new Error('It failed, and not because the network changed: see the first attempt.')
      rmSync(mark, { force: true })
      page.context().on('requestfailed', (request) => {
        if (request.failure()?.errorText === 'net::ERR_NETWORK_CHANGED') {
          mkdirSync(info.project.outputDir, { recursive: true })
          writeFileSync(mark, request.url())
        }
      })
      await use(undefined)
    },
    { auto: true },
  ],
  // What the page's own policy forbids, or a script that fails, fails the test.
  page: async ({ page }, use) => {
    const troubles: string[] = []
    await page.exposeFunction('noteViolation', (text: string) => troubles.push(text))
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        // Where styled text is written over, Chromium itself tries to keep its style; the editor draws it anew anyway.
        const is_in_editor = event.target instanceof HTMLElement && event.target.dataset.testid === 'command'
        if (!is_in_editor) (window as unknown as { noteViolation: (text: string) => void }).noteViolation(`${event.violatedDirective} ${event.sourceFile}:${event.lineNumber}`)
      })
    })
    page.on('pageerror', (error) => troubles.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !/^Failed to load resource|Content Security Policy/.test(message.text())) troubles.push(message.text())
    })
    await use(page)
    expect(troubles).toEqual([])
  },
})

export { expect }

/** No finding of axe (https://www.deque.com/axe), light and dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expect(page.locator('html')).toHaveClass(colorScheme === 'dark' ? 'dark' : '')
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`) })),
      colorScheme,
    ).toEqual([])
  }
}

/**
 * Nothing is wider than the window, and no text runs out of the cell or the sheet that it stands in, but where the rest of it can
 * be scrolled to or an ellipsis says that there is more.
 */
export async function expectFits(page: Page): Promise<void> {
  const outside = await page.evaluate(() => {
    const found: string[] = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const range = document.createRange()
      range.selectNodeContents(text)
      const right = Math.max(...Array.from(range.getClientRects(), (each) => each.right))
      for (let box = text.parentElement; box && box !== document.body; box = box.parentElement) {
        const { overflowX, textOverflow, clipPath, position } = getComputedStyle(box)
        const is_hidden = position === 'absolute' && (clipPath !== 'none' || box.clientWidth <= 1)
        if (is_hidden || overflowX === 'auto' || overflowX === 'scroll' || textOverflow === 'ellipsis') break
        if (box.matches('td, th, section, main, header, [role=dialog]') && right > box.getBoundingClientRect().right + 0.5) {
          found.push(`${text.textContent} runs out of ${box.tagName} ${box.getAttribute('aria-label') ?? ''}`)
          break
        }
      }
    }
    for (const input of document.querySelectorAll('input')) {
      const is_cut = input.clientWidth > 1 && input.scrollWidth > input.clientWidth + 1
      if (is_cut && getComputedStyle(input).textOverflow !== 'ellipsis') found.push(`${input.value || input.placeholder} is cut in ${input.getAttribute('aria-label') ?? input.name}`)
    }
    return found
  })
  expect(outside).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
}
