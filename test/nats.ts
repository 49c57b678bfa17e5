// Real nats-servers with JetStream for tests: child processes on free loopback ports in temporary
// folders, one alone or three as a cluster, ended by their pids. Stands in for nothing; where the
// binary is absent, tests skip.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Undefined when this machine has none; `apt-get install nats-server` brings it. */
export const natsPath: string | undefined = (process.env.PATH ?? '')
  .split(':')
  .concat('/usr/bin', '/usr/sbin', '/usr/local/bin')
  .map((folder) => join(folder, 'nats-server'))
  .find((path) => existsSync(path))

export interface NatsNode {
  /** Name in the cluster: n0, n1, n2. */
  name: string
  /** host:port for clients. */
  server: string
  /** http://host:port of its monitoring. */
  monitor: string
  readonly pid: number
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Same ports and folder; ends it first when it still runs. */
  restart(): Promise<void>
}

export interface Nats {
  servers: string[]
  nodes: NatsNode[]
  /** Ends all and removes the folders. */
  stop(): Promise<void>
}

export interface NatsOptions {
  nodes?: 1 | 3
  /** More lines for the configuration file, e.g. of users. */
  config?: string
}

/** A test that breaks off leaves none behind. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export async function startNats({
  nodes: count = 1,
  config = '',
}: NatsOptions = {}): Promise<Nats> {
  if (natsPath === undefined) throw new Error('there is no nats-server on this machine')
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-nats-'))
  const names = Array.from({ length: count }, (_, index) => `n${index}`)
  for (let attempt = 0; ; attempt++) {
    const ports = await freePorts(3 * count)
    const routes = names.map((_, index) => ports[3 * index + 2]!)
    const nodes = names.map((name, index) => {
      const [port, monitor] = ports.slice(3 * index)
      return natsNode({
        name,
        folder,
        port: port!,
        monitor: monitor!,
        route: routes[index]!,
        routes,
        config,
      })
    })
    const stop = async (): Promise<void> => {
      await Promise.all(nodes.map((node) => node.kill()))
      await rm(folder, { recursive: true, force: true })
    }
    try {
      await Promise.all(nodes.map((node) => node.restart()))
      return { servers: nodes.map(({ server }) => server), nodes, stop }
    } catch (error) {
      // Somebody took a port between asking for a free one and using it.
      await stop()
      if (attempt === 2) throw error
    }
  }
}

interface NodeOptions {
  name: string
  folder: string
  port: number
  monitor: number
  route: number
  routes: number[]
  config: string
}

function natsNode(options: NodeOptions): NatsNode {
  const { name, folder, port, monitor } = options
  const file = join(folder, `${name}.conf`)
  let child: ChildProcess | undefined
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    const dying = child
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return
    const gone = new Promise((resolve) => dying.once('exit', resolve))
    dying.kill(signal)
    await gone
  }
  return {
    name,
    server: `127.0.0.1:${port}`,
    monitor: `http://127.0.0.1:${monitor}`,
    get pid() {
      return child!.pid!
    },
    kill,
    restart: async () => {
      await kill()
      await writeFile(file, configOf(options))
      const log = join(folder, `${name}.log`)
      const begun = spawn(natsPath!, ['-c', file, '-l', log], { stdio: 'ignore' })
      child = begun
      running.add(begun)
      begun.once('exit', () => running.delete(begun))
      await ready(options, begun)
    },
  }
}

function configOf({ name, folder, port, monitor, route, routes, config }: NodeOptions): string {
  const cluster = `cluster {
  name: isotherm
  listen: "127.0.0.1:${route}"
  routes: [${routes.map((one) => `"nats-route://127.0.0.1:${one}"`).join(', ')}]
}`
  return `server_name: ${name}
listen: "127.0.0.1:${port}"
http: "127.0.0.1:${monitor}"
jetstream { store_dir: ${JSON.stringify(join(folder, name))} }
${routes.length > 1 ? cluster : ''}
${config}
`
}

/** Resolves when JetStream takes requests: alone at once, in a cluster when it has a leader. */
async function ready(options: NodeOptions, child: ChildProcess): Promise<void> {
  const { folder, name, monitor, routes } = options
  while (child.exitCode === null && child.signalCode === null) {
    try {
      const answer = await fetch(`http://127.0.0.1:${monitor}/jsz`)
      const said = (await answer.json()) as {
        disabled?: boolean
        meta_cluster?: { leader?: string }
      }
      if (!said.disabled && (routes.length === 1 || said.meta_cluster?.leader)) return
    } catch {
      // not listening yet
    }
    await delay(20)
  }
  const log = await readFile(join(folder, `${name}.log`), 'utf8').catch(() => '')
  throw new Error(`nats-server ${name} ended while it started: ${log.slice(-500)}`)
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ports.push((server.address() as { port: number }).port)
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
