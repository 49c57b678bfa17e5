// The plug is pulled at random moments while loggers send and events are captured. Acknowledged
// means kept (I1); nothing is lost and nothing doubled (I2); what was sent again because its
// acknowledgement never came makes no difference (I3). ISOTHERM_TEST_KILLS says how often,
// ISOTHERM_TEST_SEED when.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { MqttClient } from 'mqtt'
import { expect, it, vi } from 'vitest'
import { createRandom } from '../../simulators/random.ts'
import { connectMqtt, startServer, type TestServer } from './server.ts'
import * as story from './story.ts'

const kills = Number(process.env.ISOTHERM_TEST_KILLS ?? 5)
const seed = process.env.ISOTHERM_TEST_SEED ?? String(Date.now())
const loggers = 4
const startTime = Date.parse('2026-03-02T10:00:00Z')
/**
 * Every reading is one second after the one before. Of each 100 minutes 40 are too warm; 30 are
 * allowed.
 */
const cycle = 6000
const warm = 2400
const packetsInFlight = 40
const readyWithinMs = 5000

/** A logger that numbers its readings and forgets none before it is acknowledged. */
class Logger {
  readonly acked = new Set<number>()
  resent = 0
  #next = 0
  #unacked = new Set<number>()
  #sending: Promise<unknown> = Promise.resolve()
  #client: MqttClient | undefined
  readonly #user: story.Teller

  constructor(user: story.Teller) {
    this.#user = user
  }

  get id(): string {
    return this.#user.id
  }

  get count(): number {
    return this.#next
  }

