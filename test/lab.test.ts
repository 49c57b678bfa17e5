// The conformance lab at a real server, with loggers that speak MQTT and HTTP through real clients.
// The clock of server and loggers is the test's own: an hour passes in a second.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Server, serve } from '../main.ts'
import { documentOf, mount } from './api-app.ts'
import { configOf, listenerOf } from './served.ts'

const minuteMs = 60_000
let nowMs = Date.UTC(2026, 5, 1)
const folder = mkdtempSync(join(tmpdir(), 'isotherm-lab-'))
let server: Server
const api = (method: string, path: string, body?: unknown) =>
  listenerOf(server).api(method, path, body) as Promise<unknown>

beforeAll(async () => {
  server = await serve(configOf(folder), () => nowMs)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Session {
  id: string
  state: string
  score: number | null
  checks: Check[]
  happened: { kind: string }[]
}
interface Check {
  check: string
  points: number | null
  of: number
  findings: Finding[]
}
interface Finding {
  finding: string
  values: Record<string, number | string>
  detail: string
  remedy: string | null
}

const faults = [
  { kind: 'disconnect', afterSeconds: 600, forSeconds: 600 },
  { kind: 'withhold', afterSeconds: 1500 },
  { kind: '429', afterSeconds: 2100, forSeconds: 300 },
  { kind: '503', afterSeconds: 2700, forSeconds: 240 },
]

const register = async (id: string): Promise<string> =>
  ((await api('POST', '/api/v1/devices', { id, loggingIntervalSeconds: 60 })) as { token: string })
    .token
const begin = async (device: string, asked: object[] = faults): Promise<Session> =>
  (await api('POST', '/api/v1/conformance', { device, minutes: 60, faults: asked })) as Session
const readSession = async (id: string): Promise<Session> =>
  (await api('GET', `/api/v1/conformance/${id}`)) as Session
const resultOf = ({ checks }: Session, name: string): Check =>
  checks.find(({ check }) => check === name)!
const findingsOf = (session: Session, name: string): string[] =>
  resultOf(session, name).findings.map(({ finding }) => finding)

interface Measured {
  time: number
  seq: number
  temperature: number
}

/** The wires of a logger, and the time of its next try to connect. */
class Wires {
  readonly id: string
  readonly token: string
  seq = 0
  online = false
  tryAt = Infinity
  client: MqttClient | undefined
  constructor(id: string, token: string) {
    this.id = id
    this.token = token
  }

  measure(): Measured {
    return { time: nowMs, seq: this.seq++, temperature: 4 + (this.seq % 7) / 10 }
  }

  /** Whether the broker took it. */
  async join(clientId: string, clean: boolean): Promise<boolean> {
    const known = this.client
    const client =
      known ??
      connect(server.mqttUrl!, {
        ...{ clientId, clean, username: this.id, password: this.token },
        ...{ reconnectPeriod: 0, manualConnect: true },
      })
    if (!known) {
      this.client = client
      client.on('error', () => undefined)
      client.on('close', () => {
        this.online = false
      })
      client.connect()
    } else client.reconnect()
    this.online = await new Promise<boolean>((resolve) => {
      const settle = (joined: boolean) => (): void => {
        client.off('connect', connected).off('close', closed)
        resolve(joined)
      }
      const [connected, closed] = [settle(true), settle(false)]
      client.once('connect', connected).once('close', closed)
    })
    return this.online
  }

  /** False when the connection ended instead of an acknowledgement. */
  publish(body: unknown, dup = false): Promise<boolean> {
    const client = this.client!
    const options = { qos: 1, dup } as const
    return new Promise((resolve) => {
      const gone = (): void => resolve(false)
      client.once('close', gone)
      client.publish(`v1/default/${this.id}/readings`, JSON.stringify(body), options, (error) => {
        client.off('close', gone)
        resolve(!error)
      })
    })
  }

  async post(body: unknown): Promise<{ status: number; retryAfterMs: number }> {
    const answer = await fetch(new URL('/api/v1/readings', server.httpUrl), {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    await answer.arrayBuffer()
    const seconds = Number(answer.headers.get('Retry-After') ?? 0)
    return { status: answer.status, retryAfterMs: seconds * 1000 }
  }
}

interface Logger {
  wires: Wires
  /** A new reading was taken. */
  taken(reading: Measured): Promise<void>
  /** It is time to connect. */
  join(): Promise<void>
  lost(): void
}

/** Faults that come by the clock come with a look at the session. */
async function cutsOf({ id }: Session): Promise<number> {
  const { happened } = await readSession(id)
  return happened.filter(({ kind }) => kind === 'disconnect').length
}

/** Plays a logger for so long, minute by minute and try by try. */
async function play(logger: Logger, session: Session, lengthMs: number): Promise<Session> {
  const { wires } = logger
  const end = nowMs + lengthMs
  let nextAt = nowMs + minuteMs
  let cuts = 0
  while (nowMs < end) {
    nowMs = Math.min(nextAt, wires.tryAt, end)
    if (nowMs === nextAt && (await cutsOf(session)) > cuts) {
      cuts++
      await vi.waitUntil(() => !wires.online, 10_000)
      logger.lost()
    }
    if (nowMs === wires.tryAt) {
      wires.tryAt = Infinity
      await logger.join()
    }
    if (nowMs === nextAt) {
      nextAt += minuteMs
      await logger.taken(wires.measure())
    }
  }
  return readSession(session.id)
}

/** Over MQTT in its first half hour, over HTTP in its second. */
function goodLogger(wires: Wires): Logger {
  let kept: Measured[] = []
  let unacknowledged: Measured[] = []
  let waitMs = 0
  let quietUntil = 0
  const begin = nowMs
  const wait = (ms: number): void => {
    waitMs = ms
    // A part of chance: here the counter's.
    wires.tryAt = nowMs + ms + ((wires.seq * 7919) % 977)
  }
  return {
    wires,
    lost: () => wait(5000),
    join: async () => {
      if (!(await wires.join(wires.id, false))) return wait(2 * waitMs)
      // As MQTT wants it, which the client leaves to us: the same once more, with DUP.
      if (unacknowledged.length > 0) await wires.publish(unacknowledged, true)
      unacknowledged = []
    },
    taken: async (reading) => {
      kept.push(reading)
      if (nowMs < quietUntil) return
      if (nowMs < begin + 30 * minuteMs) {
        if (!wires.online) return
        if (!(await wires.publish(kept))) {
          unacknowledged = kept
          wait(5000)
        }
        kept = []
        return
      }
      const { status, retryAfterMs } = await wires.post(kept)
      if (status === 202) kept = []
      else quietUntil = nowMs + retryAfterMs
    },
  }
}

/** Loses what it measures offline, hammers, sends twice, numbers anew, knows no Retry-After. */
function badLogger(wires: Wires): Logger {
  const begin = nowMs
  return {
    wires,
    lost: () => {
      wires.tryAt = nowMs + 900
    },
    join: async () => {
      if (!(await wires.join(wires.id, true))) wires.tryAt = nowMs + 900
    },
    taken: async (reading) => {
      if (nowMs < begin + 30 * minuteMs) {
        if (wires.online && !(await wires.publish(reading))) wires.tryAt = nowMs + 900
        return
      }
      const { status } = await wires.post(reading)
      if (status === 202 && reading.seq % 4 === 0)
        await wires.post({ ...reading, seq: wires.seq++ })
    },
  }
}

describe('a session of the lab', () => {
  it('gives full marks to a logger that buffers, waits and sends again', async () => {
    const wires = new Wires('good', await register('good'))
    await wires.join('good', false)
    const session = await begin('good')
    const ended = await play(goodLogger(wires), session, 61 * minuteMs)
    wires.client!.end(true)
    expect(ended.state).toBe('ended')
    expect(ended.happened.map(({ kind }) => kind)).toEqual(faults.map(({ kind }) => kind))
    expect(ended.checks.filter(({ points, of }) => points !== of)).toEqual([])
    expect(ended.score).toBe(100)
  }, 60_000)

  it('tells a logger that forgets, hammers and counts anew precisely what it does wrong', async () => {
    const wires = new Wires('bad', await register('bad'))
    await wires.join('bad', true)
    const shorter = faults.map((fault) => ({ ...fault, forSeconds: 150 }))
    const session = await begin('bad', shorter)
    const ended = await play(badLogger(wires), session, 61 * minuteMs)
    wires.client!.end(true)
    expect(findingsOf(ended, 'buffering')).toEqual(['lost'])
    expect(resultOf(ended, 'buffering').findings[0]).toMatchObject({
      values: { missing: 9, expected: 9 },
      detail: 'Missing of those due during faults: 9 of 9.',
    })
    expect(findingsOf(ended, 'reconnect')).toEqual(['hammers', 'no-backoff', 'clean-session'])
    expect(findingsOf(ended, 'resend')).toEqual(['not-resent'])
    expect(findingsOf(ended, 'retry')).toEqual(['too-early', 'not-retried'])
    expect(findingsOf(ended, 'duplicates')).toEqual(['renumbered'])
    // What it does well stays well.
    for (const check of ['schema', 'units', 'timing', 'clock', 'order'])
      expect(resultOf(ended, check)).toMatchObject({ points: resultOf(ended, check).of })
    const german = await api('GET', `/api/v1/conformance/${session.id}?language=de`)
    const told = resultOf(german as Session, 'buffering').findings[0]!
    expect(told.detail).toBe('Aus Störungen fehlen: 9 von 9.')
    expect(told.remedy).toContain('Ohne Verbindung weiter messen')
  }, 60_000)

  it('is one a logger, leaves cargo alone, ends when it is stopped, and is not for everybody', async () => {
    const token = await register('one')
    const status = async (body: object, method = 'POST', path = '/api/v1/conformance') =>
      (await listenerOf(server).ask(method, path, { body })).status
    const { id } = await begin('one')
    expect(await status({ device: 'one', minutes: 5 })).toBe(409)
    expect(await status({ device: 'nobody', minutes: 5 })).toBe(404)
    expect(await status({ device: 'one', minutes: 5, faults: [{ kind: 'fire' }] })).toBe(400)
    const late = [{ kind: '429', afterSeconds: 300 }]
    expect(await status({ device: 'one', minutes: 5, faults: late })).toBe(400)
    const own = await listenerOf(server).ask('GET', `/api/v1/conformance/${id}`, { token })
    expect(own.status).toBe(403)
    expect(await api('DELETE', `/api/v1/conformance/${id}`)).toMatchObject({ state: 'stopped' })
    // What was to come does not come any more.
    nowMs += 40 * minuteMs
    const { status: taken } = await new Wires('one', token).post({ time: nowMs, temperature: 4 })
    expect(taken).toBe(202)
    expect(await readSession(id)).toMatchObject({ happened: [], score: null })
    const { items } = (await api('GET', '/api/v1/conformance?device=one')) as { items: Session[] }
    expect(items.map((session) => session.id)).toEqual([id])

    const giai = 'https://id.gs1.org/8004/952123400001'
    await api('POST', '/api/v1/devices', { id: 'aboard', giai })
    await api('POST', '/epcis/capture', documentOf(mount()))
    await server.settled()
    expect(await status({ device: 'aboard', minutes: 5 })).toBe(409)
  }, 60_000)
})
