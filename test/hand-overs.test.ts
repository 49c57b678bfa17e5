// Budgets handed over from one party to the next: two installations that know nothing of each other
// but a public key. Nothing that is not signed as it stands is ever counted.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenHttp } from '../api/listen.ts'
import { type HandOver, openingOf, parseHandOver } from '../domain/hand-over.ts'
import { newHandOverKey, readSigned, signHandOver } from '../trace/hand-overs.ts'
import { type Api, adminToken, commission, documentOf, gtin, openApi, unit } from './api-app.ts'
import { epcisEvent, readingsEnvelope } from './pipeline.ts'

const minute = 60_000
const hour = 60 * minute
const start = Date.UTC(2026, 1, 1)
const limit = { side: 'above', limitC: 8 } as const

const statement: HandOver = {
  ...{ from: start, to: start + hour, epc: unit('A'), whole: true, knownMs: 50 * minute },
  ...{ minC: 4, maxC: 9, mktC: 6, kineticMs: hour, freezeThawCycles: 0, verdict: 'in' },
  passportHash: 'ab',
  draws: [{ limit, allowedMs: hour, drawnMs: 5 * minute, unknownMs: 10 * minute }],
  zones: [{ limit: { side: 'below', limitC: 2 }, ms: 0 }],
}

describe('a signed hand-over', () => {
  const key = newHandOverKey('us', start)
  const signed = signHandOver(statement, key)

  it('says what was signed, to whoever knows the key', () => {
    expect(readSigned(signed, [key])).toEqual({ handOver: statement, key })
    expect(readSigned(signed, [])).toBe('unknown-key')
    expect(readSigned(signed, [newHandOverKey('other', start)])).toBe('unknown-key')
    expect(readSigned(signed, [{ ...key, revokedAt: start }])).toBe('revoked-key')
    // A key that only says it is the one.
    const { publicKey } = newHandOverKey('other', start)
    expect(readSigned(signed, [{ ...key, publicKey }])).toBe('bad-signature')
  })

  it('is never believed with anything in it changed', () => {
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.constantFrom(...'AZaz09-_.'), (at, letter) => {
        if (signed[at] === letter) return
        const read = readSigned(`${signed.slice(0, at)}${letter}${signed.slice(at + 1)}`, [key])
        // The last bits of a base64url text may say nothing: then it is what was signed.
        if (typeof read !== 'string') expect(read.handOver).toEqual(statement)
      }),
      { numRuns: 500 },
    )
  })

  it('is no hand-over with anything missing or beyond reason', () => {
    const parse = (change: object) =>
      parseHandOver(JSON.stringify({ kind: 'isotherm-hand-over/1', ...statement, ...change }))
    expect(parse({})).toEqual(statement)
    for (const change of [
      ...[{ kind: 'other' }, { from: start + 2 * hour }, { knownMs: 2 * hour }, { knownMs: -1 }],
      ...[{ draws: [{ limit, allowedMs: 1, drawnMs: -1, unknownMs: 0 }] }, { zones: {} }],
      ...[{ whole: 'yes' }, { minC: undefined }, { epc: 1 }, { draws: [null] }],
    ])
      expect(parse(change)).toBe(undefined)
    expect(parseHandOver('[')).toBe(undefined)
  })

  it('of a budget that the partner did not count says nothing good', () => {
    const of = (limitC: number, side: 'above' | 'below' = 'above') =>
      openingOf(statement, [{ limit: { side, limitC }, allowedMs: 1 }])[0]
    expect(of(8)).toMatchObject({ allowedMs: 1, drawnMs: 5 * minute, unknownMs: 10 * minute })
    expect(of(2, 'below')).toMatchObject({ drawnMs: 0, unknownMs: 10 * minute })
    expect(of(15)).toMatchObject({ drawnMs: 0, unknownMs: hour })
  })
})

