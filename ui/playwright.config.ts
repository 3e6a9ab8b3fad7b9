import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'tests',
  globalSetup: './tests/setup.ts',
  outputDir: '../build/ui/test-results',
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  // For what tests/fixtures.ts lets be tried again, and nothing else.
  retries: 2,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['line'], ...(process.env.JUNIT ? [['junit', { outputFile: process.env.JUNIT }] as const] : [])],
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] },
    viewport: { width: 1360, height: 860 },
    contextOptions: { reducedMotion: 'reduce' },
    permissions: ['clipboard-read', 'clipboard-write'],
    actionTimeout: 15_000,
    trace: 'retain-on-failure',
  },
})
