// npm run bench: every figure that the project claims, measured on this machine, with what it was
// aimed at and, in the same run, what mosquitto with a Node subscriber and InfluxDB do here.
// docs/benchmarks.md says how to read it.
//
//   node test/bench/run.ts [--only A,B,C,E,F,G,H,I,J,K,P,V,W] [--loggers 1000] [--seconds 20] [--serials 1000000]
//     [--no-rival] [--json FILE]
//
// D, memory, is measured while B runs. J (identity.ts) takes as long as its serials. G, H and I (servers.ts) need databases, and are skipped with
// the reason where these are missing.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { start } from './child.ts'
import { benchConsole } from './console.ts'
import { measureExposed } from './exposed.ts'
import { figures, ratio, skip, tell, title } from './figures.ts'
import { measureIdentity } from './identity.ts'
import { measureInner } from './inner.ts'
import { measureBackTest, measureJudging } from './judging.ts'
import { machine } from './machine.ts'
import { measureMovement } from './movement.ts'
import { measureReady } from './ready.ts'
import { measureRival, missingRival } from './rival.ts'
import { type LoadResult, runLoad } from './run-load.ts'
import { measureSerials } from './serials.ts'
import { benchAway, benchCluster, benchInflux } from './servers.ts'
import { measureSuspecting } from './suspecting.ts'
import { alertTimes, measureWhole, type WholeResult } from './whole.ts'

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'A,B,C,E,F,G,H,I,J,K,P,V,W' },
    seconds: { type: 'string', default: '20' },
    serials: { type: 'string', default: '1000000' },
    loggers: { type: 'string', default: '1000' },
    'no-rival': { type: 'boolean', default: false },
    json: { type: 'string', default: '' },
  },
})

const connections = 200
const seconds = Math.min(600, Math.max(1, Number(flags.seconds)))
const wanted = new Set(flags.only.split(',').map((letter) => letter.trim().toUpperCase()))
const missing = flags['no-rival'] ? '--no-rival' : missingRival()
const facts = machine()

console.log(
  `${facts.cpu}, ${facts.cpus} CPUs, ${facts.memoryGiB} GiB, ${facts.os}, Node ${facts.node}, ${facts.date}`,
)
console.log(`load of the last minute ${facts.load.toFixed(2)}; load generator on the same CPUs\n`)
if (wanted.has('A')) await benchIngest()
if (wanted.has('B')) await benchWhole('B', 25_000)
if (wanted.has('C')) await benchWhole('C', 12_500)
if (wanted.has('E')) await benchReady()
if (wanted.has('F')) await benchParts()
if (wanted.has('G')) await benchInflux({ connections, seconds, missingRival: missing })
if (wanted.has('H')) await benchCluster({ connections, seconds })
if (wanted.has('I')) await benchAway({ connections, seconds })
if (wanted.has('J')) await benchIdentity(Math.max(1000, Number(flags.serials)))
if (wanted.has('K')) await benchJudging(Math.max(1, Number(flags.loggers)))
if (wanted.has('M')) benchMovement()
if (wanted.has('P')) await benchExposed(Math.max(1000, Number(flags.serials)))
if (wanted.has('V')) await benchConsole()
if (wanted.has('W')) await benchSuspecting()
if (flags.json)
  writeFileSync(flags.json, `${JSON.stringify({ machine: facts, figures }, null, 2)}\n`)

/** A: how fast packets are taken and durable. */
async function benchIngest(): Promise<void> {
  for (const [window, aim] of [
    [8, 100_000],
    [1, 45_000],
  ] as const) {
    title(`A  broker and log, ${connections} connections, ${window} in flight, QoS 1, 150 bytes`)
    const alone = await loadBrokerOnly(window)
    tell({ name: 'acknowledged when durable', value: alone.perSecond, unit: '/s', aim })
    tellLoad(alone)
    if (missing) {
      skip('beside mosquitto and InfluxDB', missing)
      continue
    }
    const rival = await measureRival({ connections, seconds, window })
    tell({ name: 'mosquitto: acknowledged, not durable', value: rival.load.perSecond, unit: '/s' })
    tell({ name: 'mosquitto + Node + InfluxDB: stored', value: rival.storedPerSecond, unit: '/s' })
    tell({ name: 'ratio', value: ratio(alone.perSecond, rival.storedPerSecond), unit: 'x' })
  }
}

