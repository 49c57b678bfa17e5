// Isotherm as processes with one role each, over NATS JetStream, PostgreSQL and InfluxDB: how many
// packets two brokers acknowledge while everything else goes on, and how fast a backlog is judged
// by one detector process and by two.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Child } from './child.ts'
import { type Databases, database, startDatabases } from './databases.ts'
import { readMetrics, registerFleet, benchToken as token } from './fleet.ts'
import { cpuOf, perPacket } from './machine.ts'
import { countValues } from './points.ts'
import { type LoadResult, runLoad } from './run-load.ts'
import { settled, startServer } from './whole.ts'

export interface ClusterOptions {
  seconds: number
  connections: number
}

export interface ClusterResult {
  /** Packets a second that both brokers acknowledged. */
  ackedPerSecond: number
  /** Of the slower broker. */
  ackP50Ms: number
  ackP99Ms: number
  /** From the end of the load until all was recorded and judged. */
  drainSeconds: number
  /** Of all values acknowledged, those that are in InfluxDB at the end. */
  storedShare: number
  cpuMicros: Record<string, number>
}

export interface DetectResult {
  /** Packets in the log before the detectors were started. */
  backlog: number
  /** Packets a second that all detectors together judged while each of them was at work. */
  judgedPerSecond: number
  /** How long that was. */
  seconds: number
}

const intervalMs = 60_000
const partitions = 4
const valuesEach = 3

/** Two brokers, a recorder, a detector and an API; NATS with so many nodes and replicas. */
export async function measureCluster(
  options: ClusterOptions & { replicas: 1 | 3 },
): Promise<ClusterResult> {
  return withProcesses(options.replicas, async ({ databases, run, folder }) => {
    const names = ['api', 'record', 'detect', 'brokerA', 'brokerB']
    const [api, record, detect, ...brokers] = [
      ...[await run('api'), await run('record'), await run('detect')],
      ...[await run('broker'), await run('broker')],
    ]
    const judges = [urlOf(record!), urlOf(detect!)]
    const fleet = await register(urlOf(api!), options, folder)
    await settled(judges)
    const processes = [api, record, detect, ...brokers].map((one, i) => [names[i], one!.pid])
    const pids = { ...Object.fromEntries(processes), ...databases.pids }
    const before = cpuOf(pids)
    const half = Math.floor(options.connections / 2)
    const loads = await Promise.all(
      brokers.map((broker, i) =>
        load(broker, { ...fleet, connections: half, first: i * half, seconds: options.seconds }),
      ),
    )
    const endedAt = performance.now()
    await settled(judges)
    const acked = loads.reduce((sum, { generatorAcked }) => sum + generatorAcked, 0)
    const values = await countValues(databases.influxd.url, { db: database, field: 'value' })
    return {
      ackedPerSecond: loads.reduce((sum, { perSecond }) => sum + perSecond, 0),
      ackP50Ms: Math.max(...loads.map(({ ackP50Ms }) => ackP50Ms)),
      ackP99Ms: Math.max(...loads.map(({ ackP99Ms }) => ackP99Ms)),
      drainSeconds: (performance.now() - endedAt) / 1000,
      storedShare: values / (valuesEach * acked),
      cpuMicros: perPacket(before, cpuOf(pids), acked),
    }
  })
}

/** Nothing else is at work while the detectors are: a broker has filled the log before. */
export async function measureDetect(
  options: ClusterOptions & { detectors: number },
): Promise<DetectResult> {
  return withProcesses(1, async ({ run, folder }) => {
    const whole = await run('broker,record,detect,api')
    const fleet = await register(urlOf(whole), options, folder)
    await settled([urlOf(whole)])
    await whole.end()
    const broker = await run('broker')
    const { seconds, connections } = options
    const { generatorAcked: backlog } = await load(broker, { ...fleet, connections, seconds })
    await broker.end()
    const detectors = await Promise.all(
      Array.from({ length: options.detectors }, () => run('detect')),
    )
    const work = await watchWork(detectors.map(urlOf), backlog)
    return { backlog, ...work }
  })
}

interface Processes {
  databases: Databases
  /** Starts one with these roles. */
  run(roles: string): Promise<Child>
  folder: string
}

async function withProcesses<T>(
  replicas: 1 | 3,
  measure: (processes: Processes) => Promise<T>,
): Promise<T> {
  const databases = await startDatabases({ postgres: true, nats: replicas, partitions })
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-bench-'))
  const children: Child[] = []
  const run = async (roles: string): Promise<Child> => {
    const dataDir = join(folder, `data${children.length}`)
    const child = await startServer(dataDir, { ...databases.env, ISOTHERM_ROLES: roles })
    children.push(child)
    return child
  }
  try {
    return await measure({ databases, run, folder })
  } finally {
    await Promise.all(children.map((child) => child.end()))
    await databases.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const urlOf = (child: Child): string => child.ready[1]!

interface Fleet {
  passwords: string
  since: number
}

async function register(
  httpUrl: string,
  { connections }: ClusterOptions,
  folder: string,
): Promise<Fleet> {
  const since = Date.now() - 365 * 86_400_000
  const tokens = await registerFleet({
    ...{ httpUrl, token, devices: connections, unitsEach: 20, since, intervalMs },
  })
  const passwords = join(folder, 'tokens.json')
  writeFileSync(passwords, JSON.stringify(tokens))
  return { passwords, since }
}

function load(
  broker: Child,
  at: Fleet & { connections: number; seconds: number; first?: number },
): Promise<LoadResult> {
  const { connections, seconds, passwords, since, first = 0 } = at
  return runLoad({
    ...{ port: Number(broker.ready[2]), pid: broker.pid, connections, seconds, window: 8 },
    more: [
      ...['--passwords', passwords, '--first', String(first)],
      ...['--start-ms', String(since + intervalMs), '--interval-ms', String(intervalMs)],
    ],
  })
}

/** Looks at each detector until all of the backlog is judged. */
async function watchWork(
  httpUrls: readonly string[],
  backlog: number,
): Promise<{ judgedPerSecond: number; seconds: number }> {
  const marks: { at: number; taken: number[] }[] = []
  const trace = process.env.ISOTHERM_TEST_TRACE !== undefined
  for (;;) {
    const all = await Promise.all(httpUrls.map((url) => readMetrics(url, token)))
    const taken = all.map((one) => one.taken.detect ?? 0)
    marks.push({ at: performance.now(), taken })
    if (trace) console.error(JSON.stringify(marks.at(-1)))
    if (taken.reduce((sum, one) => sum + one, 0) >= backlog) break
    if (marks.at(-1)!.at - marks[0]!.at > judgeMs)
      throw new Error(`${taken} of ${backlog} packets were judged in ${judgeMs} ms`)
    await delay(50)
  }
  // Between the moment when the last of them has begun and that when the first of them had no more.
  const end = marks.at(-1)!
  const begun = marks.find(({ taken }) => taken.every((one) => one > 0))!
  const over = marks.find(({ taken }) => taken.some((one, i) => one === end.taken[i]))!
  const seconds = (over.at - begun.at) / 1000
  const judged = over.taken.reduce((sum, one, i) => sum + one - begun.taken[i]!, 0)
  // They were never all at work at once: nothing can be said.
  if (seconds <= 0) return { judgedPerSecond: Number.NaN, seconds: 0 }
  return { judgedPerSecond: judged / seconds, seconds }
}

const judgeMs = 180_000
