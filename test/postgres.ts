// A real PostgreSQL for tests: a cluster of its own in a temporary folder, on a free loopback port,
// ended by its pid. It refuses to run as root, so root starts it as the system's user postgres.
// Initialised and migrated once in a run of the tests, copied from then on. Stands in for nothing;
// where the binary is absent, tests skip.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { chmod, chown, mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { openPostgresLedger } from '../store/postgres/ledger.ts'

/** Folders that may hold initdb and postgres; Debian keeps them apart by version, newest first. */
const folders = (process.env.PATH ?? '')
  .split(':')
  .concat(
    (existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [])
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => `/usr/lib/postgresql/${version}/bin`),
  )
const programAt = (name: string): string | undefined =>
  folders.map((folder) => join(folder, name)).find((path) => existsSync(path))

/** Undefined when this machine has none; `apt-get install postgresql` brings it. */
export const postgresPath: string | undefined = programAt('initdb') && programAt('postgres')

export interface Postgres {
  /** postgres://postgres@127.0.0.1:port/postgres, the superuser */
  url: string
  readonly pid: number
  /** The url of a fresh, empty database. */
  createDatabase(): Promise<string>
  /** The same, with the tables of this release in it if the run has made them already. */
  createLedger(): Promise<string>
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Same port and folder; ends it first when it still runs. */
  restart(): Promise<void>
  /** Ends it and removes the folder. */
  stop(): Promise<void>
}

interface PostgresOptions {
  /** For tests of durability; else everything is quicker without. */
  fsync?: boolean
  /** Without the roles and tables of this release, as an operator has it at first. */
  untouched?: boolean
}

/** The role `guarded`, if a test makes it, must show its password; all others are trusted. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { fsync = false, untouched = false } = options
  if (postgresPath === undefined) throw new Error('there is no PostgreSQL on this machine')
  const owner = process.getuid?.() === 0 ? systemUser('postgres') : undefined
  const made = untouched ? undefined : await madeOnce(owner)
  const folder = await ownedFolder(join(tmpdir(), 'isotherm-postgres-'), owner)
  if (made === undefined) createCluster(folder, owner)
  else execFileSync('cp', ['-a', join(made, 'data'), folder], { ...owner, cwd: folder })
  return startIn(folder, { owner, fsync, template: made === undefined ? '' : ledgerTemplate })
}

const ledgerTemplate = 'ledger_of_this_release'

/** The folder of a cluster that has the tables of a ledger; undefined outside of a run of tests. */
async function madeOnce(owner: Owner | undefined): Promise<string | undefined> {
  const runFolder = process.env.ISOTHERM_TEST_RUN_FOLDER
  if (runFolder === undefined) return undefined
  const made = join(runFolder, 'postgres')
  if (existsSync(made)) return made
  const folder = await ownedFolder(`${made}-`, owner)
  createCluster(folder, owner)
  const postgres = await startIn(folder, { owner, fsync: false, template: '' })
  await query(postgres.url, `create database ${ledgerTemplate}`)
  const ledger = await openPostgresLedger({ url: postgres.url.replace(/\w+$/, ledgerTemplate) })
  await ledger.close()
  await postgres.kill('SIGINT')
  // Two may have made it at once: the first one stays.
  await rename(folder, made).catch(() => rm(folder, { recursive: true }))
  return made
}

async function ownedFolder(prefix: string, owner: Owner | undefined): Promise<string> {
  const folder = await mkdtemp(prefix)
  if (owner) await chown(folder, owner.uid, owner.gid)
  await chmod(folder, 0o700)
  return folder
}

interface Cluster {
  owner: Owner | undefined
  fsync: boolean
  /** Of ledgers; empty when there is none. */
  template: string
}

async function startIn(folder: string, { owner, fsync, template }: Cluster): Promise<Postgres> {
  let port = 0
  let child: ChildProcess | undefined
  const last = (): void => void child?.kill('SIGINT')
  process.once('exit', last)
  const run = async (): Promise<void> => {
    // Children of a killed server may hold its memory for a moment: it refuses to start until then.
    for (let attempt = 0; attempt < 50; attempt++) {
      child = spawn(postgresPath!, argumentsOf({ folder, port, fsync }), {
        ...owner,
        cwd: folder,
        stdio: 'ignore',
      })
      if (await answers(urlOf(port, 'postgres'), child)) return
      await delay(100)
    }
    throw new Error(`PostgreSQL ended while it started (port ${port})`)
  }
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    const dying = child
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return
    const gone = new Promise((resolve) => dying.once('exit', resolve))
    dying.kill(signal)
    await gone
  }
  port = await freePort()
  await run()
  let databases = 0
  const create = async (like: string): Promise<string> => {
    const name = `test${++databases}`
    const how = like === '' ? '' : ` template ${like}`
    await query(urlOf(port, 'postgres'), `create database ${name}${how}`)
    return urlOf(port, name)
  }
  return {
    url: urlOf(port, 'postgres'),
    get pid() {
      return child!.pid!
    },
    createDatabase: () => create(''),
    createLedger: () => create(template),
    kill,
    restart: async () => {
      await kill()
      await run()
    },
    stop: async () => {
      process.off('exit', last)
      await kill('SIGINT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const urlOf = (port: number, database: string): string =>
  `postgres://postgres@127.0.0.1:${port}/${database}`

function createCluster(folder: string, owner?: Owner): void {
  const options = ['-U', 'postgres', '-E', 'UTF8', '--no-locale', '--no-sync', '--auth=trust']
  execFileSync(programAt('initdb')!, [...options, '-D', join(folder, 'data')], {
    ...owner,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const rules = 'host all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n'
  writeFileSync(join(folder, 'data', 'pg_hba.conf'), rules)
}

function argumentsOf(at: { folder: string; port: number; fsync: boolean }): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    fsync: at.fsync ? 'on' : 'off',
    synchronous_commit: at.fsync ? 'on' : 'off',
    logging_collector: 'on',
  }
  const pairs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', join(at.folder, 'data'), '-p', String(at.port), ...pairs]
}

interface Owner {
  uid: number
  gid: number
}

function systemUser(name: string): Owner {
  const id = (flag: string): number => Number(execFileSync('id', [flag, name]).toString())
  return { uid: id('-u'), gid: id('-g') }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      await query(url, 'select 1')
      return true
    } catch {
      // not listening yet, or still recovering
    }
    await delay(20)
  }
  return false
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(text)
  } finally {
    await client.end().catch(() => undefined)
  }
}
