// How well cases and detectors do in simulated worlds of trade, for npm run evaluate: plays worlds
// in threads and prints the figures as JSON, or writes their section of docs/evaluation.md.
import { Worker } from 'node:worker_threads'
import { machine } from '../bench/machine.ts'
import { type Figures, figuresOf } from './diversion-figures.ts'
import { diversionPage } from './diversion-page.ts'
import type { WorldTally } from './diversion-tally.ts'
import { tallyWorld, type WorldJob, type WorldReply } from './diversion-worker.ts'
import { writePart } from './page.ts'

export interface DiversionOptions {
  /** The first seed; clean worlds have the same seeds. */
  from: number
  seeds: number
  /** Worlds in which nothing happens, three times as large. */
  clean: number
  /** Of the others; default mixed. */
  kind?: WorldJob['kind']
  /** Threads; 0: this one. */
  workers: number
  /** Told after each world. */
  onWorld?: (done: number, all: number) => void
}

export async function evaluateDiversion(options: DiversionOptions): Promise<Figures> {
  const { from, seeds, clean, kind = 'mixed' } = options
  const jobs = (of: WorldJob['kind'], count: number): WorldJob[] =>
    Array.from({ length: count }, (_, n) => ({ seed: from + n, kind: of }))
  const tallies = await tallyAll([...jobs(kind, seeds), ...jobs('clean', clean)], options)
  return figuresOf({ from, mixed: tallies.slice(0, seeds), clean: tallies.slice(seeds) })
}

async function tallyAll(
  jobs: readonly WorldJob[],
  { workers, onWorld }: DiversionOptions,
): Promise<WorldTally[]> {
  const tallies: WorldTally[] = []
  let [next, done] = [0, 0]
  const work = async (play: (job: WorldJob) => Promise<WorldTally>): Promise<void> => {
    while (next < jobs.length) {
      const n = next++
      tallies[n] = await play(jobs[n]!)
      onWorld?.(++done, jobs.length)
    }
  }
  if (workers === 0) await work(tallyWorld)
  else await Promise.all(Array.from({ length: workers }, () => workIn(work)))
  return tallies
}

/** In a thread of its own. */
async function workIn(
  work: (play: (job: WorldJob) => Promise<WorldTally>) => Promise<void>,
): Promise<void> {
  const worker = new Worker(new URL('./diversion-worker.ts', import.meta.url), { execArgv: [] })
  try {
    await work(async (job) => {
      const reply = Promise.withResolvers<WorldReply>()
      worker.once('message', reply.resolve)
      worker.once('error', reply.reject)
      worker.postMessage(job)
      const said = await reply.promise
      worker.off('error', reply.reject)
      if ('failure' in said) throw new Error(said.failure)
      return said.tally
    })
  } finally {
    await worker.terminate()
  }
}

/** `--from SEED --seeds N [--clean N] [--workers N]`. Progress goes to stderr. */
export function readDiversion(
  argv: readonly string[],
  usual: Partial<DiversionOptions> = {},
): DiversionOptions {
  const numberAfter = (name: string, fallback: number): number => {
    const at = argv.indexOf(name)
    const value = at < 0 ? fallback : Number(argv[at + 1])
    if (!Number.isInteger(value) || value < 0) throw new Error(`${name} wants a whole number`)
    return value
  }
  const seeds = numberAfter('--seeds', usual.seeds ?? 3)
  const onWorld = (done: number, all: number): void => {
    process.stderr.write(`world ${done} of ${all}\n`)
  }
  return {
    ...{ from: numberAfter('--from', usual.from ?? 1), seeds },
    ...{ clean: numberAfter('--clean', usual.clean ?? Math.ceil(seeds / 4)), onWorld },
    workers: numberAfter('--workers', usual.workers ?? 1),
  }
}

/** Prints the figures as JSON. */
export async function printDiversion(argv: readonly string[]): Promise<void> {
  console.log(JSON.stringify(await evaluateDiversion(readDiversion(argv)), undefined, 2))
}

/** Writes the part of docs/evaluation.md; by default what it says there that it is made of. */
export async function writeDiversion(argv: readonly string[]): Promise<void> {
  const given = readDiversion(argv, final)
  const begun = process.cpuUsage()
  const figures = await evaluateDiversion(given)
  const { user, system } = process.cpuUsage(begun)
  const { cpu, cpus, node, date } = machine()
  const made = { cpu, cpus, node, date: date.slice(0, 10), cpuSeconds: (user + system) / 1e6 }
  writePart('cases', diversionPage(figures, made))
}

/** Seeds that nobody tunes on. */
const final = { from: 5000, seeds: 200, clean: 60, workers: 2 }
