import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { withCheckDigit } from '../domain/gs1/ai.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { type Api, openApi, pallet, testNow } from './api-app.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

const sscc = pallet.slice(-18)
const other = '106141411234567897'
const cold = (key = sscc): string => `(00)${key}(4331)000800(4333)000200`
const frozen = (key = sscc): string => `(00)${key}(4331)001500-`

if (!postgresPath) console.warn('limits on PostgreSQL: skipped, there is no postgres here')
for (const dialect of ['SQLite', 'PostgreSQL'] as const)
  describe.skipIf(dialect === 'PostgreSQL' && !postgresPath)(`limits on ${dialect}`, () => {
    let api: Api
    let postgres: Postgres | undefined
    beforeAll(async () => {
      if (dialect === 'SQLite') api = await openApi()
      else {
        postgres = await startPostgres()
        const ledger = await openPostgresLedger({ url: await postgres.createLedger() })
        api = await openApi({ ledger })
      }
    })
    afterAll(async () => {
      await api.close()
      if (postgres) await api.deps.ledger.close()
      await postgres?.stop()
    })
    const arm = (label: string, eventTime?: string) =>
      api.json<Record<string, unknown> & { errors: Record<string, unknown>[] }>(
        'POST',
        '/api/v1/limits',
        { body: { label, ...(eventTime && { eventTime }) } },
      )

    it('are armed by a scan and told; the same again changes nothing', async () => {
      const armed = await arm(cold(), '2026-03-01T08:00:00Z')
      expect(armed).toEqual({
        container: pallet,
        minC: 2,
        maxC: 8,
        armedAt: '2026-03-01T08:00:00Z',
        armedBy: 'admin',
        label: cold(),
        changed: true,
      })
      expect(await arm(cold(), '2026-03-01T08:00:00Z')).toMatchObject({ changed: false })
      // Later, in other words: kept, and nothing else holds.
      const later = await arm(`https://id.gs1.org/00/${sscc}?4331=000800&4333=000200`)
      expect(later).toMatchObject({ changed: false, armedAt: '2026-03-02T12:00:00Z' })
      const { items } = await api.json('GET', `/api/v1/limits?container=${sscc.padStart(20, '0')}`)
      expect(items).toEqual([
        expect.objectContaining({
          minC: 2,
          armedAt: '2026-03-01T08:00:00Z',
          until: '2026-03-02T12:00:00Z',
        }),
        expect.objectContaining({ label: expect.stringMatching(/^https/), until: null }),
      ])
    })

    it('are superseded by a later scan, and restated by one that arrives late', async () => {
      const key = withCheckDigit('10614141000000001')
      const at = (hour: number): string => `2026-03-01T${hour}:00:00Z`
      expect(await arm(cold(key), at(10))).toMatchObject({ changed: true })
      expect(await arm(frozen(key), at(14))).toMatchObject({ changed: true })
      expect(await arm(cold(key), at(12))).toMatchObject({ changed: false })
      expect(await arm(frozen(key), at(11))).toMatchObject({ changed: true })
      const { items } = await api.json('GET', `/api/v1/limits?container=(00)${key}`)
      expect(items.map(({ minC, maxC, until }) => [minC, maxC, until])).toEqual([
        [2, 8, at(11)],
        [null, -15, at(12)],
        [2, 8, at(14)],
        [null, -15, null],
      ])
    })

    it('come in pages', async () => {
      const seen: unknown[] = []
      for (let next: string | null = ''; next !== null; ) {
        const cursor: string = next === '' ? '' : `&cursor=${next}`
        const page: { items: Record<string, unknown>[]; next: string | null } = await api.json(
          'GET',
          `/api/v1/limits?limit=2${cursor}`,
        )
        seen.push(...page.items.map(({ container, armedAt }) => `${container} ${armedAt}`))
        next = page.next
      }
      expect(seen).toHaveLength(6)
      expect(seen).toEqual([...new Set(seen)].sort())
    })

    it('are refused with code and span where a label says none that could be meant', async () => {
      const refused = async (label: string, eventTime?: string) =>
        (await arm(label, eventTime)).errors.map(({ code, path, at }) => [code, path, at])
      expect(await refused('(01)09506000134352(21)A1')).toEqual([['gs1/key-unknown', '/label', 4]])
      expect(await refused(`(00)${sscc}`)).toEqual([['gs1/limits-missing', '/label', 0]])
      const wrong = `(00)${sscc}(4331)000200(4333)000800`
      expect(await refused(wrong)).toEqual([['gs1/content', '/label', 28]])
      expect(await refused(wrong, '2026-03-03T12:00:00Z')).toEqual([
        ['gs1/content', '/label', 28],
        ['request/invalid', '/eventTime', undefined],
      ])
      const viewer = await api.keyWith('viewer')
      const body = { label: cold() }
      expect((await api.ask('POST', '/api/v1/limits', { body, token: viewer })).status).toBe(403)
      expect((await api.ask('GET', '/api/v1/limits', { token: viewer })).status).toBe(200)
    })

    it('are armed by scans of applications as well', async () => {
      const scans = [
        { text: cold(other), time: '2026-03-01T09:00:00Z' },
        { text: `(00)${other}(4331)000200(4333)000800` },
        { text: `(00)${other}` },
        { text: '(01)09521234543213(21)A1' },
      ]
      const body = { session: 'gate-1', scans }
      expect(await api.json('POST', '/api/v1/scans', { body })).toEqual({
        recorded: 3,
        armed: 1,
        refused: [
          { index: 1, errors: [expect.objectContaining({ code: 'gs1/content', path: '/text' })] },
        ],
      })
      const { items } = await api.json('GET', `/api/v1/limits?container=(00)${other}`)
      expect(items).toMatchObject([{ minC: 2, maxC: 8, armedAt: '2026-03-01T09:00:00Z' }])
    })

    it('are scanned so often only', async () => {
      const key = withCheckDigit('10614141000000002')
      const scans = Array.from({ length: bounds.armingsPerContainerMax }, (_, index) => ({
        text: index % 2 ? cold(key) : frozen(key),
        time: String(testNow - index * 1000),
      }))
      const body = { session: 'stuck', scans }
      expect(await api.json('POST', '/api/v1/scans', { body })).toMatchObject({ armed: 1000 })
      const one = { label: cold(key), eventTime: '2026-02-01T00:00:00Z' }
      const answer = await api.ask('POST', '/api/v1/limits', { body: one })
      expect(answer.status).toBe(409)
      expect(await arm(frozen(key), String(testNow))).toMatchObject({ changed: false })
    })
  })
