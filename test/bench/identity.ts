// The embedded ledger with very many serial numbers: how fast they are registered, packed and
// shipped, and what it takes then to look one up, to recall a lot and to read the serials of one
// alert. Captures are applied in this process, as the follower of the log applies them; what is
// asked over HTTP is asked of a server on the same folder.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { captureStep } from '../../ingest/capture/capture.ts'
import { associated, documentOf } from '../../simulators/events.ts'
import { giai, sgln } from '../../simulators/keys.ts'
import { createRandom } from '../../simulators/random.ts'
import { listUnits } from '../../store/ledger/epcs.ts'
import { type Ledger, openSqliteLedger } from '../../store/ledger/ledger.ts'
import { askOf, benchToken, profile } from './fleet.ts'
import { memoryOf } from './machine.ts'
import { type SerialsResult, serialsOfAlert } from './serials.ts'
import {
  documentsOf,
  item,
  lotOf,
  palletDocuments,
  palletOf,
  perLot,
  perPallet,
  type Step,
  unitOf,
} from './warehouse.ts'
import { settled, startServer } from './whole.ts'

export interface Rate {
  /** Of the step: serials, or events that name one container each. */
  count: number
  events: number
  /** Seconds on the clock and of processor time, all threads of this process. */
  wall: number
  cpu: number
  /** The longest that one document kept the main thread. */
  longestMs: number
}

export interface IdentityResult {
  rates: Record<Step, Rate>
  /** All units of one lot, of the store. */
  lot: { units: number; ms: number }
  diskBytes: number
  /** Of this process, after the captures. */
  filledMB: number
  lookup: {
    /** One after the other, as fast as they are answered. */
    perSecond: number
    busyP99Ms: number
    /** Each client twice a second. */
    p50Ms: number
    p99Ms: number
    serverMB: number
  }
  /** Over HTTP, of an alert on one pallet. */
  serials: SerialsResult | undefined
}

const tenant = 'default'

