import { inspect } from 'node:util'
import { type Insertable, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OperatorError, Superseded, Unavailable } from '../domain/refusal.ts'
import { checkEpoch, claimCursor, writeCursor } from '../store/ledger/cursors.ts'
import { marking } from '../store/ledger/detectors.ts'
import type { Ledger } from '../store/ledger/ledger.ts'
import { insertDevice, readDevice, readMeta, writeMeta } from '../store/ledger/registry.ts'
import type { LedgerTables } from '../store/ledger/schema.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { gtin, openApi } from './api-app.ts'
import { deviceNamed } from './contracts/ledger.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

const absent = postgresPath === undefined
if (absent) console.warn('skipped: there is no PostgreSQL here (apt-get install postgresql)')

describe.skipIf(absent)('a ledger in PostgreSQL', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ fsync: true })
  })
  afterAll(() => server?.stop())

  /** As the superuser, in any database. */
  const run = async (url: string, ...texts: string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    for (const text of texts) await client.query(text)
    await client.end()
  }
  const as = (url: string, user: string, password = ''): string =>
    url.replace('//postgres@', `//${user}${password && `:${password}`}@`)
  const opened = async <T>(url: string, work: (ledger: Ledger) => Promise<T>): Promise<T> => {
    const ledger = await openPostgresLedger({ url })
    try {
      return await work(ledger)
    } finally {
      await ledger.close()
    }
  }
  const refusalOf = async (url: string): Promise<OperatorError> => {
    const error = await openPostgresLedger({ url }).then(
      (ledger) => ledger.close(),
      (cause: unknown) => cause,
    )
    expect(error).toBeInstanceOf(OperatorError)
    return error as OperatorError
  }

  describe('whose server is killed', () => {
    it('is unavailable until the server is back, and has lost nothing that it had confirmed', async () => {
      const url = await server.createLedger()
      await opened(url, async (ledger) => {
        const confirmed: number[] = []
        const failures: unknown[] = []
        let going = true
        const write = async (lane: number): Promise<void> => {
          for (let n = lane; going; n += 4)
            await ledger
              .transact((db) => writeMeta(db, `n${n}`, 'kept'))
              .then(
                () => confirmed.push(n),
                (error) => failures.push(error),
              )
        }
        const lanes = [0, 1, 2, 3].map(write)
        await until(() => confirmed.length > 100)
        await server.kill('SIGKILL')
        await until(() => failures.length > 8)
        expect(ledger.failure).toBeInstanceOf(Unavailable)
        const before = confirmed.length
        await expect(readMeta(ledger.db, 'n0')).rejects.toThrow(Unavailable)
        await server.restart()
        await until(() => confirmed.length > before + 100)
        going = false
        await Promise.all(lanes)
        expect(failures.filter((error) => !(error instanceof Unavailable))).toEqual([])
        expect(ledger.failure).toBeUndefined()
        const kept = await ledger.db.selectFrom('meta').select('name').execute()
        const names = new Set(kept.map(({ name }) => name))
        expect(confirmed.filter((n) => !names.has(`n${n}`))).toEqual([])
      })
    }, 60_000)

    it('does not wait for ever for a connection: callers back off', async () => {
      const ledger = await openPostgresLedger({ url: await server.createLedger(), poolMax: 1 })
      const blocked = Promise.withResolvers<void>()
      const holding = ledger.transact(() => blocked.promise)
      await expect(readMeta(ledger.db, 'x')).rejects.toThrow(Unavailable)
      blocked.resolve()
      await holding
      await ledger.close()
    })
  })

  describe('that does not open', () => {
    it('says what is wrong and what mends it, and never a password', async () => {
      const url = await server.createDatabase()
      await run(url, `create role guarded login password 'the-right-one'`)
      const wrong = await refusalOf(as(url, 'guarded', 'the-wrong-one'))
      expect(wrong.message).toMatch(/does not let guarded in/)
      expect(wrong.remedy).toMatch(/ISOTHERM_LEDGER_URL/)
      expect(inspect(wrong, { depth: 9 })).not.toContain('the-wrong-one')
      const missing = await refusalOf(`${url}x`)
      expect(missing.remedy).toMatch(/^createdb test\d+x$/)
      const nobody = await refusalOf('postgres://me:secret@127.0.0.1:1/x')
      expect(nobody.message).toMatch(/127\.0\.0\.1:1\/x does not serve: ECONNREFUSED/)
      expect(inspect(nobody, { depth: 9 })).not.toContain('secret')
      expect(inspect(await refusalOf('no url:secret'))).not.toContain('secret')
    })

    it('names the grants that it lacks, and opens once they are given', async () => {
      const own = await startPostgres({ untouched: true })
      const url = await own.createDatabase()
      await run(url, 'create role plain login')
      const mine = as(url, 'plain')
      const roles = await refusalOf(mine)
      expect(roles.message).toMatch(/has not the roles that keep tenants apart/)
      const [, commands] = /^as a superuser, once: (.*)$/.exec(roles.remedy)!
      await run(url, commands!)
      const tables = await refusalOf(mine)
      expect(tables.message).toMatch(/does not allow plain to make tables/)
      const [, grant] = /-c '(.*)'$/.exec(tables.remedy)!
      await run(url, grant!)
      await opened(mine, async (ledger) => {
        await ledger.transact((db) => insertDevice(db, deviceNamed('d'), 'hash'))
        const { db } = ledger.forTenant('other')
        expect(await db.selectFrom('devices').selectAll().execute()).toEqual([])
      })
      await run(url, 'create role stranger login', 'grant isotherm_app to stranger')
      const stranger = await refusalOf(as(url, 'stranger'))
      expect(stranger.message).toMatch(/belong to plain|does not allow stranger/)
      await own.stop()
    }, 60_000)

    it('leaves alone what a newer release has migrated', async () => {
      const url = await server.createDatabase()
      await opened(url, async () => undefined)
      await run(
        url,
        `insert into kysely_migration values ('9999-later', '2027-01-01T00:00:00.000Z')`,
      )
      expect((await refusalOf(url)).message).toMatch(/written by a newer release/)
    })
  })

  it('is made once when several processes start at the same time', async () => {
    const url = await server.createDatabase()
    const ledgers = await Promise.all([1, 2, 3, 4].map(() => openPostgresLedger({ url })))
    const [first, second] = ledgers
    await first!.transact((db) => writeMeta(db, 'a', 'b'))
    expect(await readMeta(second!.db, 'a')).toBe('b')
    await Promise.all(ledgers.map((ledger) => ledger.close()))
  })

  describe('that several processes share', () => {
    let url: string
    let one: Ledger
    let other: Ledger
    beforeAll(async () => {
      url = await server.createLedger()
      one = await openPostgresLedger({ url })
      other = await openPostgresLedger({ url })
    })
    afterAll(async () => {
      await one?.close()
      await other?.close()
    })

    it('lets a takeover wait for work under way, and refuses work that begins after it', async () => {
      const { epoch } = await claimCursor(one.db, 'detect/0')
      const order: string[] = []
      const begun = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      const work = one.transact(async (db) => {
        await checkEpoch(db, 'detect/0', epoch)
        begun.resolve()
        await go.promise
        await writeCursor(db, { name: 'detect/0', epoch, offset: 7 })
        order.push('work')
      })
      await begun.promise
      const takeover = claimCursor(other.db, 'detect/0').then((claim) => {
        order.push('takeover')
        return claim
      })
      await until(() => waits(one, 'transactionid'))
      go.resolve()
      await work
      expect(await takeover).toEqual({ epoch: 2, offset: 7 })
      expect(order).toEqual(['work', 'takeover'])
      const late = one.transact((db) => writeCursor(db, { name: 'detect/0', epoch, offset: 8 }))
      await expect(late).rejects.toThrow(Superseded)
    })

    it.each([
      ['alone', { alone: 'counter' }],
      ['serializable', { serializable: true }],
    ])('loses no step of those that read and then write in both (%s)', async (how, options) => {
      const step = (ledger: Ledger) =>
        ledger.transact(async (db) => {
          const before = Number((await readMeta(db, how)) ?? 0)
          await writeMeta(db, how, String(before + 1))
        }, options)
      const lane = async (ledger: Ledger): Promise<void> => {
        for (let n = 0; n < 20; n++) await step(ledger)
      }
      await Promise.all([lane(one), lane(other)])
      expect(await readMeta(one.db, how)).toBe('40')
    })

    it('does what only one may do in one of them, and in the other when that one is gone', async () => {
      const begun = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      const first = one.singleton('retention', async () => {
        begun.resolve()
        await go.promise
        return 'first'
      })
      await begun.promise
      expect(await other.singleton('retention', async () => 'second')).toBeUndefined()
      expect(await other.singleton('another', async () => 'another')).toBe('another')
      go.resolve()
      expect(await first).toBe('first')
      expect(await other.singleton('retention', async () => 'second')).toBe('second')
    })

    it('registers no logger in the middle of a capture that may mount it', async () => {
      const api = await openApi({ ledger: other })
      const begun = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      const order: string[] = []
      const capturing = one.transact(async () => {
        begun.resolve()
        await go.promise
        order.push('captured')
      }, marking('default'))
      await begun.promise
      const registering = api
        .ask('POST', '/api/v1/devices', { body: { id: 'amid' } })
        .then(() => order.push('registered'))
      await until(() => waits(one, 'advisory'))
      go.resolve()
      await Promise.all([capturing, registering])
      expect(order).toEqual(['captured', 'registered'])
      await api.close()
    })

    it('registers a device once when two processes are asked at the same time', async () => {
      const apis = [await openApi({ ledger: one }), await openApi({ ledger: other })]
      for (let n = 0; n < 8; n++) {
        const body = { id: `twin-${n}` }
        const answers = await Promise.all(
          apis.map((api) => api.ask('POST', '/api/v1/devices', { body })),
        )
        expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
      }
      for (const api of apis) await api.close()
    })
  })

  describe('of several tenants', () => {
    it('guards every table that has a tenant, for the routes and for dashboards', async () => {
      const url = await server.createDatabase()
      await opened(url, async (ledger) => {
        const { rows } = await sql<{ name: string; guarded: boolean }>`
          select relname as name, relrowsecurity as guarded from pg_class c
          where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace
            and exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant')`.execute(
          ledger.db,
        )
        expect(rows.length).toBeGreaterThanOrEqual(13)
        expect(rows.filter(({ guarded }) => !guarded)).toEqual([])
      })
    })

    it('shows a tenant nothing of another, even to a query that forgets to ask for its tenant', async () => {
      const url = await server.createDatabase()
      await opened(url, async (ledger) => {
        for (const tenant of ['a', 'b']) await fill(ledger, tenant)
        const mine = ledger.forTenant('a')
        for (const table of filled) {
          const all = await ledger.db.selectFrom(table).select('tenant').execute()
          expect(new Set(all.map(({ tenant }) => tenant)), table).toEqual(new Set(['a', 'b']))
          const seen = await mine.db.selectFrom(table).select('tenant').execute()
          expect(new Set(seen.map(({ tenant }) => tenant)), table).toEqual(new Set(['a']))
          await mine.db.deleteFrom(table).execute()
          const left = await ledger.db.selectFrom(table).select('tenant').execute()
          expect(new Set(left.map(({ tenant }) => tenant)), table).toEqual(new Set(['b']))
        }
        const foreign = mine.transact((db) =>
          insertDevice(db, deviceNamed('x', { tenant: 'b' }), 'h'),
        )
        await expect(foreign).rejects.toThrow(/row-level security/)
        await expect(mine.db.selectFrom('meta').selectAll().execute()).rejects.toThrow(/denied/)
      })
    })

    it('forgets whose a connection was before it is used for somebody else', async () => {
      const ledger = await openPostgresLedger({ url: await server.createDatabase(), poolMax: 1 })
      for (const tenant of ['a', 'b'])
        await ledger.transact((db) => insertDevice(db, deviceNamed('d', { tenant }), tenant))
      const names = async (from: { db: Ledger['db'] }): Promise<string[]> =>
        (await from.db.selectFrom('devices').select('tenant').execute()).map((row) => row.tenant)
      for (let time = 0; time < 3; time++) {
        expect(await names(ledger.forTenant('a'))).toEqual(['a'])
        expect(await names(ledger.forTenant('b'))).toEqual(['b'])
        expect(await names(ledger.forTenant(''))).toEqual([])
        expect((await names(ledger)).sort()).toEqual(['a', 'b'])
        const failing = ledger.forTenant('a').transact(async (db) => {
          await readDevice(db, 'a', 'd')
          throw new Error('by purpose')
        })
        await expect(failing).rejects.toThrow('by purpose')
      }
      await ledger.close()
    })

    it('shows a dashboard one tenant, and no hash of a token', async () => {
      const url = await server.createDatabase()
      await opened(url, async (ledger) => {
        for (const tenant of ['a', 'b']) await fill(ledger, tenant)
      })
      await run(
        url,
        `create role board login in role isotherm_read`,
        `alter role board set isotherm.tenant = 'a'`,
      )
      const client = new pg.Client({ connectionString: as(url, 'board') })
      await client.connect()
      const { rows } = await client.query('select id, tenant from devices')
      expect(rows).toEqual([{ id: 'd', tenant: 'a' }])
      expect((await client.query('select tenant from alerts')).rows).toEqual([{ tenant: 'a' }])
      await expect(client.query('select "tokenHash" from devices')).rejects.toThrow(/denied/)
      await expect(client.query('delete from alerts')).rejects.toThrow(/denied/)
      await client.end()
    })

    it('serves the API as SQLite does', async () => {
      await opened(await server.createDatabase(), async (ledger) => {
        const there = await openApi({ ledger })
        const here = await openApi()
        const answers = []
        for (const api of [here, there]) answers.push(await tour(api))
        expect(answers[1]).toEqual(answers[0])
        expect(there.reported).toEqual([])
        await here.close()
        await there.close()
      })
    })
  })
})

