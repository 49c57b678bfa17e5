// The whole server under load: what comes in by MQTT is kept, recorded and judged while it is
// measured. One run gives acknowledgement latencies, how far the followers fell behind and how soon
// they had caught up, reading-to-alert times, processor time and memory.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Child, start } from './child.ts'
import { readMetrics, registerFleet, rule, benchToken as token } from './fleet.ts'
import { listenForAlerts } from './hearing.ts'
import { cpuOf, type Memory, memoryOf, perPacket } from './machine.ts'
import { type LoadResult, runLoad } from './run-load.ts'

export interface WholeOptions {
  seconds: number
  /** Packets a second over all connections; 0: as fast as they are acknowledged. */
  rate: number
  /** Unacknowledged packets of each connection, when there is no rate. */
  window?: number
  connections: number
  /** Settings of the server, beside those of every measurement. */
  env?: Record<string, string>
  /** Further processes whose processor time counts. */
  pids?: Record<string, number>
  /** Each device is too warm in one of so many packets, for a little longer than allowed. */
  crossingEvery?: number
  /** Called when the load begins; the load is over when both have ended. */
  meanwhile?: (server: { pid: number; httpUrl: string }) => Promise<void>
}

export interface WholeResult {
  /** As the load generator tells it. */
  load: LoadResult
  /**
   * Packets not yet recorded and judged: the most at any time, and seconds until there were none.
   */
  lagMax: Record<string, number>
  drainSeconds: number
  crossings: Crossing[]
  /** Processor time per packet: of the server, recording and judging included, and of `pids`. */
  cpuMicros: Record<string, number>
  generatorMicros: number
  memoryMax: Memory | undefined
  memoryEnd: Memory | undefined
}

/** A breach that used up its allowance: when that packet left and when the alert was heard of, epoch ms. */
export interface Crossing {
  sentAt: number
  heardAt: number | undefined
}

const intervalMs = 60_000
const drainSecondsMax = 180

