// What every log must do, as one suite that each implementation runs. An array is the oracle.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Unavailable } from '../../domain/refusal.ts'
import type { Envelope, EnvelopeKind, Log } from '../../store/log.ts'

/** A place that outlives the log: opening it again finds what was kept. */
export interface LogPlace {
  open(options?: { bytesMax?: number }): Promise<Log>
  remove(): Promise<void>
}

export function logContract(name: string, createPlace: () => LogPlace): void {
  describe(`${name} as a log`, () => {
    let place: LogPlace
    let log: Log
    beforeEach(async () => {
      place = createPlace()
      log = await place.open()
    })
    afterEach(async () => {
      await log.close()
      await place.remove()
    })
    const reopen = async (): Promise<void> => {
      await log.close()
      log = await place.open()
    }

    it('keeps every envelope bit for bit and in order, through trims and reopenings', async () => {
      const run = async (steps: LogStep[]): Promise<void> => {
        place = createPlace()
        log = await place.open()
        log.keepFor('record')
        const oracle: Envelope[] = []
        for (const step of steps) {
          if (step.do === 'append') {
            for (const envelope of step.envelopes) {
              expect(log.append(envelope)).toBe(oracle.length)
              oracle.push(envelope)
            }
          } else if (step.do === 'reopen') {
            await reopen()
            log.keepFor('record')
          } else {
            if (oracle.length > 0) await log.whenDurable(oracle.length - 1)
            const passed = Math.floor(step.share * oracle.length)
            const before = log.cursor('record')
            await log.setCursor('record', Math.max(before, passed))
            await log.trim()
            expect(log.size().first).toBeLessThanOrEqual(Math.max(before, passed))
          }
        }
        if (oracle.length > 0) await log.whenDurable(oracle.length - 1)
        expect([log.end, log.durable]).toEqual([oracle.length, oracle.length])
        for (const [countMax, bytesMax] of [
          [1, 1],
          [3, 1e9],
          [1e9, 300],
        ] as const)
          expectSame(log, oracle, { countMax, bytesMax })
        await log.close()
        await place.remove()
      }
      await log.close()
      await place.remove()
      await fc.assert(fc.asyncProperty(fc.array(logStep, { maxLength: 12 }), run), {
        numRuns: 30,
      })
    })

    it('keeps a copy: what the sender does to its buffer afterwards changes nothing', async () => {
      const body = Buffer.from('21.5 °C')
      log.append(publish({ body }))
      body.fill(0)
      await log.whenDurable(0)
      expect(Buffer.from(log.read(0, 1, 1)[0]!.body).toString()).toBe('21.5 °C')
    })

    it('hands out bodies that stay valid while it reads on', async () => {
      for (let index = 0; index < 100; index++) {
        const body = Buffer.alloc(50_000, index)
        await log.whenDurable(log.append(publish({ body })))
      }
      const first = log.read(0, 1, 1)[0]!
      for (let from = 1; from < 100; from++) log.read(from, 1, 1)
      expect(Buffer.from(first.body).equals(Buffer.alloc(50_000, 0))).toBe(true)
    })

    it('takes a body of 16 MiB and one of nothing', async () => {
      const large = Buffer.alloc(16 * 1024 * 1024, 'cold ')
      log.append(publish({ body: Buffer.alloc(0) }))
      log.append(publish({ kind: 'capture', body: large }))
      log.append(publish({ body: Buffer.alloc(0) }))
      await log.whenDurable(2)
      const read = readAll(log)
      expect(read.map((envelope) => envelope.body.length)).toEqual([0, large.length, 0])
      expect(large.equals(read[1]!.body)).toBe(true)
    })

    it('tells what is durable in offset order, and shows nothing before', async () => {
      const told: number[] = []
      log.onDurable((durable) => {
        told.push(durable)
        expect(log.durable).toBe(durable)
        expect(log.read(durable, 1, 1)).toEqual([])
        expect(log.read(durable - 1, 1, 1)[0]?.offset).toBe(durable - 1)
      })
      for (let index = 0; index < 2000; index++) {
        log.append(publish({ body: Buffer.alloc(index % 700) }))
        expect(log.read(log.durable, 1, 1)).toEqual([])
        if (index % 300 === 0) await log.whenDurable(index)
      }
      await log.whenDurable(1999)
      expect(told).toEqual([...new Set(told)].sort((a, b) => a - b))
      expect(told.at(-1)).toBe(2000)
    })

    it('no longer tells a listener that went', async () => {
      let told = 0
      const stop = log.onDurable(() => told++)
      await log.whenDurable(log.append(publish()))
      stop()
      await log.whenDurable(log.append(publish()))
      expect(told).toBe(1)
    })

    it('writes what it took before it closes, and then says that it is closed', async () => {
      const offset = log.append(publish())
      const durable = log.whenDurable(offset)
      const never = expect(log.whenDurable(offset + 1)).rejects.toThrow(Unavailable)
      await log.close()
      await Promise.all([durable, never])
      expect(() => log.append(publish())).toThrow(Unavailable)
      expect(() => log.read(0, 1, 1)).toThrow(Unavailable)
      await expect(log.whenDurable(offset + 1)).rejects.toThrow(Unavailable)
      log = await place.open()
      expect(log.end).toBe(1)
    })

    it('remembers the cursors of its followers', async () => {
      for (let index = 0; index < 10; index++) log.append(publish())
      await log.whenDurable(9)
      expect(log.cursor('detect')).toBe(0)
      const saved = [log.setCursor('record', 3), log.setCursor('detect', 9)]
      saved.push(log.setCursor('record', 7))
      expect(log.cursor('record')).toBe(7)
      await Promise.all(saved)
      await reopen()
      expect([log.cursor('record'), log.cursor('detect'), log.cursor('new')]).toEqual([7, 9, 0])
    })

    it('lets no follower pass what is not durable', () => {
      log.append(publish())
      expect(() => log.setCursor('record', 1)).toThrow(RangeError)
    })

    it('trims only what all have passed without whom nothing may go', async () => {
      for (let index = 0; index < 50; index++) await log.whenDurable(log.append(publish()))
      await log.setCursor('record', 40)
      await log.trim()
      expect(log.size().first, 'nobody was named').toBe(0)
      log.keepFor('record')
      log.keepFor('detect')
      await log.trim()
      expect(log.size().first, 'detect has passed nothing yet').toBe(0)
      await log.setCursor('detect', 20)
      await log.trim()
      expect(log.size().first).toBe(20)
      expect(log.read(20, 1, 1)[0]?.offset).toBe(20)
      expect(log.read(0, 1, 1)[0]?.offset, 'the oldest kept').toBe(20)
      await log.setCursor('detect', 50)
      await log.setCursor('record', 50)
      await log.trim()
      await reopen()
      expect(log.end, 'offsets go on after everything was trimmed').toBe(50)
      expect(log.append(publish())).toBe(50)
    })

    it('asks senders to wait before it is full, then refuses; trimming relieves it', async () => {
      await log.close()
      log = await place.open({ bytesMax: 4 * 1024 * 1024 })
      log.keepFor('record')
      const told: boolean[] = []
      log.onPressure((pressed) => told.push(pressed))
      const body = Buffer.alloc(100_000, 1)
      const fill = async (): Promise<number> => {
        for (let taken = 0; ; taken++) {
          if (log.pressed) return taken
          await log.whenDurable(log.append(publish({ body })))
        }
      }
      expect(await fill()).toBeGreaterThan(30)
      expect(log.size().bytes).toBeLessThan(4 * 1024 * 1024)
      const more = (): void => {
        for (let index = 0; index < 20; index++) log.append(publish({ body }))
      }
      expect(more).toThrow(Unavailable)
      const { end } = log
      await log.whenDurable(end - 1)
      await log.setCursor('record', 1)
      await log.trim()
      expect(log.pressed, 'one batch less is not relief').toBe(true)
      await log.setCursor('record', end)
      await log.trim()
      expect(log.pressed).toBe(false)
      expect(told).toEqual([true, false])
      expect(await fill(), 'the freed space is used again').toBeGreaterThan(25)
      expect(log.read(end, 1, 1)[0]?.offset).toBe(end)
    })
  })
}

