// The doctor, with everything broken for real: its word for the part and the remedy that mends it.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig } from '../config.ts'
import { examine } from '../doctor.ts'
import { serve } from '../main.ts'
import type { Check } from '../store/check/check.ts'
import { run } from './e2e/server.ts'
import { facadeOrg, facadeToken, startFacade } from './influx-facade.ts'
import { type Influxd, influxdPath, startInfluxd } from './influxd.ts'
import { type Nats, natsPath, startNats } from './nats.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

let folder: string
let dataDir: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-doctor-'))
  dataDir = join(folder, 'data')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function ask(env: Record<string, string> = {}, now?: () => number): Promise<Check[]> {
  const base = { ISOTHERM_DATA_DIR: dataDir, ISOTHERM_HTTP_PORT: '0', ISOTHERM_MQTT_PORT: '0' }
  const checks: Check[] = []
  for await (const check of examine({ ...base, ...env }, now)) checks.push(check)
  return checks
}

const brokenOf = (checks: Check[]): Check[] => checks.filter(({ state }) => state === 'broken')
const partOf = (checks: Check[], part: string): Check =>
  checks.find((check) => check.part === part) ?? expect.fail(`nothing is said of ${part}`)

/** A folder with readings, alerts and a log. */
function fillFolder(): void {
  const archive = join(import.meta.dirname, 'golden/stores/0.1.0.tar.gz')
  execFileSync('tar', ['-xzf', archive, '-C', folder])
}

describe('on a machine where all is well', () => {
  it('finds nothing broken before the first start', async () => {
    const checks = await ask()
    expect(brokenOf(checks)).toEqual([])
    expect(partOf(checks, 'data folder').detail).toMatch(/made at the first start/)
    expect(existsSync(dataDir)).toBe(false)
  })

  it('finds the embedded stores readable, and that this release will migrate them', async () => {
    fillFolder()
    const before = readFileSync(join(dataDir, 'ledger.sqlite'))
    const checks = await ask()
    expect(brokenOf(checks)).toEqual([])
    expect(partOf(checks, 'log').detail).toMatch(/^[1-9]\d* of \d+ batches read back/)
    expect(partOf(checks, 'series').detail).toMatch(/^[1-9]\d* rows/)
    expect(readFileSync(join(dataDir, 'ledger.sqlite'))).toEqual(before)
  })

  it('lets a running server speak for itself', async () => {
    const config = parseConfig({ ISOTHERM_DATA_DIR: dataDir, ISOTHERM_LOG_LEVEL: 'silent' })
    const server = await serve({ ...config, httpPort: 0, mqttPort: 0 })
    try {
      const ports = {
        ISOTHERM_HTTP_PORT: new URL(server.httpUrl).port,
        ISOTHERM_MQTT_PORT: new URL(server.mqttUrl!).port,
      }
      const checks = await ask(ports)
      expect(brokenOf(checks)).toEqual([])
      expect(partOf(checks, 'server').detail).toBe('all its parts are up')
      expect(partOf(checks, 'stores').detail).toContain(`process ${process.pid}`)
      const skewed = await ask(ports, () => Date.now() - 90_000)
      expect(brokenOf(skewed)).toMatchObject([
        {
          detail: expect.stringMatching(/\d\d s ahead/),
          remedy: expect.stringContaining('timedatectl'),
        },
      ])
    } finally {
      await server.close()
    }
  })
})

it('names every wrong setting at once', async () => {
  const checks = await ask({
    ISOTHERM_HTTP_PROT: '1',
    ISOTHERM_MQTT_PORT: 'mqtt',
    ISOTHERM_SERIES_URL: 'influx://nowhere',
  })
  const told = brokenOf(checks)
    .map(({ detail, remedy }) => `${detail} -> ${remedy}`)
    .join('\n')
  for (const name of ['ISOTHERM_HTTP_PROT', 'ISOTHERM_MQTT_PORT', 'ISOTHERM_SERIES_URL'])
    expect(told).toContain(name)
})

