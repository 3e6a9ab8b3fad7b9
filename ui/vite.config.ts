import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  base: './', // what the document loads is found from there; bundle.js lets it begin at /
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: {
      '@': source('src'),
      // Dialogs keep the page behind them from scrolling; the policy of the page lets no script write a <style>.
      'react-style-singleton': source('src/lib/style_singleton.ts'),
    },
  },
  build: {
    outDir: source('../build/ui/dist'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  // For work on the page: `npm run dev` beside a server on port 3000.
  server: { proxy: Object.fromEntries(['/api', '/health', '/ready', '/metrics'].map((path) => [path, 'http://127.0.0.1:3000'])) },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'], environment: 'node' },
})