  /**
   * Connects, sends again what was not acknowledged, then goes on until the connection is gone or
   * `upTo` is sent.
   */
  async open(server: TestServer, upTo = Number.POSITIVE_INFINITY): Promise<void> {
    const client = await connectMqtt(server, this.#user, { clientId: this.id })
    client.on('error', () => undefined)
    this.#client = client
    const again = [...this.#unacked]
    this.resent += again.length
    const number = (): number | undefined =>
      again.shift() ?? (this.#next < upTo ? this.#next++ : undefined)
    const lane = async (): Promise<void> => {
      for (let n = number(); n !== undefined && client.connected; n = number()) {
        this.#unacked.add(n)
        try {
          await client.publishAsync(`v1/default/${this.id}/readings`, packetOf(n), { qos: 1 })
        } catch {
          return
        }
        this.#unacked.delete(n)
        this.acked.add(n)
      }
    }
    this.#sending = Promise.all(Array.from({ length: packetsInFlight }, lane))
  }

  /** The server is dead: what waits for an acknowledgement waits for the next connection. */
  async lost(): Promise<void> {
    this.#client?.end(true)
    await this.#sending
  }

  async finish(): Promise<void> {
    await this.#sending
    await this.#client?.endAsync()
  }
}

const temperatureOf = (n: number): number => (n % cycle < warm ? 9 : 4) + (n % 10) / 10
const packetOf = (n: number): string =>
  JSON.stringify({ time: startTime + n * 1000, temperature: temperatureOf(n) })

it(`loses and doubles nothing that was acknowledged when it is killed ${kills} times`, {
  timeout: 60_000 + kills * 30_000,
}, async () => {
  console.info(`kill moments come from ISOTHERM_TEST_SEED=${seed}`)
  const random = createRandom(seed)
  let server = await startServer()
  const { dataDir } = server
  await story.tellProduct(server)
  const senders: Logger[] = []
  for (let number = 1; number <= loggers; number++)
    senders.push(new Logger(await story.tellCase(server, number)))

  const ready: ReadyTime[] = []
  const late: string[] = []
  for (let round = 1; round <= kills; round++) {
    for (const sender of senders) await sender.open(server)
    const number = 1 + random.below(loggers)
    const capturing = captureLate(server, number, round)
    await delay(random.between(5, 1500))
    await server.kill('SIGKILL')
    for (const sender of senders) await sender.lost()
    const answered = await capturing
    server = await startServer({ dataDir })
    ready.push(await untilReady(server))
    // As its sender would: what was not answered is sent again, with the same event ids.
    if (!answered) expect(await captureLate(server, number, round)).toBe(true)
    late.push(story.vialLink(number, `LATE${round}X`))
  }
  const acked = senders.reduce((sum, sender) => sum + sender.acked.size, 0)

  // Everybody catches up and ends with a whole cycle.
  const total = cycle * (1 + Math.ceil(Math.max(...senders.map(({ count }) => count)) / cycle))
  for (const sender of senders) await sender.open(server, total)
  for (const sender of senders) await sender.finish()
  const resent = senders.reduce((sum, sender) => sum + sender.resent, 0)
  console.info(`${kills} kills: ${acked} acknowledged before the last, ${resent} sent again`)
  const times = ready.map(({ wallMs, ownMs }) => `${Math.round(wallMs)} (${Math.round(ownMs)})`)
  console.info(`ready after ms, in brackets without waiting for others: ${times.join(', ')}`)

  await vi.waitFor(() => expectCaughtUp(server), { timeout: 60_000, interval: 200 })
  for (const sender of senders) {
    expect(sender.acked.size).toBe(total)
    expect(await keptOf(server, sender.id)).toEqual(allUpTo(total))
    const refusals = await server.api('GET', `/api/v1/devices/${sender.id}/refusals`)
    expect(refusals).toMatchObject({ items: [] })
  }
  for (let number = 1; number <= loggers; number++)
    await vi.waitFor(() => expectAlerts(server, number, { total, late }), {
      timeout: 60_000,
      interval: 200,
    })
  for (const { ownMs } of ready) expect(ownMs).toBeLessThan(readyWithinMs)
  expect((await server.stop()).code).toBe(0)
})

/** True when the server said that it kept the document. */
async function captureLate(server: TestServer, number: number, round: number): Promise<boolean> {
  const late = story.vial(number, `LATE${round}X`)
  const id = (part: string): object => ({ eventID: `urn:uuid:e2e-kill-${round}-${part}` })
  const body = story.documentOf([
    { ...story.commissioned('07:00', [late]), ...id('commissioned') },
    { ...story.packed('08:05', story.pallet(number), [late]), ...id('packed') },
  ])
  const headers = { 'Content-Type': 'application/ld+json' }
  try {
    const answer = await server.ask('POST', '/epcis/capture', { body, headers })
    if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`)
    await answer.text()
    return true
  } catch (error) {
    // A connection that broke is what is expected here, an answer of another kind is not.
    if (error instanceof TypeError) return false
    throw error
  }
}

interface ReadyTime {
  wallMs: number
  /**
   * Without the time in which other programs had the processor: tests share their machine, servers
   * may not.
   */
  ownMs: number
}

/** From the start of the process until it says that all parts are up. */
async function untilReady(server: TestServer): Promise<ReadyTime> {
  const startedAt = performance.now()
  while ((await fetch(`${server.url}/readyz`)).status !== 200) await delay(5)
  const wallMs = server.readyMs + performance.now() - startedAt
  const { ranMs, waitedMs } = processorTime(server.pid)
  return { wallMs, ownMs: Math.max(wallMs - waitedMs, Math.min(ranMs, wallMs)) }
}

/**
 * What Linux says of all threads: how long they ran, and how long they could have but others did.
 */
function processorTime(pid: number): { ranMs: number; waitedMs: number } {
  const sum = { ranMs: 0, waitedMs: 0 }
  const tasks = `/proc/${pid}/task`
  if (!existsSync(tasks)) return sum
  for (const task of readdirSync(tasks)) {
    const [ranNs, waitedNs] = readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')
    sum.ranMs += Number(ranNs) / 1e6
    sum.waitedMs += Number(waitedNs) / 1e6
  }
  return sum
}

/** No follower of the log has anything left to do. */
async function expectCaughtUp(server: TestServer): Promise<void> {
  const metrics = await (await server.ask('GET', '/metrics')).text()
  const lags = [...metrics.matchAll(/^isotherm_follower_lag\{.*\} (\d+)$/gm)]
  expect(lags).toHaveLength(3)
  expect(lags.map(([, lag]) => lag)).toEqual(['0', '0', '0'])
}

const allUpTo = (total: number): [number, number][] =>
  Array.from({ length: total }, (_, n) => [startTime + n * 1000, temperatureOf(n)])

async function keptOf(server: TestServer, device: string): Promise<[number, number][]> {
  const from = new Date(startTime).toISOString()
  const answer = await server.ask('GET', `/api/v1/readings?device=${device}&from=${from}`, {
    headers: { Accept: 'text/csv' },
  })
  const [, ...lines] = (await answer.text()).trim().split(/\r?\n/)
  return lines.map((line) => {
    const [time, value] = line.split(',')
    return [Date.parse(time!), Number(value)]
  })
}

/**
 * One alert for each warm spell, each with its minutes and with every vial that was on the pallet.
 */
async function expectAlerts(
  server: TestServer,
  number: number,
  { total, late }: { total: number; late: string[] },
): Promise<void> {
  const alerts = await listAlerts(server, `logger-${number}`)
  const spells = Array.from({ length: total / cycle }, (_, index) => {
    const from = startTime + index * cycle * 1000
    const to = from + warm * 1000
    return { from: new Date(from).getTime(), to, minutes: warm / 60, verdict: 'out' }
  })
  const found = alerts.map(({ from, to, minutes, verdict }) => ({
    ...{ from: Date.parse(from), to: Date.parse(to!) },
    ...{ minutes, verdict },
  }))
  expect(found).toEqual(spells)
  const own = late.filter((epc) => epc.endsWith(`X${number}`))
  const stayed = [story.vialLink(number, 'A'), story.vialLink(number, 'C'), ...own].toSorted()
  for (const [index, alert] of alerts.entries()) {
    const { items } = await server.api<story.Page<story.Serial>>('GET', alert.links.serials)
    // Case B was on the pallet for the first seven minutes of the first spell only.
    const left = index === 0 ? [story.vialLink(number, 'B')] : []
    expect(items.map(({ epc }) => epc)).toEqual([...stayed, ...left].toSorted())
    const minutes = items.map((item) => [item.epc, item.minutes])
    expect(minutes).toEqual(items.map(({ epc }) => [epc, left.includes(epc) ? 7 : warm / 60]))
  }
}

/** All open alerts of a logger, oldest breach first. */
async function listAlerts(server: TestServer, device: string): Promise<story.Alert[]> {
  const alerts: story.Alert[] = []
  for (let cursor = ''; ; ) {
    const path = `/api/v1/alerts?limit=500&device=${device}${cursor}`
    const page = await server.api<story.Page<story.Alert>>('GET', path)
    alerts.push(...page.items)
    if (page.next === null) return alerts.toSorted((a, b) => a.from.localeCompare(b.from))
    cursor = `&cursor=${encodeURIComponent(page.next)}`
  }
}