describe('ports', () => {
  let other: NetServer
  beforeEach(async () => {
    other = createServer((socket) => socket.end('220 not Isotherm\r\n'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => other.close())

  it.each(['HTTP', 'MQTT'])('names another program on the %s port', async (protocol) => {
    const { port } = other.address() as AddressInfo
    const setting = `ISOTHERM_${protocol}_PORT`
    const checks = await ask({ [setting]: String(port) })
    expect(brokenOf(checks)).toMatchObject([
      {
        part: `port ${port} (${protocol})`,
        detail: expect.stringContaining('ss -ltnp'),
        remedy: expect.stringContaining(`${setting}=${port + 1}`),
      },
    ])
  })

  it('names an address that this machine does not have', async () => {
    const checks = await ask({ ISOTHERM_LISTEN: '192.0.2.1' })
    expect(brokenOf(checks)[0]).toMatchObject({ remedy: 'ISOTHERM_LISTEN=0.0.0.0' })
  })
})

describe('embedded stores', () => {
  const damaged = async (): Promise<Check[]> => brokenOf(await ask())
  const restores = expect.stringMatching(/isotherm restore BACKUP/)
  const overwrite = (file: string, from: number, count: number): void => {
    const bytes = readFileSync(join(dataDir, file))
    bytes.fill(0x5a, from, from + count)
    writeFileSync(join(dataDir, file), bytes)
  }

  it('names a damaged ledger', async () => {
    fillFolder()
    rmSync(join(dataDir, 'ledger.sqlite-wal'))
    overwrite('ledger.sqlite', 4096 * 3, 4096 * 20)
    expect(await damaged()).toMatchObject([{ part: 'ledger', remedy: restores }])
  })

  it('names a damaged batch of the log', async () => {
    fillFolder()
    const at = readFileSync(join(dataDir, 'log/data.mdb')).indexOf('"temperature"')
    overwrite('log/data.mdb', at, 4)
    expect(await damaged()).toMatchObject([
      { part: 'log', detail: expect.stringMatching(/checksum/), remedy: restores },
    ])
  })

  it('names a log that lost its end, which ends the process that reads it', async () => {
    fillFolder()
    truncateSync(join(dataDir, 'log/data.mdb'), 3 * 4096)
    const checks = await ask()
    expect(brokenOf(checks)).toMatchObject([{ part: 'log', remedy: restores }])
    expect(partOf(checks, 'series').state).toBe('ok')
  })

  it('names a file that is no log at all', async () => {
    fillFolder()
    writeFileSync(join(dataDir, 'log/data.mdb'), 'not a log')
    expect(await damaged()).toMatchObject([{ part: 'log' }])
  })

  it('names damaged readings', async () => {
    fillFolder()
    rmSync(join(dataDir, 'series/series.duckdb.wal'))
    overwrite('series/series.duckdb', 0, 12_288)
    expect(await damaged()).toMatchObject([{ part: 'series', remedy: restores }])
  })

  it('names a log cap that the disk cannot hold', async () => {
    const checks = await ask({ ISOTHERM_LOG_MAX_MIB: '1048576' })
    expect(partOf(checks, 'disk')).toMatchObject({
      state: 'warn',
      remedy: expect.stringMatching(/^ISOTHERM_LOG_MAX_MIB=\d+/),
    })
  })
})

const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
const canBeNobody = ((): boolean => {
  try {
    execFileSync(asNobody[0]!, [...asNobody.slice(1), 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
if (!canBeNobody) console.warn('skipped: the folder of another user, which needs root and setpriv')

describe('the command', () => {
  const env = { ISOTHERM_HTTP_PORT: '0', ISOTHERM_MQTT_PORT: '0' }

  it('ends with 0 when nothing is broken and with 1 when something is', async () => {
    const fine = await run(['doctor'], { env: { ...env, ISOTHERM_DATA_DIR: dataDir } })
    expect({ code: fine.code, stderr: fine.stderr }).toEqual({ code: 0, stderr: '' })
    expect(fine.stdout).toMatch(/^ok {6}data folder: /m)
    const wrong = { ...env, ISOTHERM_DATA_DIR: dataDir, ISOTHERM_NONSENSE: '1' }
    const sick = await run(['doctor'], { env: wrong })
    expect(sick.code).toBe(1)
    expect(sick.stdout).toMatch(/^BROKEN {2}settings: ISOTHERM_NONSENSE.*\n {8}-> known: /m)
    const json = await run(['doctor', '--json'], { env: wrong })
    const told = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Check)
    expect(brokenOf(told)).toHaveLength(1)
  })

  it.skipIf(!canBeNobody)('names a folder that belongs to somebody else', async () => {
    const prefix = asNobody
    const { code, stdout } = await run(['doctor'], {
      prefix,
      env: { ...env, ISOTHERM_DATA_DIR: '/usr/share/isotherm-of-root' },
    })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^BROKEN {2}data folder: .*cannot be written.*\n {8}-> sudo chown -R /m)
  })
})

if (!influxdPath) console.warn('skipped: what needs influxd, which is not installed')
describe.skipIf(!influxdPath)('InfluxDB 1.x', () => {
  let influxd: Influxd
  let host: string
  const admin = { user: 'admin', password: 'of-the-test' }
  beforeAll(async () => {
    influxd = await startInfluxd({ auth: admin })
    host = new URL(influxd.url).host
    await query('CREATE DATABASE isotherm')
    await query(`CREATE USER "reader" WITH PASSWORD 'reads'`)
    await query('GRANT READ ON "isotherm" TO "reader"')
  })
  afterAll(() => influxd?.stop())
  const query = async (q: string): Promise<void> => {
    const basic = Buffer.from(`${admin.user}:${admin.password}`).toString('base64')
    const answer = await fetch(`${influxd.url}/query`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ q }),
    })
    expect(await answer.text()).not.toContain('error')
  }
  const checked = async (who: string, database = 'isotherm'): Promise<Check> => {
    const checks = await ask({ ISOTHERM_SERIES_URL: `influxdb://${who}@${host}/${database}` })
    expect(JSON.stringify(checks)).not.toContain(who.split(':')[1])
    return partOf(checks, 'influxdb')
  }

  it('that is well is told with its version', async () => {
    expect(await checked('admin:of-the-test')).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/^InfluxDB 1\.\d/),
    })
  })
  it('with a wrong password is told to be so', async () => {
    expect(await checked('admin:wrong-one')).toMatchObject({
      state: 'broken',
      detail: 'it refuses the credentials',
      remedy: expect.stringContaining('ISOTHERM_SERIES_URL'),
    })
  })
  it('without the database is told with the command that makes it', async () => {
    expect(await checked('admin:of-the-test', 'nowhere')).toMatchObject({
      state: 'warn',
      remedy: `influx -execute 'CREATE DATABASE "nowhere"'`,
    })
  })
  it('that forbids writing is told with the grant', async () => {
    expect(await checked('reader:reads')).toMatchObject({
      state: 'broken',
      remedy: `influx -execute 'GRANT ALL ON "isotherm" TO "reader"'`,
    })
  })
  it.each([2, 3] as const)('%i.x, as documented, is asked for its token', async (version) => {
    const open = await startInfluxd()
    const facade = await startFacade(version, open.url)
    const checked = async (token: string): Promise<Check> => {
      const { host } = new URL(facade.url)
      const org = encodeURIComponent(facadeOrg)
      const url = `influxdb://${token}@${host}/documented?org=${org}`
      return partOf(await ask({ ISOTHERM_SERIES_URL: url }), 'influxdb')
    }
    try {
      expect(await checked('of-somebody-else')).toMatchObject({ state: 'broken' })
      const create = version === 2 ? 'influx bucket create' : 'influxdb3 create database'
      expect(await checked(facadeToken)).toMatchObject({
        state: 'warn',
        remedy: expect.stringContaining(create),
      })
      await fetch(`${open.url}/query?q=CREATE+DATABASE+documented`, { method: 'POST' })
      expect(await checked(facadeToken)).toMatchObject({ state: 'ok' })
      expect(facade.asked.every(({ body }) => body === '')).toBe(true)
    } finally {
      await facade.close()
      await open.stop()
    }
  })
  it('that is down is told with the command that starts it', async () => {
    await influxd.kill()
    expect(await checked('admin:of-the-test')).toMatchObject({
      state: 'broken',
      remedy: 'systemctl start influxdb',
    })
    await influxd.restart()
  })
})

