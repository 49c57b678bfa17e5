// Plays a world against a server over HTTP and MQTT, like a stranger: it knows addresses, a token
// and the public contract, nothing else. Refuses to look into the server, and to say more at once
// than `inFlightMax`.
import type { WorldAction } from './actions.ts'
import { createMouth, type Mouth, type MouthOptions, type Progress } from './mouth.ts'
import { type Pace, paceAt, wallClock } from './pace.ts'
import type { World } from './world.ts'

export interface SpeakOptions extends MouthOptions {
  /** Default: as fast as possible. */
  pace?: Pace
  /** Requests and packets on their way at once. Default 256. */
  inFlightMax?: number
  /** After each thing said and acknowledged. The object is the same one each time. */
  onProgress?: (progress: Readonly<Progress>) => void
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
      let wait = pace(action.at)
      for (; wait > 0 && !signal.aborted; wait = pace(action.at))
        await clock.sleep(wait, signal).catch(() => undefined)
      await fewerThan(inFlightMax)
      if (signal.aborted) break
      mouth.progress.behindMs = Math.round(Math.max(0, -wait))
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