export async function measureWhole(options: WholeOptions): Promise<WholeResult> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-bench-'))
  const server = await startServer(join(folder, 'data'), options.env)
  try {
    return await loadServer(server, options, folder)
  } finally {
    await server.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A process of Isotherm; `ready` holds its URL and, of a broker, its MQTT port. */
export async function startServer(
  dataDir: string,
  env: Record<string, string> = {},
): Promise<Child> {
  const root = join(import.meta.dirname, '../..')
  // As `npm start` starts it, unless told otherwise.
  const flags = (process.env.ISOTHERM_TEST_SERVER_FLAGS ?? '--max-semi-space-size=32')
    .split(' ')
    .filter(Boolean)
  return start({
    command: process.execPath,
    args: [...flags, join(root, 'isotherm.js'), 'serve'],
    env: {
      ISOTHERM_DATA_DIR: dataDir,
      ISOTHERM_HTTP_PORT: '0',
      ISOTHERM_MQTT_PORT: '0',
      ISOTHERM_ADMIN_TOKEN: token,
      ...env,
    },
    ready: /ready: (http:\S+)(?: .*mqtt:\/\/[^:]+:(\d+))?/,
  })
}

async function loadServer(
  server: Child,
  options: WholeOptions,
  folder: string,
): Promise<WholeResult> {
  const [, httpUrl = '', port = ''] = server.ready
  const { connections, seconds, rate, window = 8 } = options
  // Long ago enough that the readings of the run do not come from the future.
  const since = Date.now() - 365 * 86_400_000
  const tokens = await registerFleet({
    ...{ httpUrl, token, devices: connections, unitsEach: 200, since, intervalMs },
  })
  await settled([httpUrl])
  const files = {
    passwords: join(folder, 'tokens.json'),
    crossings: join(folder, 'crossings.json'),
  }
  writeFileSync(files.passwords, JSON.stringify(tokens))
  const hearing = await listenForAlerts(httpUrl, token)
  const watch = watchServer(server.pid, httpUrl)
  try {
    const pids = { server: server.pid, ...options.pids }
    const cpuBefore = cpuOf(pids)
    const [load] = await Promise.all([
      runLoad({
        ...{ port: Number(port), pid: server.pid, connections, seconds, window, rate },
        more: crossingLoad(options, { ...files, since }),
      }),
      options.meanwhile?.({ pid: server.pid, httpUrl }),
    ])
    const loadEndedAt = performance.now()
    await settled([httpUrl])
    const drainSeconds = (performance.now() - loadEndedAt) / 1000
    const cpuMicros = perPacket(cpuBefore, cpuOf(pids), load.generatorSent)
    const { lagMax, memoryMax } = await watch.stop()
    const left = JSON.parse(readFileSync(files.crossings, 'utf8')) as Left[]
    const crossings = left.map(({ device, from, sentAt }) => {
      return { sentAt, heardAt: hearing.heard.get(`${device} ${from}`) }
    })
    const generatorMicros = (load.generatorCpuSeconds * 1e6) / load.generatorSent
    return {
      ...{ load, lagMax, drainSeconds, crossings, generatorMicros, cpuMicros },
      ...{ memoryMax, memoryEnd: memoryOf(server.pid) },
    }
  } finally {
    hearing.stop()
    await watch.stop()
  }
}

/** Arguments of load.ts: devices that are too warm now and then. */
function crossingLoad(
  { crossingEvery = 5000 }: WholeOptions,
  at: { passwords: string; crossings: string; since: number },
): string[] {
  return [
    ...['--passwords', at.passwords, '--crossings', at.crossings],
    ...['--start-ms', String(at.since + intervalMs), '--interval-ms', String(intervalMs)],
    ...['--crossing-every', String(crossingEvery)],
    ...['--crossing-length', String(rule.allowanceMinutes + 5)],
    ...['--crossing-tells', String(rule.allowanceMinutes)],
  ]
}

/** As the load generator tells it. */
interface Left {
  device: string
  from: number
  sentAt: number
}

export interface AlertTimes {
  alerts: number
  missing: number
  p50Ms: number
  p95Ms: number
  maxMs: number
}

export function alertTimes(crossings: readonly Crossing[]): AlertTimes {
  const waits: number[] = []
  for (const { sentAt, heardAt } of crossings)
    if (heardAt !== undefined) waits.push(heardAt - sentAt)
  waits.sort((a, b) => a - b)
  const quantile = (share: number): number =>
    Math.round(waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? Number.NaN)
  const missing = crossings.length - waits.length
  return {
    ...{ alerts: waits.length, missing },
    ...{ p50Ms: quantile(0.5), p95Ms: quantile(0.95), maxMs: quantile(1) },
  }
}

/** Resolves when every follower of these processes has passed everything and no device is marked. */
export async function settled(httpUrls: readonly string[]): Promise<void> {
  const until = performance.now() + drainSecondsMax * 1000
  for (;;) {
    const all = await Promise.all(httpUrls.map((url) => readMetrics(url, token)))
    const behind = all.flatMap(({ lag }) => Object.values(lag))
    const marked = Math.max(...all.map(({ markedDevices }) => markedDevices))
    if (behind.length > 0 && behind.every((one) => one === 0) && marked === 0) return
    if (performance.now() > until)
      throw new Error(
        `not caught up in ${drainSecondsMax} s: ${JSON.stringify(all.map(({ lag }) => lag))}`,
      )
    await delay(100)
  }
}

/** Looks at the server every second. */
function watchServer(pid: number, httpUrl: string) {
  const lagMax: Record<string, number> = {}
  let memoryMax: Memory | undefined
  const trace = process.env.ISOTHERM_TEST_TRACE !== undefined
  const stopping = new AbortController()
  const done = (async () => {
    while (!stopping.signal.aborted) {
      const memory = memoryOf(pid)
      if (memory && memory.rss > (memoryMax?.rss ?? 0)) memoryMax = memory
      const { lag } = await readMetrics(httpUrl, token).catch(() => ({ lag: {} }))
      if (trace) console.error(JSON.stringify({ ...memory, ...lag }))
      for (const [name, behind] of Object.entries(lag))
        lagMax[name] = Math.max(lagMax[name] ?? 0, behind)
      await delay(1000, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await done
      return { lagMax, memoryMax }
    },
  }
}
