// G, H and I of the benchmark: Isotherm with servers for its stores. Tells figures; what is measured
// and how stands in the files it calls.
import { measureAway } from './away.ts'
import { measureCluster, measureDetect } from './cluster.ts'
import { missingDatabase } from './databases.ts'
import { ratio, skip, tell, title } from './figures.ts'
import { type IntoInfluxResult, measureIntoInflux } from './into-influx.ts'
import { installNodeRed } from './node-red.ts'
import { measureRival, type Rival, type RivalResult, subscriber } from './rival.ts'
import { alertTimes } from './whole.ts'

interface Options {
  connections: number
  seconds: number
}

/** Packets a second; the first is aimed at. */
const rates = [20_000, 30_000]
const nodeRedRates = [1000, 2500, 5000, 10_000, 20_000]
const nodeRedSeconds = 10
/** Who stores less of what comes in has had enough. */
const keptUpShare = 0.95
const awayRate = 4000

interface Stored {
  storedPerSecond: number
  overallPerSecond: number
}

/** Rising rates while they are kept up with. Returns the most that was stored, packets a second. */
async function mostStored<T extends Stored>(
  upTo: readonly number[],
  measure: (rate: number) => Promise<T>,
): Promise<number> {
  let most = 0
  for (const rate of upTo) {
    const { storedPerSecond, overallPerSecond } = await measure(rate)
    most = Math.max(most, overallPerSecond)
    if (storedPerSecond < keptUpShare * rate) break
  }
  return most
}

/** G: into InfluxDB, and beside what else can take packets there. */
export async function benchInflux(
  options: Options & { missingRival: string | undefined },
): Promise<void> {
  const { connections, seconds, missingRival } = options
  const ours: Record<string, number> = {}
  for (const [ledger, postgres] of Object.entries({ embedded: false, PostgreSQL: true })) {
    const missing = missingDatabase({ postgres })
    if (missing) skip(`G  into InfluxDB, ledger ${ledger}`, missing)
    else
      ours[ledger] = await mostStored(rates, async (rate) => {
        title(`G  into InfluxDB at ${rate} packets (${3 * rate} values) a second, ledger ${ledger}`)
        const result = await measureIntoInflux({ connections, seconds, rate, postgres })
        tellInflux(result, rate)
        return result
      })
  }
  if (missingRival) skip('G  beside others', missingRival)
  else await benchRivals(options, ours)
}

function tellInflux(result: IntoInfluxResult, rate: number): void {
  const { load, storedPerSecond, memoryMax } = result
  const alerts = alertTimes(result.crossings)
  const aim = rate === rates[0] ? { aim: 0.99 * rate } : {}
  tell({ name: 'acknowledged when durable', value: load.perSecond, unit: '/s', ...aim })
  tell({ name: 'stored in InfluxDB meanwhile', value: storedPerSecond, unit: '/s', ...aim })
  tell({ name: 'stored until all was', value: result.overallPerSecond, unit: '/s' })
  tell({ name: 'not yet stored at the end of the load', value: result.backlog, unit: 'packets' })
  tell({ name: 'caught up after', value: result.drainSeconds, unit: 's' })
  tell({ name: 'stored in the end', value: 100 * result.storedShare, unit: '%', aim: 100 })
  tell({ name: 'ack p50', value: load.ackP50Ms, unit: 'ms' })
  tell({ name: 'ack p99', value: load.ackP99Ms, unit: 'ms' })
  tell({ name: `reading to alert p95 (${alerts.alerts})`, value: alerts.p95Ms, unit: 'ms' })
  tell({ name: 'alerts that did not come', value: alerts.missing, unit: '', ...none })
  for (const [name, value] of Object.entries(result.cpuMicros))
    tell({ name: `processor time, ${name}`, value, unit: 'µs/packet' })
  tell({ name: 'processor time, generator', value: result.generatorMicros, unit: 'µs/packet' })
  tell({ name: 'RSS of the server, most', value: memoryMax?.rss ?? Number.NaN, unit: 'MB' })
}

const none = { aim: 0, better: 'less' } as const

/** The same packets, and a point for each value as Isotherm has it. */
async function benchRivals(options: Options, ours: Record<string, number>): Promise<void> {
  const compare = async (
    name: string,
    { upTo, seconds, ...rival }: Rival & { upTo: readonly number[]; seconds: number },
  ): Promise<void> => {
    const { connections } = options
    const theirs = await mostStored(upTo, async (rate) => {
      title(`G  mosquitto + ${name} + InfluxDB at ${rate} packets a second`)
      const result = await measureRival({ connections, seconds, rate }, rival)
      tellRival(result)
      return result
    })
    for (const [ledger, most] of Object.entries(ours))
      tell({ name: `Isotherm, ledger ${ledger}, to it`, value: ratio(most, theirs), unit: 'x' })
  }
  const { seconds } = options
  await compare('a minimal subscriber', { ...subscriber({ apart: true }), upTo: rates, seconds })
  const nodeRed = await installNodeRed().catch((error: Error) => error)
  if (nodeRed instanceof Error) {
    skip('G  mosquitto + Node-RED + InfluxDB', nodeRed.message)
    return
  }
  try {
    for (const [how, batched] of Object.entries({ 'one by one': false, 'joined by 1000': true }))
      await compare(`Node-RED, messages ${how}`, {
        ...{ points: 3, upTo: nodeRedRates, seconds: nodeRedSeconds },
        start: (to) => nodeRed.start({ ...to, batched }),
      })
  } finally {
    nodeRed.remove()
  }
}

