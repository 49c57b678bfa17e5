// How the console is built. Refuses nothing; `base: './'` lets it be served under any path.
import { fileURLToPath } from 'node:url'

export default {
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Only for work on the console itself: `vite dashboards/console` beside a running Isotherm.
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/epcis': 'http://127.0.0.1:8080' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // The content security policy is default-src 'self': nothing may become a data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // One file for the frame, one for what many pages use: each request costs its time.
        codeSplitting: {
          groups: [
            { name: 'frame', tags: ['$initial'], priority: 2 },
            { name: 'pages', test: /\.tsx?$/, minShareCount: 6, priority: 1 },
          ],
        },
      },
    },
  },
}
