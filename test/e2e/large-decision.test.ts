// A decision on 100,000 units of one trailer, over a real server: counted, proposed and signed by
// what passports recommend, without a serial number sent; by a list of serial numbers; two people
// at once; and nothing is signed when passports recommend something else by then.
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { associated, commissioned, documentOf, packed, unpacked } from '../../simulators/events.ts'
import { giai, gtin, sgln, sgtin, sscc } from '../../simulators/keys.ts'
import { createRandom } from '../../simulators/random.ts'
import { adminToken, startServer, type TestServer } from './server.ts'

const minute = 60_000
const count = 100_000
const perBox = 100
const boxCount = count / perBox
/** These left the trailer ten minutes into the breach, for a pallet that was well. */
const early = 300
const start = Math.floor(Date.now() / minute) * minute - 20 * 60 * minute
const product = gtin(0, 5)
const trailer = sscc(4, 1)
const pallet = sscc(3, 1)
const unit = (n: number): string => sgtin(product, `W${n}`)
const random = createRandom('large decision')
const at = (time: number) => ({ time, place: sgln(1), random })
const range = (from: number, length: number) => Array.from({ length }, (_, i) => from + i)
const box = (n: number): string => sscc(2, n)
const unitsOf = (n: number): string[] => range(n * perBox, perBox).map(unit)

interface Counts {
  revision: number
  serialSetHash: string
  serialCount: number
  recommended: { hash: string; in: number; out: number; indeterminate: number; none: number }
}
interface Disposition {
  id: string
  state: string
  recordHash: string
  left: number
  parts: { decision: string; count: number; verdict: string | null }[]
  captures: { events: number; keptAt: string | null }[]
  stale: { code: string; path: string; detail: string }[]
}

let server: TestServer
let alert: { id: string; serialCount: number }

beforeAll(async () => {
  server = await startServer()
  await server.api('PUT', `/api/v1/products/${product}`, {
    name: 'Vaccine',
    profile: { ruleSet: 'pharma-2-8', loggingIntervalSeconds: 600 },
  })
  for (const id of ['L1', 'L2'])
    await server.api('POST', '/api/v1/devices', { id, giai: giai(id), loggingIntervalSeconds: 600 })
  await capture(
    range(0, boxCount).map((n) =>
      commissioned(at(start), unitsOf(n), { lot: 'W', expiry: '2029-01-01' }),
    ),
  )
  await capture(range(0, boxCount).map((n) => packed(at(start), box(n), unitsOf(n))))
  const boxes = range(0, boxCount).map(box)
  await capture([
    packed(at(start), trailer, boxes),
    associated(at(start), 'ADD', { container: trailer, logger: giai('L1') }),
    unpacked(at(start + 220 * minute), trailer, boxes.slice(0, early)),
    packed(at(start + 220 * minute), pallet, boxes.slice(0, early)),
    associated(at(start), 'ADD', { container: pallet, logger: giai('L2') }),
  ])
  for (const device of ['L2', 'L1']) {
    const readings = range(0, 60).map((i) => ({
      time: new Date(start + i * 10 * minute).toISOString(),
      temperature: device === 'L1' && i > 20 && i < 34 ? 11 : 5,
    }))
    await server.api('POST', `/api/v1/readings?device=${device}`, readings)
  }
  await vi.waitFor(
    async () => {
      const { items } = await server.api<{ items: (typeof alert)[] }>('GET', '/api/v1/alerts')
      alert = items.find(({ serialCount }) => serialCount === count)!
      expect(alert).toBeDefined()
    },
    { timeout: 120_000, interval: 1000 },
  )
}, 400_000)

async function capture(events: object[]): Promise<void> {
  for (let from = 0; from < events.length; from += 200) {
    const part = events.slice(from, from + 200)
    await server.api('POST', '/epcis/capture', documentOf(part as never, Date.now()))
  }
}

const counts = () => server.api<Counts>('GET', `/api/v1/alerts/${alert.id}/recommended-counts`)
const aboutOf = ({ revision, serialSetHash, recommended }: Counts) => ({
  ...{ alert: alert.id, revision, serialSetHash, recommended },
})
const propose = (about: object, parts: object[]) =>
  server.ask('POST', '/api/v1/dispositions', {
    body: { about, parts, reason: 'as passports recommend' },
  })
const sign = ({ id, recordHash }: Disposition, revision: number) =>
  server.ask('POST', `/api/v1/dispositions/${id}/signature`, {
    body: {
      ...{ meaning: 'approval', reason: 'I agree', recordHash, revision },
      ...{ token: adminToken, printedName: 'Ana Roth' },
    },
  })
const json = async <T>(answer: Response): Promise<T> => (await answer.json()) as T
interface Refused {
  errors: { code: string; path: string; detail: string }[]
}
const byVerdict = [
  { decision: 'release', verdict: 'in' },
  { decision: 'reject', verdict: 'out' },
]