/** What examples/hand-over.sh prints, run as it stands. */
async function runExample(of: { maker: Api; shop: Api }, epc: string): Promise<unknown> {
  const at = { host: '127.0.0.1', port: 0 }
  const [maker, shop] = await Promise.all([
    listenHttp(of.maker.app, at),
    listenHttp(of.shop.app, at),
  ])
  try {
    const env = {
      ...process.env,
      ...{ MAKER: `http://127.0.0.1:${maker.port}`, MAKER_TOKEN: adminToken },
      ...{ SHOP: `http://127.0.0.1:${shop.port}`, SHOP_TOKEN: adminToken, WAIT: '1' },
    }
    const { stdout } = await promisify(execFile)('examples/hand-over.sh', [epc], { env })
    return JSON.parse(stdout)
  } finally {
    await Promise.all([maker.close(), shop.close()])
  }
}

interface Told {
  verdict: string
  budgets: Record<string, number>[]
  handOver: Record<string, unknown> | null
  refusedHandOvers: { eventID: string; reason: string }[]
  reasons: { finding: string }[]
}
interface Document {
  '@context': unknown[]
  epcisBody: { eventList: Record<string, unknown>[] }
}

describe('two parties', () => {
  let maker: Api
  let shop: Api
  beforeAll(async () => {
    ;[maker, shop] = await Promise.all([openApi(), openApi()])
  })
  afterAll(() => Promise.all([maker.close(), shop.close()]))

  const profile = {
    rangeC: { min: 2, max: 8 },
    rules: [{ id: 'freeze', kind: 'single', below: -0.5, forMinutes: 60, severity: 'critical' }],
    budgets: [{ above: 8, minutes: 120 }],
  }
  const capture = async (api: Api, ...events: object[]): Promise<void> => {
    const answer = await api.ask('POST', '/epcis/capture', { body: documentOf(...events) })
    expect(answer.status).toBe(202)
    await api.settled()
  }
  /** A box with a logger, in which units are for some hours, the first of them warm. */
  const keep = async (api: Api, serials: string[], [from, hours, warmMinutes]: number[]) => {
    await api.json('PUT', `/api/v1/products/${gtin}`, { body: { name: 'x', profile } })
    const logger = 'https://id.gs1.org/8004/9521234LOG1'
    const device = { id: 'd1', giai: logger, loggingIntervalSeconds: 300 }
    await api.ask('POST', '/api/v1/devices', { body: device })
    const box = 'https://id.gs1.org/8003/09521234000013BOX'
    const to = from! + hours! * hour
    const move = (type: string, children: string[]) =>
      epcisEvent(type, from!, { action: 'ADD', parentID: box, childEPCs: children })
    const readings = []
    for (let time = from!; time <= to; time += 5 * minute)
      readings.push({ time, temperature: time < from! + warmMinutes! * minute ? 9 : 5 })
    await capture(
      api,
      move('AggregationEvent', serials.map(unit)),
      move('AssociationEvent', [logger]),
    )
    const kept = readingsEnvelope('default', 'd1', { readings, recordTime: to })
    await api.log.whenDurable(await api.log.append(kept))
    await api.settled()
  }
  const path = (serial: string, leaf: string): string =>
    `/api/v1/units/${encodeURIComponent(unit(serial))}/${leaf}`
  const at = (time: number): string => new Date(time).toISOString()
  const told = (api: Api, serial: string, to: number): Promise<Told> =>
    api.json('GET', path(serial, `passport?to=${at(to)}`))
  const handed = (api: Api, serial: string, to: number): Promise<Document> =>
    api.json('POST', path(serial, `hand-over?to=${at(to)}`))
  const arrive = (api: Api, document: Document): Promise<void> =>
    capture(
      api,
      ...document.epcisBody.eventList.map((event) => ({
        '@context': [document['@context'][1]],
        ...event,
      })),
    )

  it('draw on one budget, and only by what was signed', async () => {
    await capture(maker, { ...commission(['A', 'B', 'C', 'D'], 'L'), eventTime: at(start) })
    await keep(maker, ['A', 'B', 'C', 'D'], [start, 4, 60])
    const shipped = start + 4 * hour
    const [good, changed, other, late] = await Promise.all(
      ['A', 'B', 'C', 'D'].map((serial) => handed(maker, serial, shipped)),
    )
    // As another unit's, of another time, and with a word of it changed.
    Object.assign(changed!.epcisBody.eventList[0]!, { eventTime: at(shipped + 1) })
    const jws = String(other!.epcisBody.eventList[0]!['isotherm:statement']).split('.')
    const payload = JSON.parse(Buffer.from(jws[1]!, 'base64url').toString())
    payload.draws[0].drawnMs = 0
    jws[1] = Buffer.from(JSON.stringify(payload)).toString('base64url')
    other!.epcisBody.eventList[0]!['isotherm:statement'] = jws.join('.')
    const received = shipped + hour
    await keep(shop, ['A', 'B', 'C', 'D'], [received, 4, 30])
    const end = received + 4 * hour

    await arrive(shop, good!)
    const before = await told(shop, 'A', end)
    expect(before.refusedHandOvers).toMatchObject([{ reason: 'unknown-key' }])
    expect(before.handOver).toBe(null)
    expect(before.reasons.map(({ finding }) => finding)).toContain('unknown-life')

    const { keys } = await maker.json<{ keys: { x: string; kid: string }[] }>(
      'GET',
      '/.well-known/isotherm-keys/default',
      { token: '' },
    )
    expect(keys).toHaveLength(1)
    expect(keys[0]).not.toHaveProperty('d')
    const trusted = await shop.json('POST', '/api/v1/hand-over-keys', {
      body: { name: 'Maker', key: keys[0] },
    })
    expect(trusted).toMatchObject({ id: keys[0]!.kid, own: false, name: 'Maker' })
    expect(trusted).not.toHaveProperty('privateKey')
    const after = await told(shop, 'A', end)
    expect(after).toMatchObject({
      ...{ handOver: { partner: 'Maker', minutes: 240, verdict: 'in' }, refusedHandOvers: [] },
      // The hour between is unknown.
      budgets: [{ drawnMinutes: 90, leftMinutes: 30, unknownMinutes: 60 }],
      verdict: 'indeterminate',
    })
    const findings = after.reasons.map(({ finding }) => finding)
    expect(findings).not.toContain('unknown-life')
    expect(findings).toContain('budget-perhaps-overdrawn')

    await arrive(shop, changed!)
    await arrive(shop, other!)
    expect((await told(shop, 'B', end)).refusedHandOvers[0]!.reason).toBe('content-changed')
    expect((await told(shop, 'C', end)).refusedHandOvers[0]!.reason).toBe('bad-signature')
    // Of D what was signed of A.
    late!.epcisBody.eventList[0]!['isotherm:statement'] =
      good!.epcisBody.eventList[0]!['isotherm:statement']
    await arrive(shop, late!)
    expect((await told(shop, 'D', end)).refusedHandOvers[0]!.reason).toBe('content-changed')
    for (const serial of ['B', 'C', 'D'])
      expect(await told(shop, serial, end)).toMatchObject({
        ...{ handOver: null, budgets: [{ drawnMinutes: 30 }] },
      })

    const example = await runExample({ maker, shop }, unit('B'))
    expect(example).toMatchObject({ budgets: [{ drawnMinutes: 90 }], handOver: { minutes: 240 } })

    // And back: what the shop says holds what the maker had said.
    const back = await handed(shop, 'A', end)
    const shopKeys = await shop.json<{ keys: object[] }>(
      'GET',
      '/.well-known/isotherm-keys/default',
    )
    await maker.json('POST', '/api/v1/hand-over-keys', {
      body: { name: 'Shop', key: shopKeys.keys[0] },
    })
    await arrive(maker, back)
    expect(await told(maker, 'A', end)).toMatchObject({
      handOver: { partner: 'Shop', from: at(start).replace('.000', '') },
      budgets: [{ drawnMinutes: 90, unknownMinutes: 60 }],
    })
    await shop.ask('DELETE', `/api/v1/hand-over-keys/${keys[0]!.kid}`)
    expect((await told(shop, 'A', end)).refusedHandOvers[0]!.reason).toBe('revoked-key')
    const wrong = { name: 'x', key: { kty: 'OKP', crv: 'Ed25519', x: 'short' } }
    expect((await shop.ask('POST', '/api/v1/hand-over-keys', { body: wrong })).status).toBe(400)
  })
})
