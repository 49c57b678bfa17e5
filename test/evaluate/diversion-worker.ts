// A thread of the evaluation: worlds in, tallies out, one at a time.
import { parentPort } from 'node:worker_threads'
import { plotNames } from '../../simulators/plots.ts'
import { scenarios } from '../../simulators/scenarios.ts'
import { tallyOf, type WorldTally } from './diversion-tally.ts'
import { playWorld, type WorldOptions } from './diversion-worlds.ts'

const dayMs = 86_400_000

/** Of `gate` the test suite plays a few: small, and something happens on most trips. */
const kinds = {
  mixed: { scenario: scenarios.mixed!, devices: 9 },
  clean: { scenario: scenarios.clean!, devices: 27 },
  gate: {
    scenario: {
      ...scenarios.mixed!,
      plots: Object.fromEntries(plotNames.map((name) => [name, 0.06])),
      ...{ load: { cases: 4, itemsPerCase: 6 }, loggingIntervalMs: dayMs / 144, startsWithin: 2 },
    },
    ...{ devices: 6, days: 9 },
  },
} as const satisfies Record<string, Omit<WorldOptions, 'seed'>>

export interface WorldJob {
  kind: keyof typeof kinds
  seed: number
}

export type WorldReply = { tally: WorldTally } | { failure: string }

export const tallyWorld = async ({ kind, seed }: WorldJob): Promise<WorldTally> =>
  tallyOf(await playWorld({ ...kinds[kind], seed }))

parentPort?.on('message', (job: WorldJob) => {
  void tallyWorld(job)
    .then((tally): WorldReply => ({ tally }))
    .catch((error: unknown): WorldReply => ({ failure: `world ${job.seed}: ${String(error)}` }))
    .then((reply) => parentPort!.postMessage(reply))
})