const filled = ['devices', 'detectors', 'alerts', 'epcs', 'events', 'stays', 'refusals'] as const

/** One row in each of the tables above. */
async function fill(ledger: Ledger, tenant: string): Promise<void> {
  const rows: { [T in keyof LedgerTables]?: Insertable<LedgerTables[T]> } = {
    detectors: { tenant, device: 'd', body: '', dirtySince: 1, cause: null, marks: 0, slot: 0 },
    epcs: { tenant, epc: 'e', lot: null, commissionedAt: null },
    events: {
      ...{ tenant, eventID: 'e', type: 't', action: null, eventTime: 1, recordTime: 1, seq: 1 },
      ...{ pos: 1, bizStep: null, disposition: null, readPoint: null, bizLocation: null },
      ...{ parent: null, empties: 0, declared: 0, body: Buffer.from('{}') },
    },
    stays: { tenant, relation: 0, child: 1, parent: 2, from: 1, to: 2, endedBy: null },
    alerts: {
      ...{ tenant, id: 'a', device: 'd', container: 'c', channel: 't', gtin, rule: 'r' },
      ...{ severity: 'critical', status: 'open', verdict: 'out', from: 1, to: 2, raisedAt: 3 },
      ...{ revision: 1, body: '{}' },
    },
  }
  await ledger.transact(async (db) => {
    await insertDevice(db, deviceNamed('d', { tenant }), `hash of ${tenant}`)
    for (const [table, row] of Object.entries(rows))
      await db
        .insertInto(table as 'epcs')
        .values(row as Insertable<LedgerTables['epcs']>)
        .execute()
    await db
      .insertInto('refusals')
      .values({
        ...{ tenant, device: 'd', offset: 1, pos: 0, recordTime: 1, topic: 't', code: 'c' },
        ...{ path: '', detail: '', raw: Buffer.from([0]) },
      })
      .execute()
  })
}

