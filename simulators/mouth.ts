// Says single actions of a world to a server. Those of one device keep their order: registration
// first, then captures one by one. Refuses to decide when, and to say again what the server will
// never take.
import type { WorldAction } from './actions.ts'
import { type Clock, wallClock } from './pace.ts'
import { bytesOf, createVoice, type Voice } from './voice.ts'
import { type Emission, emissionOf } from './wire.ts'

export interface MouthOptions {
  /** http://host:port */
  httpUrl: string
  /** mqtt://host:port */
  mqttUrl: string
  /** Of an administrator: registers products and devices, captures events. */
  token: string
  /** Default `default`. */
  tenant?: string
  clock?: Clock
  /**
   * Used for devices that are registered already; filled with new ones. Without one, a new is
   * asked for.
   */
  tokens?: Map<string, string>
  /**
   * So many connections with keys of their own speak for all devices, as gateways do. Default:
   * each device has its own.
   */
  gateways?: number
  /** A capture that the server will never accept. Default: counted only. */
  onRefusal?: (reason: string) => void
}

export interface Progress {
  products: number
  /** Places, lots, plans and recalls. */
  masters: number
  devices: number
  captures: number
  packets: number
  readings: number
  scans: number
  refused: number
  /** Virtual time reached, epoch ms. */
  at: number
  /** How much later than its pace it is, ms of the clock; 0 without one. */
  behindMs: number
}

export interface Mouth {
  progress: Progress
  say(action: WorldAction): Promise<void>
  close(): Promise<void>
}

type Of<K extends WorldAction['kind']> = WorldAction & { kind: K }
type Call = ReturnType<typeof createCaller>

export function createMouth(options: MouthOptions, stopping: AbortController): Mouth {
  const { signal } = stopping
  const call = createCaller(options, signal)
  const voices = createVoices(options, call)
  const captures = new Map<string, Promise<void>>()
  const none = { products: 0, masters: 0, devices: 0, captures: 0, packets: 0, readings: 0 }
  const progress: Progress = { ...none, scans: 0, refused: 0, at: 0, behindMs: 0 }

  /** True when it was taken; a refusal is told and counted. */
  const tell = async (action: Of<'capture' | 'scans'>): Promise<boolean> => {
    const answer = await call(requestOf(action))
    if (answer.ok) {
      await answer.body?.cancel()
      return true
    }
    progress.refused++
    options.onRefusal?.((await refusalOf(answer, action.kind)).message)
    return false
  }
  const master = async (
    action: Of<'product' | 'place' | 'party' | 'lot' | 'plan' | 'recall'>,
  ): Promise<void> => {
    const request = requestOf(action)
    const answer = await call(request)
    if (!answer.ok) throw await refusalOf(answer, request.path)
    await answer.body?.cancel()
    progress[action.kind === 'product' ? 'products' : 'masters']++
  }
  return {
    progress,
    async say(action) {
      switch (action.kind) {
        case 'device':
          await voices.open(action)
          progress.devices++
          return
        case 'capture': {
          const before = captures.get(action.device) ?? Promise.resolve()
          const mine = before.then(() => tell(action))
          const said = mine.then(() => undefined)
          // Whoever says the next one hears of it; without a next one nobody needs to.
          said.catch(() => undefined)
          captures.set(action.device, said)
          if (await mine) progress.captures++
          return
        }
        case 'scans':
          if (await tell(action)) progress.scans += action.body.scans.length
          return
        case 'readings': {
          const packet = emissionOf(action, options.tenant)
          if (packet.via !== 'mqtt') throw new Error('readings go over MQTT')
          const voice = await voices.of(action.device)
          await voice.say(packet.topic, bytesOf(packet))
          progress.packets++
          progress.readings += action.readings.length
          return
        }
        default:
          return master(action)
      }
    },
    close: () => voices.close(signal.aborted),
  }
}

type Request = Emission & { via: 'http' }

function requestOf(action: WorldAction): Request {
  const request = emissionOf(action)
  if (request.via !== 'http') throw new Error(`${action.kind} goes over HTTP`)
  return request
}

interface Voices {
  /** Registers the device, too. */
  open(action: Of<'device'>): Promise<void>
  of(device: string): Promise<Voice>
  close(force: boolean): Promise<void>
}

