// Loggers that number their readings, and what must be found of them whatever happened in between:
// every reading once, one alert for each warm spell, with every vial and its own minutes.
import { setTimeout as delay } from 'node:timers/promises'
import type { MqttClient } from 'mqtt'
import { expect } from 'vitest'
import { connectMqtt, type TestServer } from './server.ts'
import * as story from './story.ts'

/** Where loggers send to. */
export type Broker = Pick<TestServer, 'mqttPort' | 'url'>

export const startTime = Date.parse('2026-03-02T10:00:00Z')
const everyMs = 5000
/** In readings. Of each 100 minutes 40 are too warm; 30 are allowed. */
export const cycle = (100 * 60_000) / everyMs
const warmMinutes = 40
const warm = (warmMinutes * 60_000) / everyMs

/** A logger that numbers its readings and forgets none before it is acknowledged. */
export class Logger {
  readonly acked = new Set<number>()
  resent = 0
  #next = 0
  #unacked = new Set<number>()
  #sending: Promise<unknown> = Promise.resolve()
  #client: MqttClient | undefined
  readonly #user: story.Teller
  readonly #inFlight: number
  readonly #pauseMs: number

  /**
   * `inFlight`: packets sent and not yet acknowledged. `pauseMs`: after an acknowledgement, as long
   * as there is no end of sending: who must not be lost need not be many.
   */
  constructor(user: story.Teller, { inFlight = 40, pauseMs = 0 } = {}) {
    this.#user = user
    this.#inFlight = inFlight
    this.#pauseMs = pauseMs
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
  async open(server: Broker, upTo = Number.POSITIVE_INFINITY): Promise<void> {
    const client = await connectMqtt(server, this.#user, { clientId: this.id })
    client.on('error', () => undefined)
    this.#client = client
    const again = [...this.#unacked]
    this.resent += again.length
    const number = (): number | undefined =>
      again.shift() ?? (this.#next < upTo ? this.#next++ : undefined)
    const lane = async (): Promise<void> => {
      while (client.connected) {
        const n = number()
        if (n === undefined) return
        this.#unacked.add(n)
        try {
          await client.publishAsync(`v1/default/${this.id}/readings`, packetOf(n), { qos: 1 })
        } catch {
          return
        }
        this.#unacked.delete(n)
        this.acked.add(n)
        if (upTo === Number.POSITIVE_INFINITY) await delay(this.#pauseMs)
      }
    }
    this.#sending = Promise.all(Array.from({ length: this.#inFlight }, lane))
  }

  /** The server is dead: what waits for an acknowledgement waits for the next connection. */
  async lost(): Promise<void> {
    this.#client?.end(true)
    await this.#sending
  }

  /** Resolves when the connection broke. */
  async gone(): Promise<void> {
    if (this.#client?.connected)
      await new Promise<void>((resolve) => this.#client!.once('close', () => resolve()))
    await this.lost()
  }

  async finish(): Promise<void> {
    await this.#sending
    await this.#client?.endAsync()
  }
}

const temperatureOf = (n: number): number => (n % cycle < warm ? 9 : 4) + (n % 10) / 10
const packetOf = (n: number): string =>
  JSON.stringify({ time: startTime + n * everyMs, temperature: temperatureOf(n) })

/** True when the server said that it kept the document. */
export async function captureLate(
  server: story.Listener,
  number: number,
  round: number,
): Promise<boolean> {
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

/** Of a logger that numbers its readings, every one once, and no refusal. */
export async function expectKept(
  server: story.Listener,
  device: string,
  total: number,
): Promise<void> {
  expect(await keptOf(server, device)).toEqual(allUpTo(total))
  const refusals = await server.api('GET', `/api/v1/devices/${device}/refusals`)
  expect(refusals).toMatchObject({ items: [] })
}

/** A logger that has one warm spell to tell, in one packet. */
export async function spell(
  broker: Broker,
  user: story.Teller,
): Promise<{ spell(): Promise<void>; close(): Promise<void> }> {
  const client = await connectMqtt(broker, user, { reconnectPeriod: 100 })
  client.on('error', () => undefined)
  const readings = Array.from({ length: 51 }, (_, minute) => ({
    time: startTime + minute * 60_000,
    temperature: minute < 40 ? 9 : 4,
  }))
  return {
    spell: async () => {
      const topic = `v1/default/${user.id}/readings`
      await client.publishAsync(topic, JSON.stringify(readings), { qos: 1 })
    },
    close: () => client.endAsync(true),
  }
}

export const allUpTo = (total: number): [number, number][] =>
  Array.from({ length: total }, (_, n) => [startTime + n * everyMs, temperatureOf(n)])

export async function keptOf(server: story.Listener, device: string): Promise<[number, number][]> {
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
export async function expectAlerts(
  server: story.Listener,
  number: number,
  { total, late }: { total: number; late: string[] },
): Promise<void> {
  const alerts = await listAlerts(server, `logger-${number}`)
  const spells = Array.from({ length: total / cycle }, (_, index) => {
    const from = startTime + index * cycle * everyMs
    return { from, to: from + warm * everyMs, minutes: warmMinutes, verdict: 'out' }
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
    expect(minutes).toEqual(items.map(({ epc }) => [epc, left.includes(epc) ? 7 : warmMinutes]))
  }
}

/** All open alerts of a logger, oldest breach first. */
export async function listAlerts(server: story.Listener, device: string): Promise<story.Alert[]> {
  const alerts: story.Alert[] = []
  for (let cursor = ''; ; ) {
    const path = `/api/v1/alerts?limit=500&device=${device}${cursor}`
    const page = await server.api<story.Page<story.Alert>>('GET', path)
    alerts.push(...page.items)
    if (page.next === null) return alerts.toSorted((a, b) => a.from.localeCompare(b.from))
    cursor = `&cursor=${encodeURIComponent(page.next)}`
  }
}