/** An ordinary packet; the overrides say what the test is about. */
export function publish(overrides: Partial<Envelope> = {}): Envelope {
  return {
    kind: 'publish',
    tenant: 'default',
    source: 'LOGGER-1',
    topic: 'v1/default/LOGGER-1/readings',
    recordTime: Date.UTC(2026, 10, 1),
    body: Buffer.from('{"time":"2026-11-01T00:00:00Z","temperature":5.1}'),
    ...overrides,
  }
}

/** Everything from the oldest kept on. */
export function readAll(log: Log): ReturnType<Log['read']> {
  const all: ReturnType<Log['read']> = []
  for (let from = log.size().first; ; ) {
    const some = log.read(from, 1000, 1024 * 1024)
    if (some.length === 0) return all
    for (const envelope of some) all.push(envelope)
    from = some.at(-1)!.offset + 1
  }
}

const name = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', 'LOGGER-7', 'v1/mañana/Kühlbox-❄️/readings'),
)

export const anyEnvelope: fc.Arbitrary<Envelope> = fc.record({
  kind: fc.constantFrom<EnvelopeKind>('publish', 'forbidden', 'capture', 'readings'),
  tenant: name,
  source: name,
  topic: name,
  recordTime: fc.integer({ min: 0, max: 8.64e15 }),
  body: fc.oneof(
    { weight: 20, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    {
      weight: 1,
      arbitrary: fc.nat(255).map((byte) => new Uint8Array(1024 * 1024).fill(byte)),
    },
  ),
})

type LogStep =
  | { do: 'append'; envelopes: Envelope[] }
  | { do: 'reopen' }
  | { do: 'trim'; share: number }

const logStep: fc.Arbitrary<LogStep> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      envelopes: fc.array(anyEnvelope, { maxLength: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('trim' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
)

function expectSame(
  log: Log,
  oracle: Envelope[],
  cut: { countMax: number; bytesMax: number },
): void {
  let from = log.size().first
  while (from < oracle.length) {
    const some = log.read(from, cut.countMax, cut.bytesMax)
    expect(some.length).toBeGreaterThan(0)
    expect(some.length).toBeLessThanOrEqual(cut.countMax)
    for (const { body, ...rest } of some) {
      const { body: expectedBody, ...expected } = oracle[from]!
      expect(rest).toEqual({ ...expected, offset: from })
      expect(Buffer.compare(body, expectedBody)).toBe(0)
      from++
    }
  }
  expect(log.read(from, cut.countMax, cut.bytesMax)).toEqual([])
}
