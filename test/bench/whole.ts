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
import { cpuSeconds, type Memory, memoryOf } from './machine.ts'
import { runLoad } from './run-load.ts'

export interface WholeOptions {
  seconds: number
  /** Packets a second over all connections; 0: as fast as they are acknowledged. */
  rate: number
  /** Unacknowledged packets of each connection, when there is no rate. */
  window?: number
  connections: number
}

export interface WholeResult {
  /** As the load generator tells it. */
  perSecond: number
  ackP50Ms: number
  ackP99Ms: number
  /**
   * Packets not yet recorded and judged: the most at any time, and seconds until there were none.
   */
  lagMax: Record<string, number>
  drainSeconds: number
  alerts: number
  alertsMissing: number
  alertP50Ms: number
  alertP95Ms: number
  alertMaxMs: number
  /** Processor time per packet: of the server, recording and judging included, and of the load generator. */
  cpuMicros: number | undefined
  generatorMicros: number
  memoryMax: Memory | undefined
  memoryEnd: Memory | undefined
}

const intervalMs = 60_000
/** Each device is too warm in one of so many packets, for a little longer than allowed. */
const crossingEvery = 5000
const drainSecondsMax = 60

export async function measureWhole(options: WholeOptions): Promise<WholeResult> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-bench-'))
  const server = await startServer(join(folder, 'data'))
  try {
    return await loadServer(server, options, folder)
  } finally {
    await server.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function startServer(dataDir: string): Promise<Child> {
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
    },
    ready: /ready: (http:\S+) .*mqtt:\/\/[^:]+:(\d+)/,
  })
}

async function loadServer(
  server: Child,
  options: WholeOptions,
  folder: string,
): Promise<WholeResult> {
  const [, httpUrl = '', port = ''] = server.ready
  const { seconds, rate, connections, window = 8 } = options
  // Long ago enough that the readings of the run do not come from the future.
  const since = Date.now() - 365 * 86_400_000
  const tokens = await registerFleet({
    ...{ httpUrl, token, devices: connections, unitsEach: 200, since, intervalMs },
  })
  const files = {
    passwords: join(folder, 'tokens.json'),
    crossings: join(folder, 'crossings.json'),
  }
  writeFileSync(files.passwords, JSON.stringify(tokens))
  const hearing = await listenForAlerts(httpUrl, token)
  const watch = watchServer(server.pid, httpUrl)
  const cpuBefore = cpuSeconds(server.pid)
  const generator = await runLoad({
    ...{ port: Number(port), pid: server.pid, connections, seconds, window, rate },
    more: [
      ...['--passwords', files.passwords, '--crossings', files.crossings],
      ...['--start-ms', String(since + intervalMs), '--interval-ms', String(intervalMs)],
      ...['--crossing-every', String(crossingEvery)],
      ...['--crossing-length', String(rule.allowanceMinutes + 5)],
      ...['--crossing-tells', String(rule.allowanceMinutes)],
    ],
  })
  const loadEndedAt = performance.now()
  const taken = await drained(httpUrl)
  const drainSeconds = (performance.now() - loadEndedAt) / 1000
  const cpuAfter = cpuSeconds(server.pid)
  const { lagMax, memoryMax } = await watch.stop()
  const memoryEnd = memoryOf(server.pid)
  hearing.stop()
  const crossings = JSON.parse(readFileSync(files.crossings, 'utf8')) as Crossing[]
  const { perSecond, ackP50Ms, ackP99Ms } = generator
  return {
    ...{ perSecond, ackP50Ms, ackP99Ms, lagMax, drainSeconds },
    ...alertTimes(crossings, hearing.heard),
    generatorMicros: (generator.generatorCpuSeconds * 1e6) / generator.generatorSent,
    cpuMicros: cpuBefore === undefined ? undefined : ((cpuAfter! - cpuBefore) * 1e6) / taken,
    ...{ memoryMax, memoryEnd },
  }
}

interface Crossing {
  device: string
  from: number
  sentAt: number
}

function alertTimes(crossings: Crossing[], heard: Map<string, number>) {
  const waits: number[] = []
  let missing = 0
  for (const { device, from, sentAt } of crossings) {
    const at = heard.get(`${device} ${from}`)
    if (at === undefined) missing++
    else waits.push(at - sentAt)
  }
  waits.sort((a, b) => a - b)
  const quantile = (share: number): number =>
    Math.round(waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0)
  return {
    alerts: waits.length,
    alertsMissing: missing,
    alertP50Ms: quantile(0.5),
    alertP95Ms: quantile(0.95),
    alertMaxMs: quantile(1),
  }
}

/** Resolves with the number of packets taken when every follower has passed all of them. */
async function drained(httpUrl: string): Promise<number> {
  const until = performance.now() + drainSecondsMax * 1000
  for (;;) {
    const { lag, logEnd } = await readMetrics(httpUrl, token)
    if (Object.values(lag).every((behind) => behind === 0)) return logEnd
    if (performance.now() > until)
      throw new Error(
        `followers have not caught up in ${drainSecondsMax} s: ${JSON.stringify(lag)}`,
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
