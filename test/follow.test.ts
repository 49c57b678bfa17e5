import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bounds } from '../config.ts'
import { Corrupt, Unavailable } from '../domain/refusal.ts'
import { type Follower, type FollowOptions, follow } from '../store/follow.ts'
import { type LmdbLog, openLmdbLog } from '../store/lmdb/log.ts'
import type { LoggedEnvelope } from '../store/log.ts'
import { publish } from './contracts/log.ts'

let folder: string
let log: LmdbLog
const followers: Follower[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-follow-'))
  log = await openLmdbLog({ folder, bytesMax: 1e9 })
})
afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.stop()
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

it('takes everything in order, in bounded batches, one step at a time', async () => {
  await append(1000)
  const batches: number[][] = []
  let underWay = 0
  const follower = start({
    countMax: 64,
    step: async (envelopes) => {
      expect(++underWay).toBe(1)
      await turn()
      batches.push(envelopes.map((envelope) => envelope.offset))
      underWay--
    },
  })
  await follower.advanced(999)
  expect(batches.flat()).toEqual(range(0, 1000))
  expect(Math.max(...batches.map((batch) => batch.length))).toBe(64)
  expect(follower.position).toBe(1000)
})

it('bounds a batch by its bytes too', async () => {
  await append(20, Buffer.alloc(10_000))
  const batches: number[] = []
  const follower = start({
    bytesMax: 30_000,
    step: async (envelopes) => void batches.push(envelopes.length),
  })
  await follower.advanced(19)
  expect(Math.max(...batches)).toBeLessThanOrEqual(3)
})

it('wakes up when something becomes durable, and says when there is nothing to do', async () => {
  const seen: number[] = []
  const idleAt: number[] = []
  const follower = start({
    step: async (envelopes) => void seen.push(...envelopes.map((envelope) => envelope.offset)),
    idle: () => void idleAt.push(follower.position),
  })
  await vi.waitUntil(() => idleAt.length === 1)
  for (let offset = 0; offset < 5; offset++) {
    const advanced = follower.advanced(offset)
    log.append(publish())
    await advanced
    await vi.waitUntil(() => idleAt.at(-1) === offset + 1)
  }
  expect(seen).toEqual(range(0, 5))
  expect(idleAt).toEqual(range(0, 6))
  expect(follower.state).toBe('running')
})

it('leaves the event loop to others between steps', async () => {
  await append(50)
  const order: string[] = []
  const follower = start({
    countMax: 1,
    step: async ([envelope]) => {
      order.push('step')
      if (envelope!.offset % 10 === 0) setImmediate(() => order.push('acknowledgement'))
    },
  })
  await follower.advanced(49)
  expect(order.filter((what) => what === 'acknowledgement')).toHaveLength(5)
  expect(order.indexOf('acknowledgement')).toBeLessThan(3)
})

it('waits for company between two steps, and does not when enough is there', async () => {
  const begins: number[] = []
  const follower = start({
    everyMs: 20,
    step: async () => void begins.push(performance.now()),
  })
  for (let offset = 0; begins.length < 6; offset++) {
    log.append(publish())
    await log.whenDurable(offset)
  }
  for (const [index, at] of begins.slice(1).entries())
    expect(at - begins[index]!).toBeGreaterThan(15)
  await follower.stop()

  await append(1000)
  const hasty = start({ everyMs: 3_600_000, countMax: 100, step: async () => undefined })
  await hasty.advanced(999)
  // The rest would wait for company for an hour; a stop does not.
  await append(1)
  await hasty.stop()
})

describe('after a crash', () => {
  it('sees again what it had not finished, and misses nothing', async () => {
    await append(100)
    const kept = new Map<number, number>()
    let crash = true
    const step = async (envelopes: LoggedEnvelope[]): Promise<void> => {
      for (const { offset } of envelopes) {
        kept.set(offset, (kept.get(offset) ?? 0) + 1)
        if (crash && offset === 57) throw new Error('killed in the middle of a step')
      }
    }
    const failures: unknown[] = []
    const first = start({ countMax: 10, step, onFail: (error) => failures.push(error) })
    await expect(first.advanced(99)).rejects.toThrow(Unavailable)
    expect([first.state, first.position, failures.length]).toEqual(['stopped', 50, 1])
    await first.stop()
    await log.close()

    crash = false
    log = await openLmdbLog({ folder, bytesMax: 1e9 })
    const second = start({ countMax: 10, step })
    expect(second.position).toBe(50)
    await second.advanced(99)
    expect([...kept.keys()].sort((a, b) => a - b)).toEqual(range(0, 100))
    expect(range(0, 100).filter((offset) => kept.get(offset) === 2)).toEqual(range(50, 58))
  })

  it('begins where its own store says rather than at the cursor of the log', async () => {
    await append(10)
    await log.setCursor('record', 8)
    const seen: number[] = []
    const step = async (envelopes: LoggedEnvelope[]): Promise<void> =>
      void seen.push(...envelopes.map((envelope) => envelope.offset))
    const follower = start({ start: 5, step })
    await follower.advanced(9)
    expect(seen).toEqual(range(5, 10))
    await follower.stop()
    expect(log.cursor('record')).toBe(10)
  })

  it('lets the log trim up to where its own store says, though nothing new came', async () => {
    await append(5)
    await append(5)
    log.keepFor('record')
    const follower = start({ start: 10, step: async () => undefined })
    await vi.waitUntil(() => log.cursor('record') === 10)
    await follower.stop()
    await log.trim()
    expect(log.size().first).toBe(5)
  })
})