async function loadBrokerOnly(window: number): Promise<LoadResult> {
  const server = await start({
    command: process.execPath,
    args: [join(import.meta.dirname, 'broker-only.ts')],
    ready: /^ready: (\d+)/,
  })
  try {
    const port = Number(server.ready[1])
    return await runLoad({ port, pid: server.pid, connections, seconds, window })
  } finally {
    await server.end()
  }
}

/** B, C and D: the whole server at a given rate. */
async function benchWhole(letter: string, rate: number): Promise<void> {
  title(`${letter}  the whole server at ${rate} packets (${3 * rate} readings) a second`)
  const whole = await measureWhole({ connections, seconds, rate })
  tellWhole(whole, rate)
  if (letter !== 'B') return
  tell({
    name: 'RSS, most',
    value: whole.memoryMax?.rss ?? NaN,
    unit: 'MB',
    aim: 700,
    better: 'less',
  })
  tell({ name: 'of it anonymous', value: whole.memoryMax?.anonymous ?? NaN, unit: 'MB' })
  if (missing) {
    skip('beside mosquitto and InfluxDB', missing)
    return
  }
  const rival = await measureRival({ connections, seconds, rate })
  tell({ name: 'mosquitto + Node + InfluxDB: stored', value: rival.storedPerSecond, unit: '/s' })
  tell({ name: 'its time to catch up', value: rival.drainSeconds, unit: 's' })
  tell({ name: 'ratio', value: ratio(whole.load.perSecond, rival.storedPerSecond), unit: 'x' })
}

function tellWhole(whole: WholeResult, rate: number): void {
  const { load, lagMax } = whole
  const alerts = alertTimes(whole.crossings)
  tell({ name: 'taken', value: load.perSecond, unit: '/s', aim: 0.99 * rate })
  tell({ name: 'ack p50', value: load.ackP50Ms, unit: 'ms' })
  tell({ name: 'ack p99', value: load.ackP99Ms, unit: 'ms', aim: 50, better: 'less' })
  for (const name of ['record', 'detect'])
    tell({ name: `${name}: packets behind, most`, value: lagMax[name] ?? NaN, unit: '' })
  tell({ name: 'caught up after', value: whole.drainSeconds, unit: 's', aim: 5, better: 'less' })
  tell({
    name: `reading to alert p50 (${alerts.alerts} alerts)`,
    value: alerts.p50Ms,
    unit: 'ms',
  })
  tell({ name: 'reading to alert p95', value: alerts.p95Ms, unit: 'ms', aim: 500, better: 'less' })
  const { missing: late } = alerts
  tell({ name: 'alerts that did not come', value: late, unit: '', aim: 0, better: 'less' })
  const { server = NaN } = whole.cpuMicros
  tell({ name: 'processor time of the server', value: server, unit: 'µs/packet' })
  tell({ name: 'processor time of the generator', value: whole.generatorMicros, unit: 'µs/packet' })
}

async function benchReady(): Promise<void> {
  title('E  npm start until it says that it is ready, empty folder, median of 5')
  const times = (await measureReady(5)).toSorted((a, b) => a - b)
  tell({ name: 'ready', value: times[2]!, unit: 'ms', aim: 2000, better: 'less' })
  tell({ name: 'slowest', value: times[4]!, unit: 'ms' })
}