export async function measureIdentity(serials: number): Promise<IdentityResult> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-bench-'))
  try {
    const { pid } = process
    const ledger = await openSqliteLedger(folder)
    const { rates, lot } = await fill(ledger, serials).finally(() => ledger.close())
    const diskBytes = statSync(join(folder, 'ledger.sqlite')).size
    const filledMB = memoryOf(pid)?.rss ?? Number.NaN
    return { rates, lot, diskBytes, filledMB, ...(await ask(folder, serials)) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fill(
  ledger: Ledger,
  serials: number,
): Promise<Pick<IdentityResult, 'rates' | 'lot'>> {
  const apply = captureStep(ledger)
  let offset = 0
  const keep = async (body: Uint8Array): Promise<void> => {
    const [topic, recordTime] = [`document-${offset}`, Date.UTC(2026, 0, 2) + offset]
    const envelope = { tenant, topic, recordTime, body, offset: offset++ }
    await apply([{ kind: 'capture', source: 'bench', ...envelope }])
  }
  const measure = async (step: Step): Promise<Rate> => {
    const rate = { count: 0, events: 0, wall: 0, cpu: 0, longestMs: 0 }
    const tell = progressOf(step)
    for (const { body, events, named } of documentsOf(step, serials)) {
      const [before, startedAt] = [process.cpuUsage(), performance.now()]
      await keep(body)
      const { user, system } = process.cpuUsage(before)
      const ms = performance.now() - startedAt
      rate.count += named
      rate.events += events
      rate.wall += ms / 1000
      rate.cpu += (user + system) / 1e6
      rate.longestMs = Math.max(rate.longestMs, ms)
      tell(rate, named)
    }
    return rate
  }
  const rates = {
    commission: await measure('commission'),
    pack: await measure('pack'),
    ship: await measure('ship'),
  }
  for (const body of palletDocuments(serials)) await keep(body)
  // A server looks at captures for diversion as they come in, not at years of them at its start.
  await ledger.db.deleteFrom('suspects').execute()
  const startedAt = performance.now()
  const lot = lotOf(Math.floor(serials / perLot / 2))
  const units = await listUnits(ledger.db, tenant, { gtin: item, lot, limit: perLot })
  return { rates, lot: { units: units.length, ms: performance.now() - startedAt } }
}

/** Of each million: what ten take is half an hour, and how the rate falls is worth seeing. */
function progressOf(step: Step): (rate: Rate, named: number) => void {
  const every = 1_000_000
  let told = { count: 0, wall: 0, cpu: 0 }
  return (rate, named) => {
    if (rate.count % every >= named) return
    const { count, wall, cpu } = rate
    const [more, seconds] = [count - told.count, wall - told.wall]
    const each = ((cpu - told.cpu) * 1e6) / more
    const speed = `${Math.round(more / seconds)} /s, ${each.toFixed(1)} µs of processor time each`
    console.error(`${step}: ${count}; ${speed}`)
    told = { count, wall, cpu }
  }
}

async function ask(
  folder: string,
  serials: number,
): Promise<Pick<IdentityResult, 'lookup' | 'serials'>> {
  const server = await startServer(folder)
  try {
    const httpUrl = server.ready[1]!
    const lookup = await lookUp(httpUrl, serials)
    const serverMB = memoryOf(server.pid)?.rss ?? Number.NaN
    const found = serials < perPallet ? undefined : await alertOnPallet(httpUrl)
    return { lookup: { ...lookup, serverMB }, serials: found }
  } finally {
    await server.end()
  }
}

const clients = 50

/** Any units. */
async function lookUp(httpUrl: string, serials: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const headers = { authorization: `Bearer ${benchToken}` }
  const one = (epc: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const url = `${httpUrl}/api/v1/units/${encodeURIComponent(epc)}`
      const asked = get(url, { agent, headers }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`${url}: ${answer.statusCode}`))
        answer.resume().on('end', resolve)
      })
      asked.on('error', reject)
    })
  /** Milliseconds, ascending; with a pause between two of a client, from when it was due. */
  const ask = async (count: number, everyMs = 0): Promise<number[]> => {
    const waits: number[] = []
    const client = async (n: number): Promise<void> => {
      const random = createRandom(`client ${n} ${count}`)
      const beganAt = performance.now() + (n / clients) * everyMs
      for (let i = 0; i < count; i++) {
        const dueAt = everyMs > 0 ? beganAt + i * everyMs : performance.now()
        await delay(Math.max(0, dueAt - performance.now()))
        await one(unitOf(random.below(serials)))
        waits.push(performance.now() - dueAt)
      }
    }
    await Promise.all(Array.from({ length: clients }, (_, n) => client(n)))
    return waits.sort((a, b) => a - b)
  }
  // The first of a process are slow, whatever they ask for.
  await ask(10)
  const startedAt = performance.now()
  const busy = await ask(60)
  const perSecond = (busy.length * 1000) / (performance.now() - startedAt)
  const calm = await ask(20, 500)
  agent.destroy()
  const of = (waits: number[], share: number) => waits[Math.floor(share * (waits.length - 1))]!
  return { perSecond, busyP99Ms: of(busy, 0.99), p50Ms: of(calm, 0.5), p99Ms: of(calm, 0.99) }
}

/** A logger on the first pallet is too warm: all its serials are read. */
async function alertOnPallet(httpUrl: string): Promise<SerialsResult> {
  const request = askOf({ httpUrl, token: benchToken })
  const since = Date.now() - 86_400_000
  await request('PUT', `/api/v1/products/${item}`, { name: 'Vaccine', profile: profile(60_000) })
  const logger = giai('logger0')
  const device = { id: 'logger-0', giai: logger, loggingIntervalSeconds: 60 }
  await request('POST', '/api/v1/devices', device)
  const occasion = { time: since, place: sgln(1), random: createRandom('mounted') }
  const mounted = associated(occasion, 'ADD', { container: palletOf(0), logger })
  await request('POST', '/epcis/capture', documentOf([mounted], since))
  await settled([httpUrl])
  return serialsOfAlert(httpUrl, { count: perPallet, since })
}