if (!postgresPath) console.warn('skipped: what needs PostgreSQL, which is not installed')
describe.skipIf(!postgresPath)('PostgreSQL', () => {
  let postgres: Postgres
  let url: string
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: true, untouched: true })
    url = await postgres.createDatabase()
    await sql(`create role guarded login password 'right'`, 'create role plain login')
  })
  afterAll(() => postgres?.stop())
  const sql = async (...texts: string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    for (const text of texts) await client.query(text)
    await client.end()
  }
  const as = (user: string, database = new URL(url).pathname.slice(1)): string =>
    `postgres://${user}@${new URL(url).host}/${database}`
  const checked = async (where: string): Promise<Check> => {
    const checks = await ask({ ISOTHERM_LEDGER_URL: where })
    expect(JSON.stringify(checks)).not.toContain('secret')
    return partOf(checks, 'postgresql')
  }

  it('that is well is told with its version', async () => {
    expect(await checked(url)).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/^PostgreSQL \d+/),
    })
  })
  it('with a wrong password is told to be so', async () => {
    expect(await checked(as('guarded:secret'))).toMatchObject({
      state: 'broken',
      detail: 'it refuses the password of guarded',
      remedy: expect.stringContaining('alter role'),
    })
  })
  it('without the database is told with the command that makes it', async () => {
    const port = new URL(url).port
    expect(await checked(as('postgres', 'isotherm'))).toMatchObject({
      state: 'broken',
      remedy: `createdb -p ${port} -O postgres isotherm`,
    })
  })
  it('where we may make no tables is told with the grant', async () => {
    expect(await checked(as('plain'))).toMatchObject({
      state: 'broken',
      remedy: expect.stringContaining('grant create, usage on schema public to "plain"'),
    })
  })
  it('of a newer release is told to be so', async () => {
    await sql(
      'create table kysely_migration (name text, timestamp text)',
      `insert into kysely_migration values ('9999-of-tomorrow', '')`,
    )
    expect(await checked(url)).toMatchObject({
      state: 'broken',
      detail: expect.stringContaining('9999-of-tomorrow'),
    })
    await sql('drop table kysely_migration')
  })
  it('that is down is told with the command that starts it', async () => {
    await postgres.kill('SIGINT')
    expect(await checked(url)).toMatchObject({
      state: 'broken',
      remedy: 'systemctl start postgresql',
    })
    await postgres.restart()
  })
})

