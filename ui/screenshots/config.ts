import { defineConfig } from '@playwright/test'
import tests from '../playwright.config'

export default defineConfig(tests, {
  testDir: '.',
  testMatch: 'pages.ts',
  globalSetup: '../tests/setup.ts',
  outputDir: '../../build/ui/screenshot-results',
  fullyParallel: false,
  workers: 1,
  timeout: 300_000,
})