describe('a dependency that is unavailable', () => {
  it('makes it wait with growing, jittered pauses and repeat from its place', async () => {
    await append(10)
    const waits: number[] = []
    const states: string[] = []
    const seen: number[] = []
    let failures = 7
    const follower = start({
      countMax: 5,
      random: () => 0.5,
      wait: async (waitMs) => {
        waits.push(waitMs)
        states.push(`${follower.state}: ${follower.lastError?.message}`)
        await turn()
      },
      step: async (envelopes) => {
        if (envelopes[0]!.offset === 5 && failures-- > 0)
          throw new Unavailable('the series store is down', 300)
        seen.push(...envelopes.map((envelope) => envelope.offset))
      },
    })
    await follower.advanced(9)
    expect(seen).toEqual(range(0, 10))
    expect(new Set(states)).toEqual(new Set(['waiting: the series store is down']))
    expect(waits).toHaveLength(7)
    expect(waits[0]).toBeGreaterThanOrEqual(300)
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    expect(waits.at(-1)).toBe(0.75 * bounds.followRetryMs[1])
    await vi.waitUntil(() => follower.state === 'running')
    expect(follower.lastError).toBeUndefined()
  })

  it('does not hold up another follower', async () => {
    await append(100)
    const dead = start({
      name: 'record',
      step: async () => {
        throw new Unavailable('down', 60_000)
      },
    })
    const alive = start({ name: 'detect', step: async () => undefined })
    await alive.advanced(99)
    await vi.waitUntil(() => dead.state === 'waiting')
    expect(dead.position).toBe(0)
  })

  it('does not hold up the stop', async () => {
    await append(1)
    const follower = start({
      step: async () => {
        throw new Unavailable('down', 3_600_000)
      },
    })
    await vi.waitUntil(() => follower.state === 'waiting')
    await follower.stop()
    expect(follower.state).toBe('stopped')
  })

  it('may be found out when idle, too', async () => {
    let calls = 0
    const follower = start({
      step: async () => undefined,
      wait: turn,
      idle: () => {
        if (calls++ === 0) throw new Unavailable('the ledger is locked')
      },
    })
    await vi.waitUntil(() => calls === 2)
    expect(follower.state).toBe('running')
  })
})

describe('what cannot be mended by waiting', () => {
  it('stops it when a kept batch is corrupt, with the reason, and nothing else', async () => {
    await append(10)
    const failures: unknown[] = []
    const follower = start({
      countMax: 3,
      onFail: (error) => failures.push(error),
      step: async ([envelope]) => {
        if (envelope!.offset === 6) throw new Corrupt('log offset 6', 'does not read back')
      },
    })
    await expect(follower.advanced(9)).rejects.toThrow(/record stopped at 6/)
    expect(follower.state).toBe('stopped')
    expect(follower.lastError).toBeInstanceOf(Corrupt)
    expect(failures).toEqual([])
    await expect(follower.advanced(6)).rejects.toThrow(Unavailable)
    await expect(follower.advanced(5)).resolves.toBeUndefined()
  })

  it('stops it when its own store is ahead of the log: such a log lost its end', async () => {
    await append(10)
    const follower = start({ start: 11, step: async () => undefined })
    await expect(follower.advanced(11)).rejects.toThrow(Unavailable)
    expect(follower.lastError).toBeInstanceOf(Corrupt)
    expect(follower.lastError?.message).toMatch(/ahead of the log, which ends at 10/)
  })

  it('stops it rather than skip what was trimmed before it saw it', async () => {
    for (let count = 0; count < 10; count++) await append(1)
    log.keepFor('detect')
    await log.setCursor('detect', 10)
    await log.trim()
    const follower = start({ start: 3, step: async () => undefined })
    await expect(follower.advanced(9)).rejects.toThrow(Unavailable)
    expect(follower.lastError?.message).toMatch(/still wants envelopes that were dropped/)
  })
})

it('stops after the step under way, with its cursor saved', async () => {
  await append(10)
  let finish: (() => void) | undefined
  const follower = start({
    countMax: 4,
    step: () =>
      new Promise((resolve) => {
        finish = resolve
      }),
  })
  await vi.waitUntil(() => finish !== undefined)
  const stopped = follower.stop()
  finish?.()
  await stopped
  await log.close()
  log = await openLmdbLog({ folder, bytesMax: 1e9 })
  expect(log.cursor('record')).toBe(4)
})

function start(options: Partial<FollowOptions> & Pick<FollowOptions, 'step'>): Follower {
  const follower = follow(log, { name: 'record', ...options })
  followers.push(follower)
  return follower
}

async function append(count: number, body: Uint8Array = Buffer.from('21.5')): Promise<void> {
  for (let index = 0; index < count; index++) log.append(publish({ body }))
  await log.whenDurable(log.end - 1)
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
