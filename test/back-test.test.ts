// Back-tests say beforehand what a changed profile does to the alerts: the one that judges gives
// exactly the live alerts (I3), and a proposed one, once it is signed, exactly what was told of it.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backTest } from '../analytics/back-test/back-test.ts'
import { startBackTestThreads } from '../analytics/back-test/threads.ts'
import { hashPassword } from '../api/people/passwords.ts'
import type { BackTestReport, ListedExcursion } from '../domain/back-test.ts'
import { parseProfile } from '../domain/profile/parse.ts'
import { markDirty } from '../store/ledger/detectors.ts'
import { insertArmings } from '../store/ledger/limits.ts'
import { insertPerson } from '../store/ledger/people.ts'
import { type Api, bodyOf, openApi } from './api-app.ts'
import {
  captureEnvelope,
  epcisEvent,
  openPipeline,
  type Pipeline,
  readingsEnvelope,
} from './pipeline.ts'
import {
  envelopesOf,
  epcOf,
  horizon,
  loggerOf,
  minute,
  products,
  timeOf,
  worldArbitrary,
} from './worlds.ts'

const always = { from: 0, to: Number.MAX_SAFE_INTEGER }
const never = {
  rules: [{ id: 'never', kind: 'instant', above: 150, severity: 'info' }],
}

function profileOf(body: unknown) {
  const profile = parseProfile(body)
  if (!profile.ok) throw new Error(JSON.stringify(profile.refusals))
  return profile.value
}

