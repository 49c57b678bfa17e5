// The conformance lab of an installation of many processes: begun at one API and read at another,
// while the logger speaks to one broker, then to the other, then to an API. One record, one grade;
// and when a process dies that the logger spoke to, the session ends and says so.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Influxd, influxdPath, startInfluxd } from '../influxd.ts'
import { type Nats, natsPath, startNats } from '../nats.ts'
import { type Postgres, postgresPath, startPostgres } from '../postgres.ts'
import { connectMqtt, startServer, type TestServer } from './server.ts'

const missing = [
  influxdPath ? '' : 'influxd',
  postgresPath ? '' : 'postgres',
  natsPath ? '' : 'nats-server',
].filter((name) => name !== '')
const reason = missing.length > 0 ? `no ${missing.join(', ')} here` : ''

interface Session {
  id: string
  state: string
  seen: { connects: number; packets: number }
  happened: { kind: string }[]
  checks: { check: string; points: number | null; of: number; findings: { finding: string }[] }[]
}
interface Credentials {
  id: string
  token: string
}

describe.skipIf(reason !== '')(`the lab of a cluster${reason && ` (skipped: ${reason})`}`, () => {
  let stores: [Influxd, Postgres, Nats]
  let [apiA, apiB, brokerA, brokerB] = [] as unknown as TestServer[]
  let ledgerUrl = ''
  beforeAll(async () => {
    stores = await Promise.all([startInfluxd(), startPostgres(), startNats()])
    const [influxd, postgres, nats] = stores
    ledgerUrl = await postgres.createLedger()
    const env = {
      ISOTHERM_LOG_URL: `nats://${nats.servers.join(',')}?replicas=1&partitions=2`,
      ISOTHERM_SERIES_URL: `influxdb://${new URL(influxd.url).host}/isotherm`,
      ISOTHERM_LEDGER_URL: ledgerUrl,
    }
    const start = (roles: string): Promise<TestServer> =>
      startServer({ env: { ...env, ISOTHERM_ROLES: roles } })
    apiA = await start('api')
    ;[apiB, brokerA, brokerB] = await Promise.all([start('api'), start('broker'), start('broker')])
  }, 180_000)
  afterAll(async () => {
    for (const server of [apiA, apiB, brokerA, brokerB]) await server?.stop()
    await Promise.all(stores.map((store) => store.stop()))
  })

  const register = (id: string): Promise<Credentials> =>
    apiA!.api<Credentials & Record<string, unknown>>('POST', '/api/v1/devices', { id })
  const read = (at: TestServer, { id }: { id: string }): Promise<Session> =>
    at.api<Session & Record<string, unknown>>('GET', `/api/v1/conformance/${id}`)
  const begin = (device: string, faults: object[]): Promise<Session> =>
    apiA!.api<Session & Record<string, unknown>>('POST', '/api/v1/conformance', {
      ...{ device, minutes: 10, faults },
    })
  const metBy = (at: TestServer, session: Session, kind: string): Promise<void> =>
    vi.waitFor(
      async () => expect((await read(at, session)).happened).toContainEqual(has(kind)),
      patience,
    )
  const has = (kind: string): unknown => expect.objectContaining({ kind })
  const patience = { timeout: 30_000, interval: 200 }
  /**
   * Until each process that the logger spoke to has looked at the others from begin to end: its
   * beat grows as it begins to look.
   */
  const looked = async ({ id }: Session): Promise<void> => {
    const ledger = new pg.Client({ connectionString: ledgerUrl })
    await ledger.connect()
    const beats = async (): Promise<Map<string, number>> => {
      const query = 'select node, beat from "labParts" where session = $1 and beat > 0'
      const { rows } = await ledger.query<{ node: string; beat: string }>(query, [id])
      return new Map(rows.map(({ node, beat }) => [node, Number(beat)]))
    }
    try {
      const before = await beats()
      await vi.waitFor(async () => {
        for (const [node, beat] of await beats())
          expect(beat).toBeGreaterThanOrEqual((before.get(node) ?? 0) + 2)
      }, patience)
    } finally {
      await ledger.end()
    }
  }
  /** As soon as it is let in: the fault ends at each broker by its own clock. */
  const backAt = (broker: TestServer, logger: Credentials) =>
    vi.waitUntil(
      () => connectMqtt(broker, logger, { clientId: 'wanderer' }).catch(() => undefined),
      patience,
    )
  /** Resolves to false when the connection ended instead of an acknowledgement. */
  const say = async (
    client: Awaited<ReturnType<typeof connectMqtt>>,
    { id }: Credentials,
    time: number,
  ): Promise<boolean> => {
    const gone = new Promise<false>((resolve) => client.once('close', () => resolve(false)))
    const body = JSON.stringify({ time, temperature: 4 })
    const kept = client.publishAsync(`v1/default/${id}/readings`, body, { qos: 1 })
    return Promise.race([kept.then(() => true).catch(() => false), gone])
  }

  it('watches and disturbs one logger wherever it speaks, and grades what all of them saw', {
    timeout: 120_000,
  }, async () => {
    const logger = await register('wanderer')
    const at = Date.now()
    const first = await connectMqtt(brokerA!, logger, { clientId: 'wanderer', clean: false })
    first.on('error', () => undefined)
    const session = await begin('wanderer', [
      { kind: 'disconnect', afterSeconds: 6, forSeconds: 8 },
      { kind: 'withhold', afterSeconds: 7 },
      { kind: '429', afterSeconds: 7, forSeconds: 60 },
    ])
    // One session a logger, whichever API is asked.
    const again = { device: 'wanderer', minutes: 5 }
    expect((await apiB!.ask('POST', '/api/v1/conformance', { body: again })).status).toBe(409)
    await vi.waitFor(async () => {
      expect(await say(first, logger, Date.now())).toBe(true)
      expect((await read(apiB!, session)).seen.packets).toBeGreaterThan(0)
    }, patience)
    await vi.waitUntil(() => !first.connected, patience)
    await metBy(apiB!, session, 'disconnect')
    // The other broker refuses it as well, until the fault is over.
    await expect(connectMqtt(brokerB!, logger)).rejects.toThrow(/unavailable/i)
    const second = await backAt(brokerB!, logger)
    second.on('error', () => undefined)
    expect(await say(second, logger, at)).toBe(false)
    await metBy(apiA!, session, 'withhold')
    // It met that fault at broker B: it does not come again at broker A, which knows of it.
    await looked(session)
    const third = await backAt(brokerA!, logger)
    expect(await say(third, logger, at)).toBe(true)
    const body = { time: Date.now(), temperature: 4 }
    const post = (server: TestServer): Promise<Response> =>
      server.ask('POST', '/api/v1/readings', { body, token: logger.token })
    const refused = await post(apiB!)
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '60'])
    await metBy(apiA!, session, '429')
    // Whoever it asks next: its time has not passed.
    await vi.waitFor(async () => expect((await post(apiA!)).status).toBe(429), patience)
    await third.endAsync()
    await vi.waitFor(async () => {
      const told = await read(apiB!, session)
      expect(told.state).toBe('running')
      expect(told.seen.connects).toBeGreaterThanOrEqual(3)
      const found = told.checks.flatMap(({ findings }) => findings.map(({ finding }) => finding))
      // Came again elsewhere, without DUP; asked again before Retry-After had passed.
      expect(found).toEqual(expect.arrayContaining(['resent-without-dup', 'too-early']))
    }, patience)
    await apiB!.api('DELETE', `/api/v1/conformance/${session.id}`)
    expect((await read(apiA!, session)).state).toBe('stopped')
    await vi.waitFor(async () => expect((await post(apiA!)).status).toBe(202), patience)
  })

  it('ends when a process dies that the logger spoke to, and another one may begin', {
    timeout: 120_000,
  }, async () => {
    const logger = await register('orphan')
    const session = await begin('orphan', [{ kind: 'disconnect', afterSeconds: 300 }])
    await vi.waitFor(async () => {
      const client = await connectMqtt(brokerB!, logger)
      expect(await say(client, logger, Date.now())).toBe(true)
      await client.endAsync()
      expect((await read(apiA!, session)).seen.packets).toBeGreaterThan(0)
    }, patience)
    const { seen } = await read(apiA!, session)
    await brokerB!.kill('SIGKILL')
    const ended = await vi.waitUntil(async () => {
      const told = await read(apiA!, session)
      return told.state === 'running' ? undefined : told
    }, patience)
    expect(ended).toMatchObject({ state: 'lost', seen })
    expect((await begin('orphan', [])).state).toBe('running')
  })
})
