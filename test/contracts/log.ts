// What every log must do, as one suite that each implementation runs. An array is the oracle.
// Tickets count from where the log was opened; offsets ascend within a partition, perhaps with gaps.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Unavailable } from '../../domain/refusal.ts'
import type { Envelope, EnvelopeKind, Log, LoggedEnvelope, Partition } from '../../store/log.ts'

/** A place that outlives the log: opening it again finds what was kept. */
export interface LogPlace {
  open(options?: { bytesMax?: number }): Promise<Log>
  remove(): Promise<void>
}

/** `runs`: how many sequences of steps are tried; fewer where every step costs a round trip. */
export function logContract(
  name: string,
  createPlace: () => LogPlace,
  { runs = 30 }: { runs?: number } = {},
): void {
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
    const append = async (overrides: Partial<Envelope> = {}): Promise<number> =>
      log.whenDurable(log.append(publish(overrides)))
    /** The one partition that holds the offset. */
    const holding = async (offset: number): Promise<Partition> => {
      const holders: Partition[] = []
      for (const partition of log.partitions) {
        const { envelopes } = await partition.read(offset, 1, 1)
        if (envelopes[0]?.offset === offset) holders.push(partition)
      }
      expect(holders).toHaveLength(1)
      return holders[0]!
    }

    it('keeps every envelope bit for bit and in order, through trims and reopenings', async () => {
      const run = async (steps: LogStep[]): Promise<void> => {
        place = createPlace()
        log = await place.open()
        const oracle = new Map<number, Kept[]>()
        for (const partition of log.partitions) {
          oracle.set(partition.id, [])
          partition.keepFor('record')
        }
        for (const step of steps) {
          if (step.do === 'append') await appendAll(log, oracle, step.envelopes)
          else if (step.do === 'reopen') {
            await reopen()
            for (const partition of log.partitions) partition.keepFor('record')
          } else {
            for (const partition of log.partitions) {
              const kept = oracle.get(partition.id)!
              const next = kept[Math.floor(step.share * kept.length)]?.offset ?? partition.readable
              const passed = Math.max(partition.cursor('record'), next)
              await partition.setCursor('record', passed)
              await partition.trim()
              if (kept.length > 0) expect(partition.size().first).toBeLessThanOrEqual(passed)
            }
          }
        }
        for (const partition of log.partitions)
          for (const [countMax, bytesMax] of [
            [1, 1],
            [3, 1e9],
            [1e9, 300],
          ] as const)
            await expectSame(partition, oracle.get(partition.id)!, { countMax, bytesMax })
        await log.close()
        await place.remove()
      }
      await log.close()
      await place.remove()
      await fc.assert(fc.asyncProperty(fc.array(logStep, { maxLength: 12 }), run), {
        numRuns: runs,
      })
    })

    it('puts every kind into the partitions that say they hold it', async () => {
      for (const kind of ['publish', 'forbidden', 'capture', 'readings'] as const) {
        const partition = await holding(await append({ kind }))
        expect(partition.kinds).toContain(kind)
      }
      for (const kind of ['publish', 'capture'] as const) {
        const holders = log.partitions.filter(({ kinds }) => kinds.includes(kind))
        const slots = holders.flatMap((partition) => [...partition.slots])
        expect(slots.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i))
      }
    })

    it('keeps a copy: what the sender does to its buffer afterwards changes nothing', async () => {
      const body = Buffer.from('21.5 °C')
      const ticket = log.append(publish({ body }))
      body.fill(0)
      const offset = await log.whenDurable(ticket)
      const { envelopes } = await (await holding(offset)).read(offset, 1, 1)
      expect(Buffer.from(envelopes[0]!.body).toString()).toBe('21.5 °C')
    })

    it('hands out bodies that stay valid while it reads on', async () => {
      for (let index = 0; index < 100; index++) await append({ body: Buffer.alloc(50_000, index) })
      for (const partition of log.partitions) {
        let { envelopes, next } = await partition.read(0, 1, 1)
        const [first] = envelopes
        for (; envelopes.length > 0; { envelopes, next } = await partition.read(next, 1, 1));
        if (first) expect(Buffer.from(first.body).equals(Buffer.alloc(50_000, 0))).toBe(true)
      }
    })

    it('takes a body of 16 MiB and one of nothing', async () => {
      const large = Buffer.alloc(16 * 1024 * 1024, 'cold ')
      log.append(publish({ kind: 'capture', body: Buffer.alloc(0) }))
      log.append(publish({ kind: 'capture', body: large }))
      await log.whenDurable(log.append(publish({ kind: 'capture', body: Buffer.alloc(0) })))
      const read = await readAll(log)
      expect(read.map((envelope) => envelope.body.length)).toEqual([0, large.length, 0])
      expect(large.equals(read[1]!.body)).toBe(true)
    })

    it('tells what is durable in ticket order; before, nothing can be read', async () => {
      const told: number[] = []
      const end = log.end
      log.onDurable((durable) => {
        told.push(durable)
        expect(log.durable).toBe(durable)
      })
      for (let index = 0; index < 2000; index++) {
        const ticket = log.append(publish({ body: Buffer.alloc(index % 700) }))
        expect([ticket, log.end]).toEqual([end + index, end + index + 1])
        if (index % 10 === 0)
          for (const partition of log.partitions)
            expect((await partition.read(partition.readable, 1, 1)).envelopes).toEqual([])
        if (index % 300 === 0) {
          const offset = await log.whenDurable(ticket)
          expect(log.durable).toBeGreaterThan(ticket)
          expect((await holding(offset)).readable).toBeGreaterThan(offset)
        }
      }
      await log.whenDurable(end + 1999)
      expect(told).toEqual([...new Set(told)].sort((a, b) => a - b))
      expect(told.at(-1)).toBe(end + 2000)
      expect(await readAll(log)).toHaveLength(2000)
    })

    it('no longer tells a listener that went', async () => {
      let told = 0
      const stop = log.onDurable(() => told++)
      await append()
      stop()
      await append()
      expect(told).toBe(1)
    })

    it('tells those who read when there is more to read', async () => {
      const partition = await holding(await append())
      const more = new Promise<void>((resolve) => partition.onReadable(resolve))
      const { readable } = partition
      const offset = await append()
      await more
      const { envelopes, next } = await partition.read(readable, 9, 9)
      expect(envelopes.map((envelope) => envelope.offset)).toEqual([offset])
      expect(partition.behind(next)).toBe(0)
      expect(partition.behind(readable)).toBeGreaterThan(0)
    })

    it('writes what it took before it closes, and then says that it is closed', async () => {
      const ticket = log.append(publish())
      const durable = log.whenDurable(ticket)
      const never = expect(log.whenDurable(ticket + 1)).rejects.toThrow(Unavailable)
      const [partition] = log.partitions
      const passing = expect(partition!.passed('record', 1e9)).rejects.toThrow(Unavailable)
      await log.close()
      await Promise.all([durable, never, passing])
      expect(() => log.append(publish())).toThrow(Unavailable)
      await expect(partition!.read(0, 1, 1)).rejects.toThrow(Unavailable)
      await expect(partition!.setCursor('record', 0)).rejects.toThrow(Unavailable)
      await expect(log.whenDurable(ticket + 1)).rejects.toThrow(Unavailable)
      log = await place.open()
      expect(await readAll(log)).toHaveLength(1)
    })

    it('remembers the cursors of its followers', async () => {
      const offsets: number[] = []
      for (let index = 0; index < 10; index++) offsets.push(await append())
      const { id } = await holding(offsets[0]!)
      const find = (): Partition => log.partitions.find((one) => one.id === id)!
      expect(find().cursor('detect')).toBe(0)
      const saved = [find().setCursor('record', offsets[3]!)]
      saved.push(find().setCursor('detect', offsets[9]!))
      saved.push(find().setCursor('record', offsets[7]!))
      expect(find().cursor('record')).toBe(offsets[7])
      await Promise.all(saved)
      await reopen()
      const wanted = [offsets[7], offsets[9], 0]
      const names = ['record', 'detect', 'new']
      expect(names.map((name) => find().cursor(name))).toEqual(wanted)
      expect(await Promise.all(names.map((name) => find().keptCursor(name)))).toEqual(wanted)
    })

    it('says when a follower has passed an offset', async () => {
      const offsets = [await append(), await append(), await append()]
      const partition = await holding(offsets[0]!)
      await partition.setCursor('record', offsets[1]!)
      await partition.passed('record', offsets[0]!)
      let passed = false
      const passing = partition.passed('record', offsets[1]!).then(() => {
        passed = true
      })
      await partition.setCursor('detect', partition.readable)
      expect(passed).toBe(false)
      await partition.setCursor('record', offsets[2]!)
      await passing
    })

    it('lets no follower pass what is not durable', async () => {
      const [partition] = log.partitions
      const beyond = partition!.readable + 1
      log.append(publish())
      await expect(async () => partition!.setCursor('record', beyond)).rejects.toThrow(RangeError)
    })

    it('trims only what all have passed without whom nothing may go', async () => {
      const offsets: number[] = []
      for (let index = 0; index < 50; index++) offsets.push(await append())
      const { id } = await holding(offsets[0]!)
      const partition = log.partitions.find((one) => one.id === id)!
      await partition.setCursor('record', offsets[40]!)
      await partition.trim()
      expect(partition.size().first, 'nobody was named').toBe(offsets[0])
      partition.keepFor('record')
      partition.keepFor('detect')
      await partition.trim()
      expect(partition.size().first, 'detect has passed nothing yet').toBe(offsets[0])
      await partition.setCursor('detect', offsets[20]!)
      await partition.trim()
      expect(partition.size().first).toBe(offsets[20])
      for (const from of [offsets[20]!, 0]) {
        const { envelopes } = await partition.read(from, 1, 1)
        expect(envelopes[0]?.offset, 'the oldest kept').toBe(offsets[20])
      }
      await partition.setCursor('detect', partition.readable)
      await partition.setCursor('record', partition.readable)
      await partition.trim()
      await reopen()
      const again = log.partitions.find((one) => one.id === id)!
      expect(again.cursor('record')).toBe(again.readable)
      expect(await append(), 'offsets go on').toBeGreaterThan(offsets[49]!)
    })

    it('asks senders to wait before it is full, then refuses; trimming relieves it', async () => {
      await log.close()
      log = await place.open({ bytesMax: 4 * 1024 * 1024 })
      const told: boolean[] = []
      log.onPressure((pressed) => told.push(pressed))
      const body = Buffer.alloc(100_000, 1)
      const first = await append({ body })
      const partition = await holding(first)
      partition.keepFor('record')
      const fill = async (): Promise<number> => {
        for (let taken = 0; ; taken++) {
          if (log.pressed) return taken
          await append({ body })
        }
      }
      expect(await fill()).toBeGreaterThan(30)
      expect(partition.size().bytes).toBeLessThan(4 * 1024 * 1024)
      const more = (): void => {
        for (let index = 0; index < 20; index++) log.append(publish({ body }))
      }
      expect(more).toThrow(Unavailable)
      await log.whenDurable(log.end - 1)
      await partition.setCursor('record', first + 1)
      await partition.trim()
      expect(log.pressed, 'one batch less is not relief').toBe(true)
      const end = partition.readable
      await partition.setCursor('record', end)
      await partition.trim()
      expect(log.pressed).toBe(false)
      expect(told).toEqual([true, false])
      expect(await fill(), 'the freed space is used again').toBeGreaterThan(25)
      const { envelopes } = await partition.read(end, 1, 1)
      expect(envelopes[0]?.offset).toBeGreaterThanOrEqual(end)
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

/** Everything from the oldest kept on, partition by partition. */
export async function readAll(log: Log): Promise<LoggedEnvelope[]> {
  const all: LoggedEnvelope[] = []
  for (const partition of log.partitions) {
    for (let from = partition.size().first; ; ) {
      const { envelopes, next } = await partition.read(from, 1000, 1024 * 1024)
      if (envelopes.length === 0) break
      for (const envelope of envelopes) all.push(envelope)
      from = next
    }
  }
  return all
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

interface Kept {
  offset: number
  envelope: Envelope
}

/** Appends, waits, and notes under which offset of which partition each one is kept. */
async function appendAll(
  log: Log,
  oracle: Map<number, Kept[]>,
  envelopes: Envelope[],
): Promise<void> {
  const froms = log.partitions.map((partition) => partition.readable)
  const tickets = envelopes.map((envelope) => log.append(envelope))
  expect(tickets).toEqual(tickets.map((_, index) => log.end - tickets.length + index))
  const offsets = await Promise.all(tickets.map((ticket) => log.whenDurable(ticket)))
  const envelopeAt = new Map(offsets.map((offset, index) => [offset, envelopes[index]!]))
  expect(envelopeAt.size, 'every offset is unique').toBe(envelopes.length)
  for (const [index, partition] of log.partitions.entries()) {
    const { envelopes: read } = await partition.read(froms[index]!, 1e9, 1e9)
    const inTicketOrder = offsets.filter((offset) => read.some((one) => one.offset === offset))
    expect(read.map((one) => one.offset)).toEqual(inTicketOrder)
    for (const { offset } of read) {
      oracle.get(partition.id)!.push({ offset, envelope: envelopeAt.get(offset)! })
      envelopeAt.delete(offset)
    }
  }
  expect(envelopeAt.size, 'all are there').toBe(0)
}

async function expectSame(
  partition: Partition,
  oracle: Kept[],
  cut: { countMax: number; bytesMax: number },
): Promise<void> {
  const kept = oracle.filter(({ offset }) => offset >= partition.size().first)
  let from = partition.size().first
  while (kept.length > 0) {
    const { envelopes, next } = await partition.read(from, cut.countMax, cut.bytesMax)
    expect(envelopes.length).toBeGreaterThan(0)
    expect(envelopes.length).toBeLessThanOrEqual(cut.countMax)
    for (const { body, ...rest } of envelopes) {
      const { envelope, offset } = kept.shift()!
      const { body: expectedBody, ...expected } = envelope
      expect(rest).toEqual({ ...expected, offset })
      expect(Buffer.compare(body, expectedBody)).toBe(0)
    }
    from = next
  }
  expect((await partition.read(from, cut.countMax, cut.bytesMax)).envelopes).toEqual([])
}
