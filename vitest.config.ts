import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

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

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The real stores, brokers and browsers of the tests need a process of their own each.
    pool: 'forks',
    // Against what hangs, not against slow machines: no test is about time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One more than the cores of a small machine: many tests wait for leases, kills and clocks.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
  },
})