if (!natsPath) console.warn('skipped: what needs nats-server, which is not installed')
describe.skipIf(!natsPath)('NATS', () => {
  let nats: Nats
  const config = `accounts {
    streams { jetstream: enabled, users: [{ user: "full", password: "right" }] }
    bare { users: [{ user: "bare", password: "right" }] }
  }`
  beforeAll(async () => {
    nats = await startNats({ config })
  })
  afterAll(() => nats?.stop())
  const checked = async (user: string, more = ''): Promise<Check> => {
    const url = `nats://${user}@${nats.servers[0]}${more}`
    const checks = await ask({ ISOTHERM_LOG_URL: url })
    expect(JSON.stringify(checks)).not.toContain('wrong-one')
    return partOf(checks, 'nats')
  }

  it('that is well is told with its version', async () => {
    expect(await checked('full:right')).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/^NATS 2\./),
    })
  })
  it('with a wrong password is told to be so', async () => {
    expect(await checked('full:wrong-one')).toMatchObject({
      state: 'broken',
      detail: 'it refuses the credentials',
      remedy: expect.stringContaining('ISOTHERM_LOG_URL'),
    })
  })
  it('without JetStream is told with the option that brings it', async () => {
    expect(await checked('bare:right')).toMatchObject({
      state: 'broken',
      remedy: expect.stringContaining('nats-server -js'),
    })
  })
  it('with too few servers for the replicas is told so', async () => {
    expect(await checked('full:right', '?replicas=3')).toMatchObject({
      state: 'broken',
      remedy: expect.stringContaining('replicas=1'),
    })
  })
  it('that is down is told with the command that starts it', async () => {
    await nats.nodes[0]!.kill()
    const port = nats.servers[0]!.split(':')[1]
    expect(await checked('full:right')).toMatchObject({
      state: 'broken',
      remedy: `nats-server -js -p ${port}`,
    })
  })
})

const mosquitto = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto'].find((file) => existsSync(file))
if (!mosquitto) console.warn('skipped: what needs mosquitto, which is not installed')
describe.skipIf(!mosquitto)('a broker that we follow', () => {
  it('is told to be well, to refuse us, and to be down, each with its remedy', async () => {
    const passwords = join(folder, 'passwords')
    execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'isotherm', 'right'])
    const free = createServer()
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => free.close(resolve))
    const file = join(folder, 'mosquitto.conf')
    const lines = [`listener ${port} 127.0.0.1`, 'user root', `password_file ${passwords}`]
    writeFileSync(file, `${lines.join('\n')}\n`)
    const broker = spawn(mosquitto!, ['-c', file], { stdio: 'ignore' })
    const checked = async (password: string): Promise<Check> => {
      const url = `mqtt://isotherm:${password}@127.0.0.1:${port}`
      return partOf(await ask({ ISOTHERM_MQTT_UPSTREAM_URL: url }), 'upstream mqtt')
    }
    try {
      let first = await checked('right')
      for (; first.remedy === 'systemctl start mosquitto'; first = await checked('right'))
        await delay(20)
      expect(first).toMatchObject({ state: 'ok' })
      expect(await checked('wrong')).toMatchObject({
        state: 'broken',
        remedy: expect.stringContaining('ISOTHERM_MQTT_UPSTREAM_URL'),
      })
    } finally {
      const gone = once(broker, 'exit')
      broker.kill('SIGKILL')
      await gone
    }
    expect(await checked('right')).toMatchObject({ remedy: 'systemctl start mosquitto' })
  })
})