async function benchParts(): Promise<void> {
  title('F  the parts in one process; three readings a packet')
  const { decode, record, detect } = await measureInner(100_000)
  tell({ name: 'decode, processor time', value: decode!.cpuMicros, unit: 'µs/packet' })
  tell({ name: 'record, processor time', value: record!.cpuMicros, unit: 'µs/packet' })
  tell({ name: 'detect, processor time', value: detect!.cpuMicros, unit: 'µs/packet' })
  tell({ name: 'detect, in order', value: 1e6 / detect!.wallMicros, unit: 'temperatures/s' })
  const serials = await measureSerials(100_000)
  tell({ name: '100,000 serials of one alert: first byte', value: serials.firstMs, unit: 'ms' })
  tell({ name: '100,000 serials of one alert: all', value: serials.totalMs, unit: 'ms' })
}

/** J: identity at scale, on the embedded ledger. */
async function benchIdentity(serials: number): Promise<void> {
  title(`J  ${serials.toLocaleString('en')} serials in containers of 100, ledger SQLite`)
  const { rates, lot, lookup, ...found } = await measureIdentity(serials)
  for (const [name, rate, aim] of [
    ['registered: serials', rates.commission, 100_000],
    ['packed: serials', rates.pack, undefined],
    ['captured: events that name one container', rates.ship, 10_000],
  ] as const) {
    tell({ name, value: rate.count / rate.wall, unit: '/s', ...(aim && { aim }) })
    tell({ name: '  processor time', value: (rate.cpu * 1e6) / rate.count, unit: 'µs each' })
    tell({ name: '  longest document', value: rate.longestMs, unit: 'ms' })
  }
  tell({ name: 'packed: events', value: rates.pack.events / rates.pack.wall, unit: '/s' })
  const millions = serials / 1e6
  tell({ name: 'disk for a million serials', value: found.diskBytes / 1e6 / millions, unit: 'MB' })
  tell({ name: 'RSS of the capturing process', value: found.filledMB, unit: 'MB' })
  tell({ name: 'RSS of the server', value: lookup.serverMB, unit: 'MB' })
  const { p50Ms, p99Ms, busyP99Ms, perSecond } = lookup
  tell({ name: 'look-up, 50 clients, 100 /s in all: p50', value: p50Ms, unit: 'ms' })
  tell({ name: 'p99', value: p99Ms, unit: 'ms', aim: 10, better: 'less' })
  tell({ name: 'look-ups without a pause', value: perSecond, unit: '/s' })
  tell({ name: 'p99', value: busyP99Ms, unit: 'ms' })
  const { units, ms } = lot
  tell({ name: `${units} units of one lot`, value: ms, unit: 'ms', aim: 1000, better: 'less' })
  if (!found.serials) return skip('serials of one alert', 'fewer than a pallet holds')
  const { firstMs, totalMs } = found.serials
  tell({ name: 'first serial of one alert', value: firstMs, unit: 'ms', aim: 50, better: 'less' })
  tell({ name: '100,000 of one alert', value: totalMs, unit: 'ms', aim: 1000, better: 'less' })
}

/** K: judging in order, late and in a back-test, on the embedded stores. */
async function benchJudging(loggers: number): Promise<void> {
  title(`K  judging: a year of a reading each 15 min; back-test of ${loggers} loggers`)
  const { rules, inOrder, atOnce, firstLateMs, lateMs } = await measureJudging()
  tell({ name: `in order, ${rules} rules`, value: inOrder, unit: 'readings/s', aim: 500_000 })
  tell({ name: 'a year at once', value: atOnce, unit: 'readings/s' })
  tell({ name: 'late day', value: lateMs, unit: 'ms', aim: 50, better: 'less' })
  tell({ name: 'the first one, from all readings', value: firstLateMs, unit: 'ms' })
  const told = await measureBackTest(loggers)
  const { seconds, cpuSeconds, rssBefore, rssMax } = told
  const aim = loggers === 1000 ? { aim: 20, better: 'less' as const } : {}
  tell({
    name: `back-test, ${told.readings.toLocaleString('en')} readings`,
    value: seconds,
    unit: 's',
    ...aim,
  })
  tell({ name: 'processor time', value: cpuSeconds, unit: 's' })
  tell({ name: 'RSS before', value: rssBefore, unit: 'MB' })
  tell({ name: 'RSS, most', value: rssMax, unit: 'MB' })
  tell({ name: 'filling the stores beforehand', value: told.fillSeconds, unit: 's' })
}