function tellRival(rival: RivalResult): void {
  const { load } = rival
  tell({ name: 'acknowledged, not durable', value: load.perSecond, unit: '/s' })
  tell({ name: 'stored in InfluxDB meanwhile', value: rival.storedPerSecond, unit: '/s' })
  tell({ name: 'stored until all was', value: rival.overallPerSecond, unit: '/s' })
  tell({ name: 'nothing more came after', value: rival.drainSeconds, unit: 's' })
  tell({ name: 'stored in the end', value: 100 * rival.storedShare, unit: '%' })
  for (const [name, value] of Object.entries(rival.cpuMicros))
    tell({ name: `processor time, ${name}`, value, unit: 'µs/packet' })
  tell({ name: 'RSS of the subscriber', value: rival.memory.subscriber ?? NaN, unit: 'MB' })
}

/** H: a process for each role, over JetStream. */
export async function benchCluster(options: Options): Promise<void> {
  const missing = missingDatabase({ postgres: true, nats: 1 })
  title('H  a process for each role, over NATS JetStream, PostgreSQL and InfluxDB')
  if (missing) return skip('Isotherm', missing)
  for (const replicas of [1, 3] as const) {
    title(`H  two brokers, a recorder, a detector, ${replicas} NATS node(s) and replica(s)`)
    const result = await measureCluster({ ...options, replicas })
    tell({ name: 'acknowledged when replicated', value: result.ackedPerSecond, unit: '/s' })
    tell({ name: 'ack p50', value: result.ackP50Ms, unit: 'ms' })
    tell({ name: 'ack p99', value: result.ackP99Ms, unit: 'ms' })
    tell({ name: 'recorded and judged after', value: result.drainSeconds, unit: 's' })
    tell({ name: 'stored in the end', value: 100 * result.storedShare, unit: '%', aim: 100 })
    for (const [name, value] of Object.entries(result.cpuMicros))
      tell({ name: `processor time, ${name}`, value, unit: 'µs/packet' })
  }
  const judged: number[] = []
  for (const detectors of [1, 2]) {
    title(`H  a backlog judged by ${detectors} detector process(es)`)
    const result = await measureDetect({ ...options, detectors })
    tell({ name: 'backlog', value: result.backlog, unit: 'packets' })
    tell({ name: 'judged while all were at work', value: result.judgedPerSecond, unit: '/s' })
    tell({ name: 'that was', value: result.seconds, unit: 's' })
    judged.push(result.judgedPerSecond)
  }
  tell({ name: 'two detectors to one', value: ratio(judged[1]!, judged[0]!), unit: 'x' })
}

/** I: InfluxDB away and back. */
export async function benchAway({ connections, seconds }: Options): Promise<void> {
  const awaySeconds = 2 * seconds
  title(
    `I  InfluxDB away for ${awaySeconds} s at ${awayRate} packets (${3 * awayRate} values) a second`,
  )
  const missing = missingDatabase()
  if (missing) return skip('Isotherm', missing)
  const away = await measureAway({ awaySeconds, rate: awayRate, connections })
  const { alerts, memoryBefore, memoryMax } = away
  tell({ name: 'back at work after', value: away.idleSeconds, unit: 's' })
  tell({ name: 'not stored then', value: away.backlog, unit: 'packets' })
  tell({ name: 'caught up after', value: away.drainSeconds, unit: 's' })
  tell({ name: 'stored meanwhile', value: away.timesRealTime, unit: 'x real time', aim: 5 })
  tell({ name: 'stored in the end', value: 100 * away.storedShare, unit: '%', aim: 100 })
  tell({ name: `reading to alert p50 (${alerts.alerts})`, value: alerts.p50Ms, unit: 'ms' })
  tell({ name: 'reading to alert p95', value: alerts.p95Ms, unit: 'ms', aim: 500, better: 'less' })
  tell({ name: 'alerts that did not come', value: alerts.missing, unit: '', ...none })
  tell({ name: 'ack p99', value: away.ackP99Ms, unit: 'ms' })
  tell({ name: 'anonymous memory before', value: memoryBefore?.anonymous ?? NaN, unit: 'MB' })
  tell({ name: 'anonymous memory, most', value: memoryMax?.anonymous ?? NaN, unit: 'MB' })
  tell({ name: 'RSS, most', value: memoryMax?.rss ?? NaN, unit: 'MB' })
}
