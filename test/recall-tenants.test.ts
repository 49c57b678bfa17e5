// One tenant learns nothing of another's recalls, on either ledger; on PostgreSQL not even by a
// query that forgets to ask for its tenant.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ledger } from '../store/ledger/ledger.ts'
import { recallsOf } from '../store/ledger/recalled.ts'
import { hashToken, insertKey } from '../store/ledger/registry.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { type Api, commission, documentOf, openApi, unit } from './api-app.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

const databases = ['SQLite', ...(postgresPath === undefined ? [] : ['PostgreSQL'])]
if (databases.length === 1) console.warn('skipped: tenants on PostgreSQL, which is not here')
const theirs = 'token-of-another-tenant'

describe.each(databases)('on %s', (database) => {
  let postgres: Postgres | undefined
  let opened: Ledger | undefined
  let api: Api
  let id: string
  const start = (token?: string) =>
    api.json('POST', '/api/v1/recalls', {
      ...(token !== undefined && { token }),
      body: {
        ...{ name: 'R', reason: 'x' },
        criteria: { version: 1, allOf: [{ field: 'lot', anyOf: ['LT'] }] },
      },
    })
  const capture = async (serials: string[], token?: string): Promise<void> => {
    const body = documentOf(commission(serials, 'LT'))
    await api.ask('POST', '/epcis/capture', { body, ...(token !== undefined && { token }) })
    await api.settled()
  }
  beforeAll(async () => {
    if (database === 'PostgreSQL') {
      postgres = await startPostgres()
      opened = await openPostgresLedger({ url: await postgres.createLedger() })
    }
    api = await openApi(opened ? { ledger: opened } : {})
    const key = { id: 'k', tenant: 'other', name: 'k', roles: ['admin'], createdAt: 1 }
    await insertKey(api.deps.ledger.db, key, hashToken(theirs))
    await capture(['T1', 'T2'])
    id = (await start()).id
  })
  afterAll(async () => {
    await api.close()
    await opened?.close()
    await postgres?.stop()
  })

  it('recalls, their serials, holders and revisions are not there for another tenant', async () => {
    const list = await api.json('GET', '/api/v1/recalls', { token: theirs })
    expect(list.items).toEqual([])
    const self = `/api/v1/recalls/${id}`
    for (const part of ['', '/serials', '/holders', '/revisions']) {
      expect((await api.ask('GET', self + part)).status).toBe(200)
      expect((await api.ask('GET', self + part, { token: theirs })).status).toBe(404)
    }
    const told = { holder: 'unknown', by: 'Eve' }
    for (const [path, body] of [
      ['/close', undefined],
      ['/evaluate', undefined],
      ['/acknowledgements', told],
    ] as const) {
      const asked = { token: theirs, ...(body && { body }) }
      expect((await api.ask('POST', self + path, asked)).status).toBe(404)
    }
    expect((await api.json('GET', self)).status).toBe('open')
    const { items } = await api.json('GET', `${self}/holders`)
    expect(items.map(({ acknowledgedBy }) => acknowledgedBy)).toEqual([null])
  })

  it('causes are not looked for in what another tenant has', async () => {
    const body = { affected: { recall: id } }
    expect((await api.ask('POST', '/api/v1/causes', { body })).status).toBe(200)
    expect((await api.ask('POST', '/api/v1/causes', { body, token: theirs })).status).toBe(404)
    const listed = { affected: { epcs: [unit('T1')] } }
    expect(await api.json('POST', '/api/v1/causes', { body: listed, token: theirs })).toMatchObject(
      {
        ...{ affected: 0, unaffected: 0, items: [] },
      },
    )
  })

  it('the same serials of another tenant are its own: other recalls, other units', async () => {
    await capture(['T2', 'T3'], theirs)
    const { ledger } = api.deps
    const meant = async (tenant: string, serial: string): Promise<number> =>
      (await recallsOf(ledger.db, tenant, unit(serial))).length
    expect(await Promise.all([meant('default', 'T2'), meant('other', 'T2')])).toEqual([1, 0])
    const other = await start(theirs)
    const { items } = await api.json('GET', `/api/v1/recalls/${other.id}/serials`, {
      token: theirs,
    })
    expect(items.map(({ epc }) => epc)).toEqual(['T2', 'T3'].map(unit))
    expect(await Promise.all([meant('default', 'T3'), meant('other', 'T3')])).toEqual([0, 1])
    await api.json('POST', `/api/v1/recalls/${other.id}/close`, { token: theirs })
    expect(await Promise.all([meant('default', 'T2'), meant('other', 'T2')])).toEqual([1, 0])
  })

  it.runIf(database === 'PostgreSQL')('no table of recalls shows rows of others', async () => {
    const view = api.deps.ledger.forTenant('nobody')
    for (const table of ['recalls', 'recallRevisions', 'recallHolders', 'recalled'] as const) {
      const count = async (of: Ledger['db']): Promise<number> =>
        (await of.selectFrom(table).select('tenant').execute()).length
      expect([table, await count(api.deps.ledger.db)]).not.toEqual([table, 0])
      expect([table, await count(view.db)]).toEqual([table, 0])
    }
  })
})