/** What an API answers to a round of requests, without what is drawn by lot. */
async function tour(api: Awaited<ReturnType<typeof openApi>>): Promise<unknown[]> {
  const profile = {
    rules: [{ id: 'cold', kind: 'single', above: 8, forMinutes: 30, severity: 'critical' }],
  }
  const asked: [string, string, unknown?][] = [
    ['PUT', `/api/v1/products/${gtin}`, { name: 'Vaccine', profile }],
    ['POST', '/api/v1/devices', { id: 'logger-1', giai: '952123400001' }],
    ['POST', '/api/v1/devices', { id: 'logger-1' }],
    ['PATCH', '/api/v1/devices/logger-1', { loggingIntervalSeconds: 60 }],
    ['GET', '/api/v1/devices/logger-1'],
    ['GET', '/api/v1/devices?limit=1'],
    ['GET', '/api/v1/devices/%00'],
    ['GET', '/api/v1/products'],
    ['GET', '/api/v1/alerts?device=%00'],
    ['GET', '/api/v1/alerts?cursor=WzEuNV0'],
    ['GET', '/api/v1/refusals?cursor=WzEuNV0'],
    ['GET', '/api/v1/refusals/99999999999999/raw'],
    ['GET', '/api/v1/shipments?all=1'],
    ['GET', '/api/v1/units/nothing'],
    ['GET', '/epcis/events'],
    ['GET', '/epcis/events/urn%3Ax%00'],
  ]
  const answers: unknown[] = []
  for (const [method, path, body] of asked) {
    const answer = await api.ask(method, path, body === undefined ? {} : { body })
    const text = (await answer.text()).replace(/"(token|requestId)":"[^"]*"/g, '')
    answers.push([method, path, answer.status, text])
  }
  return answers
}

/** Whether a transaction waits for a lock of this kind. */
async function waits(ledger: Ledger, kind: string): Promise<boolean> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from pg_stat_activity
    where wait_event_type = 'Lock' and wait_event = ${kind} and datname = current_database()`.execute(
    ledger.db,
  )
  return rows[0]!.n > 0
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 5))
}