describe('over random worlds', () => {
  let pipeline: Pipeline
  const threads = startBackTestThreads(1)
  beforeAll(async () => {
    pipeline = await openPipeline()
  })
  afterAll(async () => {
    await threads.end()
    await pipeline.close()
  })

  const label = (on: fc.Arbitrary<string>, latest: number) =>
    fc.record({
      on,
      minute: fc.nat(latest),
      limits: fc.constantFrom({ minC: null, maxC: 8 }, { minC: 5, maxC: 9 }),
    })
  const anything = fc.oneof(fc.nat(1).map(epcOf.pallet), fc.nat(2).map(epcOf.case))
  /** What labels ask for is judged beside the rules of profiles; most worlds have one early on. */
  const armed = fc
    .tuple(
      label(fc.constant(epcOf.pallet(0)), 60),
      fc.array(label(anything, horizon), { maxLength: 2 }),
    )
    .map(([early, others]) => [early, ...others])

  /** The lane of each pallet: when it was shipped, received and shipped again. */
  const lanes = fc
    .tuple(fc.nat(60), fc.array(fc.tuple(fc.nat(1), fc.nat(horizon)), { maxLength: 4 }))
    .map(([shipped, others]) =>
      [[0, shipped] as const, ...others].map(([pallet, m], i) =>
        epcisEvent('ObjectEvent', timeOf(m), {
          ...{ action: 'OBSERVE', bizStep: i % 2 === 0 ? 'shipping' : 'receiving' },
          epcList: [epcOf.pallet(pallet)],
        }),
      ),
    )

  const run = (tenant: string, gtin: string, body: unknown): Promise<BackTestReport> =>
    backTest(
      { db: pipeline.ledger.db, series: pipeline.series, keptFrom: Number.NEGATIVE_INFINITY },
      {
        ...{ tenant, gtin, profile: profileOf(body), effectiveFrom: null },
        ...{ span: always, costPerUnit: 2 },
      },
      { signal: new AbortController().signal, progress: () => undefined, threads },
    )

  const told = (list: readonly ListedExcursion[]) =>
    list
      .map(({ id, outMs, holeMs, ...one }) => ({
        ...{ id, minutes: outMs / minute, unknownMinutes: holeMs / minute, from: one.from },
        ...{ to: one.to, peakC: one.peakC, verdict: one.verdict, rule: one.rule },
        ...{ serialCount: one.serialCount, serialSetHash: one.serialSetHash, label: one.label },
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))

  async function live(tenant: string, gtin: string) {
    const alerts = await pipeline.alerts(tenant)
    return alerts
      .filter(({ alert }) => alert.gtin === gtin && alert.status === 'open')
      .map(({ alert }) => ({
        ...{ id: alert.id, minutes: alert.minutes, unknownMinutes: alert.unknownMinutes },
        ...{ from: alert.from, to: alert.to, peakC: alert.peakC, verdict: alert.verdict },
        ...{ rule: alert.rule, serialCount: alert.serialCount },
        ...{ serialSetHash: alert.serialSetHash, label: alert.label },
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  const ruled = <T extends { label: string | undefined }>(list: readonly T[]): T[] =>
    list.filter(({ label }) => label === undefined)

  it('gives the live alerts for the profile in force, and what a changed one then makes of them', async () => {
    let alerts = 0
    let labelled = 0
    const one = fc.tuple(worldArbitrary, armed, lanes)
    const worlds = fc.array(one, { minLength: 10, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(worlds, async (all) => {
        const tenants: string[] = []
        for (const [world, labels, steps] of all) {
          const tenant = `b${alerts}x${tenants.length}`
          for (const { gtin, rules } of products) await pipeline.addProduct(tenant, gtin, { rules })
          const loggingIntervalMs = (world.gapMinutes * minute) / 2.5
          const about = { giai: loggerOf(tenant), loggingIntervalMs }
          await pipeline.addDevice(tenant, `${tenant}d`, about)
          await insertArmings(
            pipeline.ledger.db,
            tenant,
            labels.map(({ on, minute: m, limits }) => ({
              ...{ container: on, armedAt: timeOf(m), ...limits },
              ...{ label: `${on} ${m}`, armedBy: 'admin', recordTime: 0 },
            })),
          )
          await pipeline.keep(envelopesOf(world, { tenant, device: `${tenant}d` }))
          await pipeline.keep([captureEnvelope(tenant, steps, timeOf(horizon))])
          tenants.push(tenant)
        }
        await pipeline.settle()
        for (const tenant of tenants)
          for (const { gtin, rules } of products) {
            const before = await live(tenant, gtin)
            alerts += before.length
            labelled += before.length - ruled(before).length
            const same = await run(tenant, gtin, { rules })
            expect([same.gained.alerts, same.lost.alerts, same.changed.alerts]).toEqual([0, 0, 0])
            expect([same.notLive, same.notJudged.liveAlerts]).toEqual([0, 0])
            expect(same.unitVerdicts).toEqual({})
            // No profile takes away what a label asks for.
            const { lost, gained } = await run(tenant, gtin, never)
            expect(told(lost.list)).toEqual(ruled(before))
            expect(gained.alerts).toBe(0)
            await comesTrue(tenant, gtin)
          }
      }),
      // Smaller worlds are no help here, and each try is a whole pipeline.
      { numRuns: 1, endOnFailure: true },
    )
    expect(alerts - labelled).toBeGreaterThan(4)
    expect(labelled).toBeGreaterThan(4)
    expect(judged).toContain('road')
  })

  /** Rules that found anything in some world. */
  const judged = new Set<string>()

  /** The proposed profile is stored, and the alerts are those that were told. */
  async function comesTrue(tenant: string, gtin: string): Promise<void> {
    const proposed = {
      // How long a reading stands moves the excursions of labels, too.
      gapFactor: 1.5,
      rules: [
        { id: 'heat', kind: 'single', above: 7, forMinutes: 15, severity: 'major' },
        { id: 'sum', kind: 'cumulative', above: 8, forMinutes: 45, severity: 'minor' },
        { id: 'road', kind: 'single', above: 5, forMinutes: 10, phases: ['transit'] },
        { id: 'stock', kind: 'instant', above: 11, phases: ['origin', 'destination'] },
      ],
    }
    const { before, after, gained, lost } = await run(tenant, gtin, proposed)
    await pipeline.addProduct(tenant, gtin, proposed)
    const devices = [`${tenant}d`]
    await markDirty(pipeline.ledger.db, tenant, { devices, since: 0, cause: 'profile' })
    await pipeline.settle()
    const now = await live(tenant, gtin)
    expect(after.alerts).toBe(now.length)
    expect(after.alerts - before.alerts).toBe(gained.alerts - lost.alerts)
    const hours = now.reduce((sum, { minutes }) => sum + minutes / 60, 0)
    expect(after.hours).toBeCloseTo(hours, 9)
    expect(after.cost).toBe(2 * after.unitsOut)
    const ids = new Set(now.map(({ id }) => id))
    for (const { id } of gained.list) expect(ids).toContain(id)
    for (const { id } of lost.list) expect(ids).not.toContain(id)
    const same = await run(tenant, gtin, proposed)
    expect([same.gained.alerts, same.lost.alerts, same.changed.alerts]).toEqual([0, 0, 0])
    expect([same.notLive, same.notJudged.liveAlerts]).toEqual([0, 0])
    for (const { rule } of now) judged.add(rule)
  }
})

describe('over HTTP', () => {
  const tenant = 'default'
  const gtin = products[0].gtin
  const hour = 60 * minute
  const begin = Date.UTC(2026, 2, 2)
  const pallet = 'https://id.gs1.org/00/095212340000000013'
  let pipeline: Pipeline
  let api: Api
  beforeAll(async () => {
    pipeline = await openPipeline()
    api = await openApi({ ledger: pipeline.ledger, series: pipeline.series })
    await pipeline.addProduct(tenant, gtin, { rules: products[0].rules })
    await pipeline.addDevice(tenant, 'd', { giai: loggerOf('d'), loggingIntervalMs: 5 * minute })
    const units = [1, 2].map((n) => `https://id.gs1.org/01/${gtin}/21/U${n}`)
    const children = (list: string[]) => ({ action: 'ADD', parentID: pallet, childEPCs: list })
    const events = [
      epcisEvent('AggregationEvent', begin, children(units)),
      epcisEvent('AssociationEvent', begin, children([loggerOf('d')])),
    ]
    const recordTime = begin + 12 * hour
    await pipeline.keep([captureEnvelope(tenant, events, recordTime)])
    // 20 minutes above 8 °C, and an hour without a word.
    const readings = Array.from({ length: 60 }, (_, i) => ({
      time: begin + i * 5 * minute,
      temperature: i >= 20 && i < 24 ? 9 : 5,
    })).filter((_, i) => i < 40 || i >= 52)
    await pipeline.keep([readingsEnvelope(tenant, 'd', { readings, recordTime })])
    await pipeline.settle()
  })
  afterAll(async () => {
    await api.close()
    await pipeline.close()
  })

  const stricter = { rules: [{ ...products[0].rules[0], forMinutes: 15 }, products[0].rules[1]] }
  interface Told {
    id: string
    status?: number
    detail: string
    state: string
    report: BackTestReport
    reportHash: string
    record: Record<string, unknown>
    recordHash: string
    items: unknown[]
  }
  const at = (path: string): string => `/api/v1/products/${gtin}/${path}`
  const settings = (changeControl: string) =>
    api.ask('PUT', '/api/v1/settings', { body: { changeControl } })

  async function tested(body: object): Promise<Told> {
    const answer = await api.ask('POST', at('back-tests'), { body })
    expect(answer.status).toBe(202)
    const { id } = await bodyOf<Told>(answer)
    return expect
      .poll(async () => api.json<Told>('GET', at(`back-tests/${id}`)), { timeout: 20_000 })
      .toMatchObject({ state: 'done' })
      .then(() => api.json<Told>('GET', at(`back-tests/${id}`)))
  }

  const sign = (change: Told, body: object, token?: string) =>
    api.ask('POST', at(`changes/${change.id}/signature`), {
      body: {
        ...{ meaning: 'approval', reason: 'the test is good', printedName: 'Ada Example' },
        ...{ recordHash: change.recordHash, token: token ?? 'the-token-of-the-administrator' },
        ...body,
      },
      ...(token !== undefined && { token }),
    })

  it('tells what is gained, what is not known, and is in force once a second person signed', async () => {
    const done = await tested({ profile: stricter, costPerUnit: 40 })
    expect(done.report.gained).toMatchObject({ alerts: 1, units: 2 })
    expect(done.report.gained.list[0]).toMatchObject({
      minutes: 20,
      verdict: 'out',
      serialCount: 2,
    })
    expect(done.report.unitVerdicts).toEqual({ 'untouched>out': 2 })
    expect(done.report.after.cost).toBe(80)
    expect(done.report.before).toMatchObject({ alerts: 0, cost: 0 })
    // 13 intervals between readings, of which 2.5 are stood for.
    expect(done.report.notJudged.unknownHours).toBeCloseTo((10.5 * 5) / 60, 9)
    expect((await settings('four-eyes')).status).toBe(200)
    const put = await api.ask('PUT', `/api/v1/products/${gtin}`, {
      body: { name: gtin, profile: stricter },
    })
    expect(put.status).toBe(409)
    const proposing = { body: { backTest: done.id, reason: 'stability data of lot 7' } }
    const change = await api.json<Told>('POST', at('changes'), proposing)
    expect(change).toMatchObject({ state: 'proposed', stale: false, signature: null })
    expect(change.record).toMatchObject({ backTestHash: done.reportHash, proposedBy: 'admin' })
    expect((await sign(change, {})).status).toBe(403)
    const second = await api.keyWith('quality')
    expect((await sign(change, { recordHash: 'a'.repeat(64) }, second)).status).toBe(409)
    expect((await sign(change, { token: 'the-token-of-the-administrator' }, second)).status).toBe(
      403,
    )
    const answer = await sign(change, {}, second)
    expect(answer.status).toBe(200)
    const signed = await bodyOf<Told>(answer)
    expect(signed).toMatchObject({
      ...{ state: 'approved', version: 2 },
      signature: { record: change.recordHash, meaning: 'approval', printedName: 'Ada Example' },
    })
    expect((await sign(change, {}, second)).status).toBe(409)
    await pipeline.settle()
    const alerts = await pipeline.alerts(tenant)
    expect(alerts.map(({ alert }) => alert.id)).toEqual([done.report.gained.list[0]!.id])
    const { items } = await api.json<Told>('GET', at('changes'))
    expect(items).toEqual([signed])
  })

  it('refuses to approve what was proposed on a profile that has changed since', async () => {
    await settings('none')
    const first = await tested({ profile: never })
    const propose = (id: string) =>
      api.json<Told>('POST', at('changes'), { body: { backTest: id, reason: 'as agreed' } })
    const change = await propose(first.id)
    const other = { rules: [products[0].rules[1]] }
    const body = { name: gtin, profile: other }
    expect((await api.ask('PUT', `/api/v1/products/${gtin}`, { body })).status).toBe(200)
    const { items } = await api.json<Told>('GET', at('changes'))
    expect(items).toContainEqual(expect.objectContaining({ id: change.id, stale: true }))
    const late = await sign(change, {})
    expect(late.status).toBe(409)
    expect((await bodyOf<Told>(late)).detail).toContain('proposed on 2')
    expect((await sign(change, { meaning: 'rejection' })).status).toBe(200)
    expect(await propose(first.id)).toMatchObject({ status: 409 })
  })

  it('is signed by people with their password, in their own name, and not by who proposed', async () => {
    const password = 'four plain words together'
    const tokens = new Map<string, string>()
    for (const [id, role] of [
      ['rosa', 'quality'],
      ['emil', 'quality'],
      ['otto', 'operator'],
    ] as const) {
      await insertPerson(api.deps.ledger.db, {
        ...{ tenant, id, printedName: `Dr. ${id} Example`, email: `${id}@example.org` },
        ...{ roles: JSON.stringify([role]), language: 'en', zone: null, unit: null },
        ...{ passwordHash: await hashPassword(password, { N: 1024, r: 8, p: 1 }) },
        ...{ passwordUntil: null, mustChange: 0, status: 'active', createdAt: 0, createdBy: 'x' },
      })
      const body = { person: id, password }
      const { token } = await api.json('POST', '/api/v1/sign-in', { token: '', body })
      tokens.set(id, token)
    }
    const signAs = (id: string, change: Told, body: object) => {
      const { recordHash } = change
      const given = { meaning: 'approval', reason: 'the test is good', recordHash, ...body }
      const path = at(`changes/${change.id}/signature`)
      return api.ask('POST', path, { body: given, token: tokens.get(id)! })
    }
    await settings('four-eyes')
    const done = await tested({ profile: stricter })
    const proposing = { backTest: done.id, reason: 'stability data of lot 8' }
    const token = tokens.get('rosa')!
    const change = await api.json<Told>('POST', at('changes'), { body: proposing, token })
    expect(change.record).toMatchObject({ proposedBy: 'rosa' })
    // A session is not enough, nor is the password of another, the right or four eyes.
    expect((await signAs('emil', change, {})).status).toBe(400)
    expect((await signAs('emil', change, { token: tokens.get('emil') })).status).toBe(400)
    expect((await signAs('emil', change, { password: 'four other words here' })).status).toBe(401)
    expect((await signAs('otto', change, { password })).status).toBe(403)
    expect((await signAs('rosa', change, { password })).status).toBe(403)
    const { items } = await api.json<Told>('GET', at('changes'))
    const untouched = { id: change.id, state: 'proposed', signature: null }
    expect(items).toContainEqual(expect.objectContaining(untouched))
    const signed = await signAs('emil', change, { password, printedName: 'Somebody Else' })
    expect(signed.status).toBe(200)
    const { state, signature } = await bodyOf<Told & { signature: object }>(signed)
    expect(state).toBe('approved')
    expect(signature).toMatchObject({
      ...{ signer: 'emil', printedName: 'Dr. emil Example', authentication: 'password' },
      ...{ record: change.recordHash, meaning: 'approval', reason: 'the test is good' },
    })
    await settings('none')
  })

  it('ends a back-test on request, and refuses what is none', async () => {
    const { id } = await api.json<Told>('POST', at('back-tests'), { body: { profile: stricter } })
    expect(['cancelled', 'done']).toContain(
      (await api.json<Told>('DELETE', at(`back-tests/${id}`))).state,
    )
    const bad = { profile: { rules: [] } }
    expect((await api.ask('POST', at('back-tests'), { body: bad })).status).toBe(400)
    const viewer = await api.keyWith('viewer')
    const body = { profile: stricter }
    expect((await api.ask('POST', at('back-tests'), { body, token: viewer })).status).toBe(403)
    const other = '/api/v1/products/09521234543220/back-tests'
    expect((await api.ask('GET', `${other}/${id}`)).status).toBe(404)
    expect(api.reported).toEqual([])
  })
})
