// Plays a world against a server over HTTP and MQTT, like a stranger: it knows addresses, a token
// and the public contract, nothing else. Refuses to look into the server, and to say more at once
// than `inFlightMax`.
import type { WorldAction } from './actions.ts'
import { documentOf } from './events.ts'
import { type Clock, type Pace, paceAt, wallClock } from './pace.ts'
import { createVoice, payloadOf, type Voice } from './voice.ts'
import type { World } from './world.ts'

export interface SpeakOptions {
  /** http://host:port */
  httpUrl: string
  /** mqtt://host:port */
  mqttUrl: string
  /** Of an administrator: registers products and devices, captures events. */
  token: string
  /** Default `default`. */
  tenant?: string
  /** Default: as fast as possible. */
  pace?: Pace
  clock?: Clock
  /** Requests and packets on their way at once. Default 256. */
  inFlightMax?: number
  /**
   * Used for devices that are registered already; filled with new ones. Without one, a new is
   * asked for.
   */
  tokens?: Map<string, string>
  /** After each thing said and acknowledged. The object is the same one each time. */
  onProgress?: (progress: Readonly<Progress>) => void
  /** A capture that the server will never accept. Default: counted only. */
  onRefusal?: (reason: string) => void
}

export interface Progress {
  products: number
  devices: number
  captures: number
  packets: number
  readings: number
  refused: number
  /** Virtual time reached, epoch ms. */
  at: number
}

export interface Speaking {
  /**
   * Resolves when the world has ended or `stop` was called. Rejects when going on makes no sense.
   */
  done: Promise<Progress>
  /** Falls silent: what is on its way may or may not arrive. */
  stop(): Promise<void>
}

const inFlightDefault = 256
/**
 * Of one request that meets a server which is not there or too busy; waits double up to the
 * maximum.
 */
const attemptsMax = 30
const retryMs = { first: 200, max: 5000 }
const requestTimeoutMs = 30_000

export function speak(world: World, options: SpeakOptions): Speaking {
  const stopping = new AbortController()
  const mouth = createMouth(options, stopping)
  const done = play(world, options, { mouth, stopping })
  // The rejection is for whoever reads `done`; without a reader it must not end the process.
  done.catch(() => undefined)
  return {
    done,
    async stop() {
      stopping.abort()
      await done.catch(() => undefined)
    },
  }
}

interface Mouth {
  progress: Progress
  say(action: WorldAction): Promise<void>
  close(): Promise<void>
}

async function play(
  world: World,
  options: SpeakOptions,
  { mouth, stopping }: { mouth: Mouth; stopping: AbortController },
): Promise<Progress> {
  const { clock = wallClock, inFlightMax = inFlightDefault, onProgress } = options
  const { pace = paceAt(0, clock) } = options
  const { signal } = stopping
  let inFlight = 0
  let wake: (() => void) | undefined
  // One waiter at a time: racing all promises would cost inFlightMax for every packet.
  const fewerThan = async (count: number): Promise<void> => {
    while (inFlight >= count)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  let failure: unknown
  const say = async (action: WorldAction): Promise<void> => {
    inFlight++
    try {
      await mouth.say(action)
      onProgress?.(mouth.progress)
    } catch (error) {
      if (signal.aborted) return
      failure = error
      stopping.abort(error)
    } finally {
      inFlight--
      wake?.()
    }
  }
  try {
    for (const action of world.actions) {
      for (let wait = pace(action.at); wait > 0 && !signal.aborted; wait = pace(action.at))
        await clock.sleep(wait, signal).catch(() => undefined)
      await fewerThan(inFlightMax)
      if (signal.aborted) break
      mouth.progress.at = action.at
      void say(action)
    }
    await fewerThan(1)
  } finally {
    await mouth.close()
    await fewerThan(1)
  }
  if (failure !== undefined) throw failure
  return mouth.progress
}

/**
 * Says single actions. Those of one device keep their order: registration first, then captures one
 * by one.
 */
function createMouth(options: SpeakOptions, stopping: AbortController): Mouth {
  const { mqttUrl, tenant = 'default', tokens = new Map(), onRefusal } = options
  const { signal } = stopping
  const call = createCaller(options, signal)
  const voices = new Map<string, Promise<Voice>>()
  const captures = new Map<string, Promise<void>>()
  const progress: Progress = {
    products: 0,
    devices: 0,
    captures: 0,
    packets: 0,
    readings: 0,
    refused: 0,
    at: 0,
  }

  const register = async (action: WorldAction & { kind: 'device' }): Promise<Voice> => {
    const { device: id, giai, loggingIntervalSeconds } = action
    let answer = await call('POST', '/api/v1/devices', { id, giai, loggingIntervalSeconds })
    const known = answer.status === 409 ? tokens.get(id) : undefined
    // Registered by somebody who kept no token: a token is told once, so a new one must replace it.
    if (answer.status === 409 && known === undefined) {
      await answer.body?.cancel()
      answer = await call('POST', `/api/v1/devices/${encodeURIComponent(id)}/token`, {})
    }
    if (!answer.ok && known === undefined) throw await refusalOf(answer, `device ${id}`)
    const token = known ?? tokenOf(await answer.json(), id)
    tokens.set(id, token)
    progress.devices++
    return createVoice(mqttUrl, id, token)
  }
  const capture = async (action: WorldAction & { kind: 'capture' }): Promise<void> => {
    const answer = await call('POST', '/epcis/capture', documentOf(action.events, action.at))
    if (answer.ok) {
      await answer.body?.cancel()
      progress.captures++
      return
    }
    progress.refused++
    onRefusal?.((await refusalOf(answer, 'capture')).message)
  }
  return {
    progress,
    async say(action) {
      switch (action.kind) {
        case 'product': {
          const answer = await call('PUT', `/api/v1/products/${action.gtin}`, action.body)
          if (!answer.ok) throw await refusalOf(answer, `product ${action.gtin}`)
          await answer.body?.cancel()
          progress.products++
          return
        }
        case 'device': {
          const voice = register(action)
          voices.set(action.device, voice)
          await voice
          return
        }
        case 'capture': {
          const before = captures.get(action.device) ?? Promise.resolve()
          const mine = before.then(() => capture(action))
          captures.set(action.device, mine)
          return mine
        }
        case 'readings': {
          const voice = await voices.get(action.device)
          if (!voice) throw new Error(`${action.device} speaks before it is registered`)
          await voice.say(`v1/${tenant}/${action.device}/readings`, payloadOf(action.readings))
          progress.packets++
          progress.readings += action.readings.length
        }
      }
    },
    async close() {
      const settled = await Promise.allSettled(voices.values())
      await Promise.all(
        settled.map((each) => each.status === 'fulfilled' && each.value.close(signal.aborted)),
      )
    },
  }
}

type Caller = (method: 'POST' | 'PUT', path: string, body: unknown) => Promise<Response>

/** Tries again while the server is away or asks to wait; every other answer is the caller's. */
function createCaller(options: SpeakOptions, signal: AbortSignal): Caller {
  const { httpUrl, token, clock = wallClock } = options
  return async (method, path, body) => {
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

function tokenOf(answer: unknown, device: string): string {
  if (typeof answer === 'object' && answer !== null && 'token' in answer)
    if (typeof answer.token === 'string') return answer.token
  throw new Error(`the registration of ${device} answered without a token`)
}
