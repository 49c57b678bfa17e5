import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { type Api, commission, documentOf, gtin, openApi, testNow, unit } from './api-app.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

const absent = postgresPath === undefined
if (absent) console.warn('skipped: there is no PostgreSQL here (apt-get install postgresql)')

describe('with SQLite', () => {
  let folder: string
  suite(
    async () => {
      folder = mkdtempSync(join(tmpdir(), 'isotherm-verify-'))
      return openSqliteLedger(folder)
    },
    async () => rmSync(folder, { recursive: true, force: true }),
  )
})

describe.skipIf(absent)('with PostgreSQL', () => {
  let server: Postgres
  suite(
    async () => {
      server = await startPostgres()
      return openPostgresLedger({ url: await server.createLedger() })
    },
    () => server.stop(),
  )
})

function suite(open: () => Promise<Ledger>, remove: () => Promise<void>): void {
  let ledger: Ledger
  let api: Api
  let now = testNow
  beforeAll(async () => {
    ledger = await open()
    const strangers = { tenant: 'default', proxies: [], responderGln: '9521234000006' }
    api = await openApi({ ledger, now: () => now, strangers })
    await capture(
      { ...commission(['T1', 'T2', 'T3', 'T4', 'T5', 'T6']), ilmd },
      event('T2', { bizStep: 'dispensing', disposition: 'dispensed' }),
      event('T3', { action: 'DELETE', bizStep: 'destroying', disposition: 'destroyed' }),
      event('T4', { bizStep: 'inspecting', disposition: 'recalled' }),
      event('T5', { bizStep: 'inspecting', disposition: 'stolen' }),
      event('T6', { bizStep: 'inspecting', disposition: 'mismatch_instance' }),
    )
  })
  afterAll(async () => {
    await api?.close()
    await ledger?.close()
    await remove()
  })

  const ilmd = { 'cbvmda:lotNumber': 'LT', 'cbvmda:itemExpirationDate': '2027-06-30' }
  const event = (serial: string, more: object) => ({
    type: 'ObjectEvent',
    eventTime: '2026-03-01T12:00:00Z',
    eventTimeZoneOffset: '+00:00',
    action: 'OBSERVE',
    epcList: [unit(serial)],
    ...more,
  })
  const capture = async (...events: object[]): Promise<void> => {
    const answer = await api.ask('POST', '/epcis/capture', { body: documentOf(...events) })
    expect(answer.status).toBe(202)
    await api.settled()
  }
  interface Message {
    verificationTimestamp: string
    responderGLN: string
    data: { verified: boolean; verificationFailureReason?: string; additionalInfo?: string }
    corrUUID?: string
  }
  const asked = (serial: string, { lot = 'LT', exp = '270630', more = '' } = {}) =>
    api.json<Message>('GET', `/verify/gtin/${gtin}/lot/${lot}/ser/${serial}?exp=${exp}${more}`)
  interface Kept {
    id: string
    verified: boolean
    reasons: string[]
    fmd: { status: string; codes: { code: string }[] }
  }
  const posted = (body: object) => api.json<Kept>('POST', '/api/v1/verifications', { body })

  describe('Lightweight Messaging', () => {
    it('answers in the shape of the standard', async () => {
      const corrUUID = '21ec2020-3aea-4069-a2dd-08002b30309d'
      const more = `&linkType=verificationService&context=dscsaSaleableReturn&reqGLN=9521234000013&corrUUID=${corrUUID}`
      expect(await asked('T1', { more })).toEqual({
        verificationTimestamp: new Date(now).toISOString(),
        responderGLN: '9521234000006',
        data: { verified: true },
        corrUUID,
      })
      const path = `/checkConnectivity?gtin=${gtin}&reqGLN=9521234000013`
      expect(await api.json('GET', path)).toEqual({ responderGLN: '9521234000006' })
    })

    it('says what does not match, and what speaks against a unit that does', async () => {
      const failed = async (...of: Parameters<typeof asked>) => (await asked(...of)).data
      const reason = (verificationFailureReason: string, more = {}) => ({
        verified: false,
        verificationFailureReason,
        ...more,
      })
      expect(await failed('NONE')).toEqual(reason('No_match_GTIN_Serial'))
      expect(await failed('T1', { lot: 'LX' })).toEqual(reason('No_match_GTIN_Serial_Lot'))
      expect(await failed('T1', { exp: '270629' })).toEqual(reason('No_match_GTIN_Serial_Expiry'))
      expect(await failed('T1', { lot: 'LX', exp: '280630' })).toEqual(
        reason('No_match_GTIN_Serial_Lot_Expiry'),
      )
      // A day 00 is the last of its month.
      expect(await failed('T1', { exp: '270600' })).toEqual({ verified: true })
      expect(await failed('T2')).toEqual(reason('Not_for_re-distribution'))
      expect(await failed('T3')).toEqual(reason('Not_for_re-distribution'))
      expect(await failed('T4')).toEqual({ verified: true, additionalInfo: 'recalled' })
      expect(await failed('T5')).toEqual(
        reason('Not_for_re-distribution', { additionalInfo: 'illegitimate' }),
      )
      expect(await failed('T6')).toEqual(
        reason('Not_for_re-distribution', { additionalInfo: 'suspect' }),
      )
    })

    it('wants a token, and refuses requests that are not as they should be', async () => {
      const path = `/verify/gtin/${gtin}/lot/LT/ser/T1`
      expect((await api.ask('GET', `${path}?exp=270630`, { token: '' })).status).toBe(401)
      const viewer = await api.keyWith('viewer')
      expect((await api.ask('GET', `${path}?exp=270630`, { token: viewer })).status).toBe(403)
      for (const query of ['', '?exp=271399', '?exp=270630&corrUUID=x', '?exp=270630&reqGLN=1'])
        expect([query, (await api.ask('GET', path + query)).status]).toEqual([query, 400])
      const wrong = await api.ask('GET', `/verify/gtin/09521234543214/lot/LT/ser/T1?exp=270630`)
      expect(wrong.status).toBe(400)
    })
  })

  describe('verifications', () => {
    it('take a scan or its fields, and give the codes of EU 2016/161', async () => {
      const text = `(01)${gtin}(17)270630(10)LT(21)T1`
      expect(await posted({ text })).toMatchObject({
        verified: true,
        reasons: [],
        fmd: { status: 'Active', codes: [] },
      })
      const codesOf = async (body: object) =>
        (await posted({ gtin, ...body })).fmd.codes.map(({ code }) => code)
      expect(await codesOf({ serial: 'NONE', lot: 'LT' })).toEqual(['PC_02'])
      expect(await codesOf({ serial: 'T1', lot: 'NEW' })).toEqual(['LOT_03'])
      expect(await codesOf({ serial: 'T1', expiry: '2028-01-01' })).toEqual(['LOT_12'])
      await capture(commission(['OTHER'], 'LU'))
      expect(await codesOf({ serial: 'T1', lot: 'LU' })).toEqual(['LOT_13'])
    })

    it('are kept, listed and read as they were answered', async () => {
      const body = { gtin, serial: 'T2', requestor: '9521234000013', context: 'return' }
      const made = await posted(body)
      expect(made).toMatchObject({ verified: false, reasons: ['dispensed'] })
      expect(await api.json('GET', `/api/v1/verifications/${made.id}`)).toEqual(made)
      const epc = encodeURIComponent(unit('T2'))
      const path = `/api/v1/verifications?epc=${epc}&verified=false&limit=1`
      const first = await api.json('GET', path)
      const second = await api.json('GET', `${path}&cursor=${first.next}`)
      const ids = [...first.items, ...second.items].map(({ id }) => id)
      expect(new Set(ids).size).toBe(2)
      expect(ids).toContain(made.id)
      expect((await api.ask('GET', '/api/v1/verifications/none')).status).toBe(404)
    })

    it('refuse half an identifier, and a serial that would smuggle in another AI', async () => {
      for (const body of [
        {},
        { gtin },
        { serial: 'T1' },
        { gtin, serial: 'T1', text: 'x' },
        { text: '(00)106141412345678908' },
        { gtin: '09521234543214', serial: 'T1' },
        { gtin, serial: 'T 1' },
      ])
        expect([body, (await api.ask('POST', '/api/v1/verifications', { body })).status]).toEqual([
          body,
          400,
        ])
      expect(await posted({ gtin, serial: 'X(10)LT' })).toMatchObject({
        epc: unit('X%2810%29LT'),
        asked: { lot: null },
      })
    })
  })

  describe('scans', () => {
    it('of applications are recorded, what cannot be read is told by its index', async () => {
      const answer = await api.json<{ recorded: number; refused: { index: number }[] }>(
        'POST',
        '/api/v1/scans',
        {
          body: {
            session: 'till',
            place: 'DE',
            device: 'handheld',
            scans: [
              { text: `(01)${gtin}(21)SC1`, time: '2026-03-01T10:00:00Z' },
              { text: 'nonsense' },
              { text: unit('SC1'), time: '2026-03-01T09:00:00Z', capturedBy: 'camera' },
              { text: unit('SC1'), time: '2099-01-01T00:00:00Z' },
            ],
          },
        },
      )
      expect(answer.recorded).toBe(2)
      expect(answer.refused.map(({ index }) => index)).toEqual([1, 3])
      const { items } = await api.json(
        'GET',
        `/api/v1/scans?epc=${encodeURIComponent(unit('SC1'))}`,
      )
      expect(items).toMatchObject([
        {
          source: 'app',
          times: 2,
          firstAt: '2026-03-01T09:00:00Z',
          lastAt: '2026-03-01T10:00:00Z',
          place: 'DE',
        },
      ])
      expect(JSON.stringify(items)).not.toContain('till')
    })

    it('of applications and partners do not count as seen by others', async () => {
      await capture(commission(['SC2']))
      const body = { session: 's', scans: [{ text: unit('SC2') }] }
      await api.ask('POST', '/api/v1/scans', { body })
      await posted({ gtin, serial: 'SC2' })
      const answer = await api.json('GET', `/api/v1/verify/${encodeURIComponent(unit('SC2'))}`)
      expect(answer).toMatchObject({ state: 'genuine', seen: 'first' })
    })

    it('are refused with a place that is too exact or more than a request may hold', async () => {
      for (const place of ['48.137,11.575', 'u281z7', 'Germany'])
        expect(
          (
            await api.ask('POST', '/api/v1/scans', {
              body: { session: 's', place, scans: [{ text: unit('SC1') }] },
            })
          ).status,
        ).toBe(400)
      const scans = Array.from({ length: 1001 }, () => ({ text: 'x' }))
      const body = { session: 's', scans }
      expect((await api.ask('POST', '/api/v1/scans', { body })).status).toBe(400)
    })

    it('are forgotten in time, those of numbers that nobody gave sooner', async () => {
      const count = async (serial: string): Promise<number> =>
        (await api.json('GET', `/api/v1/scans?epc=${encodeURIComponent(unit(serial))}`)).items
          .length
      const scan = (serial: string) =>
        api.ask('GET', `/api/v1/verify/${encodeURIComponent(unit(serial))}`)
      await scan('T1')
      await scan('NEVER')
      expect([(await count('T1')) > 0, await count('NEVER')]).toEqual([true, 1])
      now += 31 * 86_400_000
      await scan('T2')
      expect([(await count('T1')) > 0, await count('NEVER')]).toEqual([true, 0])
      now += 400 * 86_400_000
      await scan('T2')
      expect(await count('T1')).toBe(0)
    })
  })

  it('shows nothing of links, scans and verifications of one tenant to another', async () => {
    const { hashToken, insertKey } = await import('../store/ledger/registry.ts')
    const key = { id: 'far', tenant: 'far', name: 'far', roles: ['admin'], createdAt: 0 }
    const token = 'token-of-another-tenant'
    await insertKey(ledger.db, key, hashToken(token))
    const links = [{ linkType: 'gs1:pip', href: 'https://a.example/', title: 'A' }]
    await api.ask('PUT', `/api/v1/links/${encodeURIComponent(unit('T1'))}`, { body: { links } })
    await posted({ gtin, serial: 'T1' })
    for (const path of [
      '/api/v1/links',
      '/api/v1/verifications',
      `/api/v1/scans?epc=${encodeURIComponent(unit('T2'))}`,
    ])
      expect((await api.json('GET', path, { token })).items).toEqual([])
    const theirs = await api.json<Kept>('POST', '/api/v1/verifications', {
      body: { gtin, serial: 'T1' },
      token,
    })
    expect(theirs).toMatchObject({ verified: false, reasons: ['serial-unknown'] })
  })
}
