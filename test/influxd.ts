// A real InfluxDB 1.x for tests: influxd as a child process on free loopback ports in a temporary
// folder, ended by its pid. Stands in for nothing; where the binary is absent, tests skip.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Undefined when this machine has none; `apt-get install influxdb` brings it. */
export const influxdPath: string | undefined = (process.env.PATH ?? '')
  .split(':')
  .concat('/usr/bin', '/usr/sbin')
  .map((folder) => join(folder, 'influxd'))
  .find((path) => existsSync(path))

export interface Influxd {
  /** http://127.0.0.1:port */
  url: string
  folder: string
  readonly pid: number
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Same port and folder; ends it first when it still runs. */
  restart(): Promise<void>
  /** Ends it and removes the folder. */
  stop(): Promise<void>
}

export async function startInfluxd(
  options: { auth?: { user: string; password: string }; folder?: string } = {},
): Promise<Influxd> {
  if (influxdPath === undefined) throw new Error('there is no influxd on this machine')
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'isotherm-influxd-')))
  await mkdir(folder, { recursive: true })
  let [http, rpc] = await freePorts()
  let child: ChildProcess | undefined
  const run = async (): Promise<void> => {
    await writeFile(join(folder, 'influxd.conf'), configOf({ folder, http, rpc, ...options }))
    child = spawn(influxdPath!, ['-config', join(folder, 'influxd.conf')], { stdio: 'ignore' })
    if (!(await answers(`http://127.0.0.1:${http}/ping`, child)))
      throw new Error(`influxd ended while it started (port ${http})`)
  }
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    const dying = child
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return
    const gone = new Promise((resolve) => dying.once('exit', resolve))
    dying.kill(signal)
    await gone
  }
  try {
    await run()
  } catch {
    // Somebody took a port between asking for a free one and using it.
    ;[http, rpc] = await freePorts()
    await run()
  }
  const url = `http://127.0.0.1:${http}`
  if (options.auth) await createAdministrator(url, options.auth)
  return {
    url,
    folder,
    get pid() {
      return child!.pid!
    },
    kill,
    restart: async () => {
      await kill()
      await run()
    },
    stop: async () => {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function configOf(at: { folder: string; http: number; rpc: number; auth?: object }): string {
  const inside = (name: string): string => JSON.stringify(join(at.folder, name))
  return `reporting-disabled = true
bind-address = "127.0.0.1:${at.rpc}"
[meta]
  dir = ${inside('meta')}
  logging-enabled = false
[data]
  dir = ${inside('data')}
  wal-dir = ${inside('wal')}
  index-version = "tsi1"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${at.http}"
  log-enabled = false
  auth-enabled = ${at.auth !== undefined}
`
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()]
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ports.push((server.address() as { port: number }).port)
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports as [number, number]
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      if ((await fetch(url)).status === 204) return true
    } catch {
      // not listening yet
    }
    await delay(20)
  }
  return false
}

/** While there is no user, anybody may create the first one. */
async function createAdministrator(
  url: string,
  { user, password }: { user: string; password: string },
): Promise<void> {
  const q = `CREATE USER "${user}" WITH PASSWORD '${password}' WITH ALL PRIVILEGES`
  const answer = await fetch(`${url}/query`, {
    method: 'POST',
    body: new URLSearchParams({ q }),
  })
  if (!answer.ok) throw new Error(`influxd did not create the user: ${await answer.text()}`)
}