function createVoices(options: MouthOptions, call: Call): Voices {
  const { mqttUrl, tenant = 'default', tokens = new Map<string, string>(), gateways } = options
  const voices = new Map<string, Promise<Voice>>()
  const shared: Promise<Voice>[] = []
  const ask = (path: string, body: unknown): Promise<Response> =>
    call({ at: 0, via: 'http', method: 'POST', path, body })

  const gateway = async (number: number): Promise<Voice> => {
    const name = `simulated gateway ${number}`
    const mqtt = { publish: [`v1/${tenant}/+/readings`] }
    const answer = await ask('/api/v1/keys', { name, roles: [], mqtt })
    if (!answer.ok) throw await refusalOf(answer, name)
    const key = await answer.json()
    return createVoice(mqttUrl, textOf(key, 'id', name), textOf(key, 'token', name))
  }
  const register = async (action: Of<'device'>): Promise<string> => {
    const id = action.device
    let answer = await call(requestOf(action))
    const known = answer.status === 409 ? (gateways ? '' : tokens.get(id)) : undefined
    // Registered by somebody who kept no token: a token is told once, so a new one must replace it.
    if (answer.status === 409 && known === undefined) {
      await answer.body?.cancel()
      answer = await ask(`/api/v1/devices/${encodeURIComponent(id)}/token`, {})
    }
    if (!answer.ok && known === undefined) throw await refusalOf(answer, `device ${id}`)
    const token = known ?? textOf(await answer.json(), 'token', id)
    tokens.set(id, token)
    return token
  }
  return {
    async open(action) {
      const own = register(action).then((token) => {
        if (!gateways) return createVoice(mqttUrl, action.device, token)
        // A device keeps its gateway: its readings keep their order.
        const number = voices.size % gateways
        shared[number] ??= gateway(number)
        return shared[number]
      })
      voices.set(action.device, own)
      await own
    },
    async of(device) {
      const voice = await voices.get(device)
      if (!voice) throw new Error(`${device} speaks before it is registered`)
      return voice
    },
    async close(force) {
      const settled = await Promise.allSettled(voices.values())
      const open = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
      await Promise.all([...new Set(open)].map((voice) => voice.close(force)))
    },
  }
}

/**
 * Of one request that meets a server which is not there or too busy; waits double up to the
 * maximum.
 */
const attemptsMax = 30
const retryMs = { first: 200, max: 5000 }
const requestTimeoutMs = 30_000

/** Tries again while the server is away or asks to wait; every other answer is the caller's. */
function createCaller(options: MouthOptions, signal: AbortSignal) {
  const { httpUrl, token, clock = wallClock } = options
  return async ({ method, path, body }: Request): Promise<Response> => {
    const request = {
      method,
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token}`, 'content-type': contentTypeOf(path) },
    }
    for (let attempt = 1; ; attempt++) {
      let waitMs = Math.min(retryMs.first * 2 ** (attempt - 1), retryMs.max)
      try {
        const timeout = AbortSignal.timeout(requestTimeoutMs)
        const within = AbortSignal.any([signal, timeout])
        const answer = await fetch(new URL(path, httpUrl), { ...request, signal: within })
        if (answer.status !== 429 && answer.status < 502) return answer
        if (attempt >= attemptsMax) return answer
        waitMs = Math.max(waitMs, 1000 * Number(answer.headers.get('retry-after') ?? 0) || 0)
        await answer.body?.cancel()
      } catch (error) {
        if (signal.aborted || attempt >= attemptsMax) throw error
      }
      await clock.sleep(waitMs, signal)
    }
  }
}

/** EPCIS 2.0 §12: documents are application/ld+json. */
const contentTypeOf = (path: string): string =>
  path.startsWith('/epcis/') ? 'application/ld+json' : 'application/json'

async function refusalOf(answer: Response, what: string): Promise<Error> {
  const text = (await answer.text()).slice(0, 500)
  return new Error(`${what} refused: ${answer.status} ${text}`)
}

function textOf(answer: unknown, field: 'id' | 'token', of: string): string {
  if (typeof answer === 'object' && answer !== null && field in answer) {
    const value: unknown = (answer as Record<string, unknown>)[field]
    if (typeof value === 'string') return value
  }
  throw new Error(`the registration of ${of} answered without ${field}`)
}
