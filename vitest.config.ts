import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The real stores, brokers and browsers of the tests need a process of their own each; two
    // cores.
    pool: 'forks',
    // Against what hangs, not against slow machines: no test is about time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
