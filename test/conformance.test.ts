import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gradeSender, type Observed } from '../domain/conformance.ts'
import { openApi, testNow } from './api-app.ts'

const minute = 60_000
const start = Date.UTC(2026, 2, 1)
const every = (count: number, stepMs = minute) =>
  Array.from({ length: count }, (_, index) => ({ time: start + index * stepMs, value: 4 }))
const clock = { behindMs: 3000, confidence: 'high', looks: 5, since: start } as const
const good: Observed = {
  window: { from: start, to: start + 3_600_000 },
  points: every(60),
  ...{ refused: 0, codes: [], loggingIntervalMs: minute, clock },
}
const pointsOf = (observed: Observed) =>
  Object.fromEntries(gradeSender(observed).checks.map(({ check, points }) => [check, points]))

describe('the grade of a sender', () => {
  it('is full for one that sends as declared, and only for such a one', () => {
    expect(gradeSender(good).score).toBe(100)
    expect(pointsOf({ ...good, refused: 1, codes: ['packet/json'] })).toMatchObject({ schema: 29 })
    const irregular = every(60).map((each, index) => ({
      ...each,
      time: each.time + (index % 2) * 20_000,
    }))
    expect(pointsOf({ ...good, points: irregular })).toMatchObject({ interval: 0, holes: 20 })
    const holed = every(60).filter((_, index) => index < 20 || index >= 40)
    const { holes, interval } = pointsOf({ ...good, points: holed })
    expect([holes! < 20, interval]).toEqual([true, 30])
  })

  it('blames a clock that is ahead even when little is known, and one that is late', () => {
    const ahead = { ...clock, behindMs: -10 * minute, confidence: 'none' } as const
    expect(pointsOf({ ...good, clock: ahead })).toMatchObject({ clock: 0 })
    expect(pointsOf({ ...good, clock: { ...clock, behindMs: 20 * minute } })).toMatchObject({
      clock: 0,
    })
  })

  it('counts the session of an edge node, of those that have one', () => {
    const told = (code: 'messages-missing' | 'node-offline') => ({
      code,
      figures: {},
      detail: code,
    })
    const of = (...codes: ('messages-missing' | 'node-offline')[]) =>
      pointsOf({ ...good, connection: codes.map(told) }).connection
    expect([of(), of('messages-missing'), of('node-offline', 'messages-missing')]).toEqual([
      20, 10, 0,
    ])
    expect(pointsOf(good)).not.toHaveProperty('connection')
    expect(gradeSender({ ...good, connection: [] }).score).toBe(100)
  })

  it('gives neither points nor blame for what is not known', () => {
    const nothing = gradeSender({ ...good, points: [], clock: undefined })
    expect(nothing.score).toBeNull()
    const undeclared = gradeSender({ ...good, loggingIntervalMs: undefined, clock: undefined })
    expect(undeclared.score).toBe(100)
    expect(undeclared.checks.filter(({ points }) => points === null)).toHaveLength(3)
  })

  it('lies within its bounds, and never rises with refusals', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(100), fc.nat(100), (count, refused, more) => {
        const graded = (number: number) =>
          gradeSender({ ...good, points: every(count), refused: number }).score ?? 0
        const [one, two] = [graded(refused), graded(refused + more)]
        expect(one).toBeLessThanOrEqual(100)
        expect(two).toBeGreaterThanOrEqual(0)
        if (count > 0) expect(two).toBeLessThanOrEqual(one)
      }),
    )
  })
})

it('is asked for by those who look after devices, and counts what was refused', async () => {
  const api = await openApi()
  try {
    const body = { id: 'L-1', loggingIntervalSeconds: 60 }
    await api.ask('POST', '/api/v1/devices', { body })
    const readings = Array.from({ length: 30 }, (_, index) => ({
      time: testNow - (30 - index) * minute,
      temperature: index === 9 ? 'warm' : 4,
    }))
    await api.ask('POST', '/api/v1/readings?device=L-1', { body: readings })
    await api.settled()
    const path = '/api/v1/devices/L-1/conformance'
    const told = await api.json<{ checks: object[] }>('GET', path)
    expect(told.checks[0]).toEqual({
      ...{ check: 'schema', points: 29, of: 30 },
      ...{ code: 'refused', figures: { codes: 'reading/value-invalid', kept: 29, refused: 1 } },
      detail: '1 refused (reading/value-invalid), 29 readings kept',
    })
    const viewer = await api.keyWith('viewer')
    expect((await api.ask('GET', path, { token: viewer })).status).toBe(403)
    expect((await api.ask('GET', '/api/v1/devices/L-9/conformance')).status).toBe(404)
  } finally {
    await api.close()
  }
})