/** M: the detectors of movement, one after the other in one thread. */
function benchMovement(): void {
  const { points, places, each, allPerSecond, bytesPerLogger } = measureMovement()
  title(`M  movement: a way of ${points.toLocaleString('en')} points, ${places} places`)
  tell({ name: 'fixes, all detectors', value: allPerSecond, unit: '/s', aim: 100_000 })
  for (const { name, perSecond } of each) tell({ name: `  ${name}`, value: perSecond, unit: '/s' })
  tell({ name: 'state of a logger, all detectors', value: bytesPerLogger / 1e3, unit: 'kB' })
}

/** P: passports of very many units, over the stores; a logger for 5,000 units. */
async function benchExposed(units: number): Promise<void> {
  title(`P  ${units.toLocaleString('en')} units of 10 legs, 30 days of a reading each 5 min`)
  const told = await measureExposed(units)
  const { seconds, cpuSeconds, ways, rssBefore, rssAfter } = told.all
  const all = `all passports, of ${ways.toLocaleString('en')} ways`
  tell({ name: all, value: seconds, unit: 's', aim: 10, better: 'less' })
  tell({ name: 'processor time', value: cpuSeconds, unit: 's' })
  tell({ name: 'RSS before', value: rssBefore, unit: 'MB' })
  tell({ name: 'RSS after', value: rssAfter, unit: 'MB' })
  const name = `units above 8 °C for more than 120 minutes (${told.found} found)`
  tell({ name, value: told.againSeconds, unit: 's', aim: 2, better: 'less' })
  const readings = told.readings.toLocaleString('en')
  tell({ name: `the first time, ${readings} readings read`, value: told.firstSeconds, unit: 's' })
  tell({ name: 'one passport, readings remembered', value: told.passportMs, unit: 'ms' })
  tell({ name: 'one passport, readings read', value: told.passportAnewMs, unit: 'ms' })
}

/** W: looking for diversion, in one process and without stores. */
async function benchSuspecting(): Promise<void> {
  title('W  looking for diversion: a world of nine loggers and ten days, all detectors')
  const told = await measureSuspecting()
  tell({ name: 'fixes', value: told.fixesPerSecond, unit: '/s', aim: 100_000 })
  tell({ name: 'scans', value: told.scansPerSecond, unit: '/s', aim: 50_000 })
  tell({ name: 'clues of all kinds', value: told.cluesPerSecond, unit: '/s' })
  const { shipments, bytesPerShipment, bytesPerUnit, worldSpeed } = told
  const name = `one shipment of ${shipments}, while it is looked at`
  tell({ name, value: bytesPerShipment / 1e6, unit: 'MB' })
  tell({ name: 'of it for each serial', value: bytesPerUnit / 1000, unit: 'kB' })
  tell({ name: 'worlds played and looked at', value: worldSpeed, unit: 'x real time' })
}

function tellLoad(load: LoadResult): void {
  const generatorMicros = (load.generatorCpuSeconds * 1e6) / load.generatorSent
  tell({ name: 'ack p50', value: load.ackP50Ms, unit: 'ms' })
  tell({ name: 'ack p99', value: load.ackP99Ms, unit: 'ms' })
  tell({
    name: 'processor time of the server',
    value: load.brokerMicrosPerPacket ?? NaN,
    unit: 'µs/packet',
  })
  tell({ name: 'processor time of the generator', value: generatorMicros, unit: 'µs/packet' })
}
