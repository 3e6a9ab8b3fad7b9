import { defineConfig } from '@playwright/test'
import tests from '../playwright.config'

export default defineConfig(tests, {
  testDir: '.',
  testMatch: 'page.ts',
  globalSetup: '../tests/setup.ts',
  outputDir: '../../build/ui/bench-results',
  fullyParallel: false,
  workers: 1,
  timeout: 900_000,
  use: { trace: 'off' },
})
