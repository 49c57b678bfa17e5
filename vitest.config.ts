import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { testTimeoutMs } from './test/depth.ts'
import { pureTests } from './test/pure.ts'

/**
 * Those that take a minute or more: at the end they would run alone while others have nothing.
 * First those that mostly wait for elections and outages, beside them those that work.
 */
const long = [
  'e2e/cluster',
  'order',
  'e2e/influx-outage',
  'e2e/load',
  'nats-many',
  'export',
  'browser/console',
  'e2e/bad-place',
  'nats-log',
  'influx-series',
]

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = long.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return rank < 0 ? long.length : rank
    }
    return (await super.sort(files)).toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}

const pure = pureTests()

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          exclude: pure,
          setupFiles: ['test/patience.ts'],
        },
      },
    ],
    globalSetup: ['test/run-folder.ts'],
    setupFiles: ['test/properties.ts'],
    // The real stores, brokers and browsers of the others need a process of their own each.
    pool: 'forks',
    // Against what hangs, not against slow machines: no test is about time.
    testTimeout: testTimeoutMs,
    hookTimeout: testTimeoutMs,
    expect: { poll: { timeout: 30_000 } },
    // One more than the cores of a small machine: many tests wait for leases, kills and clocks.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
  },
})
