import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AskSet, openAffected, type SetRows } from '../dashboards/console/src/affected.ts'
import { parseSerial } from '../dashboards/console/src/shapes.ts'

const sizes = { first: 3, page: 8, step: 3 }

const epcsOf = (revision: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${revision}/${index}`)

/** A server whose answers come when the test says so, in any order, or not at all. */
function newServer(counts: number[]) {
  const asked: { answer(): void; fail(): void }[] = []
  const limits: number[] = []
  const rowsOf = ({ limit, cursor }: { limit: number; cursor?: string }): SetRows => {
    // A cursor goes on in the revision it began in.
    const [revision, offset] = (cursor ?? `${counts.length}/0`).split('/').map(Number) as [
      number,
      number,
    ]
    const count = counts[revision - 1]!
    const epcs = epcsOf(revision, count).slice(offset, offset + limit)
    const end = offset + epcs.length
    const serials = epcs.map((epc) => parseSerial({ epc }))
    const next = end < count ? `${revision}/${end}` : null
    return { revision, count, hash: `hash ${revision}`, serials, next }
  }
  const later = <T>(value: () => T): Promise<T> => {
    // What stood when it was asked, whenever it comes.
    const told = value()
    return new Promise((resolve, reject) => {
      asked.push({ answer: () => resolve(told), fail: () => reject(new Error('away')) })
    })
  }
  const ask: AskSet = {
    rows: (query) => {
      limits.push(query.limit)
      return later(() => rowsOf(query))
    },
    revisions: () => later(() => []),
  }
  const settle = async (at: number, how: 'answer' | 'fail'): Promise<void> => {
    const [one] = asked.splice(at % Math.max(1, asked.length), 1)
    one?.[how]()
    // As many turns as a chain of answers takes until it asks again.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
  return {
    ask,
    asked,
    limits,
    settle,
    restate: (count: number) => counts.push(count),
    /** Until nothing is asked any more. */
    async rest() {
      while (asked.length > 0) await settle(0, 'answer')
    },
  }
}

const action = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 5 }).map((at) => ({ do: 'answer' as const, at })) },
  { weight: 1, arbitrary: fc.nat({ max: 5 }).map((at) => ({ do: 'fail' as const, at })) },
  { weight: 3, arbitrary: fc.constant({ do: 'more' as const, at: 0 }) },
  { weight: 1, arbitrary: fc.constant({ do: 'load' as const, at: 0 }) },
  { weight: 1, arbitrary: fc.nat({ max: 40 }).map((at) => ({ do: 'restate' as const, at })) },
)

describe('the serials of an alert', () => {
  it('are the first rows of one revision, each once, whatever comes in which order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 40 }),
        fc.array(action, { maxLength: 30 }),
        async (count, actions) => {
          const counts = [count]
          const server = newServer(counts)
          const set = openAffected(server.ask, sizes)
          const rows = () => set.state.value.serials.map(({ epc }) => epc)
          void set.load()
          for (const { do: what, at } of actions) {
            const before = set.state.value
            if (what === 'more') set.showMore()
            else if (what === 'load') void set.load()
            else if (what === 'restate') server.restate(at)
            else await server.settle(at, what)
            const { revision, count: told, hash, next, serials } = set.state.value
            if (revision === 0) {
              expect(rows()).toEqual([])
              continue
            }
            expect(revision).toBeGreaterThanOrEqual(before.revision)
            const whole = epcsOf(revision, counts[revision - 1]!)
            expect(rows()).toEqual(whole.slice(0, serials.length))
            expect([told, hash]).toEqual([whole.length, `hash ${revision}`])
            expect(next === null).toBe(serials.length === whole.length)
            // No row leaves while others are on their way: the table does not flicker.
            expect(serials.length).toBeGreaterThanOrEqual(
              Math.min(before.serials.length, whole.length),
            )
          }
          void set.load()
          await server.rest()
          const { revision, shown, busy, problem, next } = set.state.value
          expect([revision, busy, problem]).toEqual([counts.length, false, null])
          expect(next === null || rows().length >= Math.max(sizes.page, shown)).toBe(true)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('stand there after the first answer, which is of no more than a screen', async () => {
    const server = newServer([30])
    const set = openAffected(server.ask, sizes)
    void set.load()
    await server.settle(0, 'answer')
    expect(set.state.value.serials).toHaveLength(3)
    // Revisions and more rows are asked for beside the reader, without a third question.
    expect(server.asked).toHaveLength(2)
    await server.rest()
    expect(set.state.value.serials).toHaveLength(8)
    expect(server.limits).toEqual([3, 5])
  })

  it('come further when they are wanted before those that are on their way are there', async () => {
    const server = newServer([30])
    const set = openAffected(server.ask, sizes)
    void set.load()
    await server.settle(0, 'answer')
    for (let time = 0; time < 3; time++) set.showMore()
    await server.rest()
    expect(set.state.value).toMatchObject({ shown: 12, busy: false })
    expect(set.state.value.serials.length).toBeGreaterThanOrEqual(12)
  })

  it('stay when the server is away, with what is wrong, and come when it is back', async () => {
    const server = newServer([30, 20])
    const set = openAffected(server.ask, sizes)
    void set.load()
    await server.rest()
    server.restate(25)
    void set.load()
    await server.settle(0, 'fail')
    expect(set.state.value).toMatchObject({ revision: 2, busy: false, problem: { status: 0 } })
    expect(set.state.value.serials).toHaveLength(8)
    void set.load()
    await server.rest()
    expect(set.state.value).toMatchObject({ revision: 3, count: 25, problem: null })
  })

  it('of a page that was left are not looked at', async () => {
    const server = newServer([30])
    const set = openAffected(server.ask, sizes)
    void set.load()
    set.close()
    await server.rest()
    expect(set.state.value.revision).toBe(0)
    expect(server.limits).toEqual([3])
  })
})