describe('a decision on 100,000 units', () => {
  it('is counted by the server, each unit once', async () => {
    const { serialCount, recommended } = await counts()
    expect(serialCount).toBe(count)
    const { hash: _, ...told } = recommended
    const within = early * perBox
    expect(told).toEqual({ in: within, out: count - within, indeterminate: 0, none: 0 })
  }, 60_000)

  it('takes a list of 30,000 serial numbers, and names each place that is no unit in question', async () => {
    const serials = range(0, early * perBox).map((n) => `W${n}`)
    const { recommended: _, ...about } = aboutOf(await counts())
    const made = await propose(about, [
      { decision: 'quarantine', epcs: serials },
      { decision: 'reject', rest: true },
    ])
    expect(made.status).toBe(201)
    expect((await json<Disposition>(made)).parts.map((part) => part.count)).toEqual([
      early * perBox,
      count - early * perBox,
    ])
    const wrong = serials.with(17, 'W-of-nobody').with(20_000, unit(count))
    const refused = await propose(about, [{ decision: 'quarantine', epcs: wrong }])
    expect(refused.status).toBe(422)
    const { errors } = await json<Refused>(refused)
    expect(errors.map(({ path }) => path)).toEqual(['/parts/0/epcs/17', '/parts/0/epcs/20000'])
  }, 120_000)

  it('signs nothing when passports recommend something else by then', async () => {
    const seen = await counts()
    const others = { ...seen.recommended, hash: '0'.repeat(64), out: seen.recommended.out - 1 }
    const stale = await propose(aboutOf({ ...seen, recommended: others }), byVerdict)
    expect(stale.status).toBe(409)
    expect((await json<Refused>(stale)).errors[0]).toMatchObject({ code: 'quality/recommended' })

    const made = await propose(aboutOf(seen), byVerdict)
    expect(made.status).toBe(201)
    const proposal = await json<Disposition>(made)
    // The logger turns out to have been past its calibration: nothing is known to be within
    // limits.
    const day = 24 * 60 * minute
    await server.api('PATCH', '/api/v1/devices/L1', {
      calibratedAt: new Date(start - 2 * day).toISOString(),
      calibrationDue: new Date(start - day).toISOString(),
    })
    const now = await counts()
    expect(now.recommended.hash).not.toBe(seen.recommended.hash)
    const refused = await sign(proposal, seen.revision)
    expect(refused.status).toBe(409)
    const { errors } = await json<Refused>(refused)
    expect(errors[0]!.code).toBe('quality/recommended')
    expect(errors.at(-1)!.detail).toMatch(/^and \d+ more units$/)
    const shown = await server.api<Disposition>('GET', `/api/v1/dispositions/${proposal.id}`)
    expect(shown.state).toBe('proposed')
    expect(shown.stale[0]!.code).toBe('quality/recommended')
  }, 180_000)

  it('lets one of two people at once win, and what it says is what was seen', async () => {
    const seen = await counts()
    const parts = [
      { decision: 'quarantine', verdict: 'indeterminate' },
      { decision: 'reject', verdict: 'out' },
    ].filter(({ verdict }) => seen.recommended[verdict as 'out'] > 0)
    const proposals: Disposition[] = []
    for (let i = 0; i < 2; i++)
      proposals.push(await json<Disposition>(await propose(aboutOf(seen), parts)))
    for (const { parts: told, left } of proposals) {
      for (const part of told) expect(part.count).toBe(seen.recommended[part.verdict as 'out'])
      expect(left + told.reduce((sum, part) => sum + part.count, 0)).toBe(count)
    }
    const answers = await Promise.all(proposals.map((each) => sign(each, seen.revision)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const lost = answers.findIndex(({ status }) => status === 409)
    const won = await json<Disposition>(answers[1 - lost]!)
    expect((await json<Refused>(answers[lost]!)).errors[0]!.code).toBe('quality/decided')
    expect(won.captures.every(({ keptAt }) => keptAt !== null)).toBe(true)
    interface Picks {
      takeCount: number
      lines: { pick: string; container: string; takeCount: number }[]
    }
    const list = `/api/v1/dispositions/${won.id}/pick-list?decision=reject`
    const picks = await server.api<Picks>('GET', list)
    expect(picks.takeCount).toBe(seen.recommended.out)
    const taken = picks.lines.reduce((sum, { takeCount }) => sum + takeCount, 0)
    expect(taken).toBe(seen.recommended.out)
    const report = await server.ask('GET', `/api/v1/dispositions/${won.id}/report`, {
      headers: { Accept: 'application/pdf' },
    })
    expect(report.status).toBe(200)
    expect((await report.arrayBuffer()).byteLength).toBeGreaterThan(1000)
  }, 240_000)
})
