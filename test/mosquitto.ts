// A real Mosquitto for tests: a child process on a free loopback port in a temporary folder, ended
// by its pid. Stands in for nothing; where the binary is absent, tests skip.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Undefined when this machine has none; `apt-get install mosquitto` brings it. */
export const mosquittoPath: string | undefined = (process.env.PATH ?? '')
  .split(':')
  .concat('/usr/sbin', '/usr/bin')
  .map((folder) => join(folder, 'mosquitto'))
  .find((path) => existsSync(path))

export interface Mosquitto {
  port: number
  folder: string
  readonly pid: number
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Same port and folder. */
  restart(): Promise<void>
  /** Ends it and removes the folder. */
  stop(): Promise<void>
}

/** `settings` are lines of mosquitto.conf. */
export async function startMosquitto(settings: readonly string[] = []): Promise<Mosquitto> {
  if (mosquittoPath === undefined) throw new Error('there is no mosquitto on this machine')
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-mosquitto-'))
  const file = join(folder, 'mosquitto.conf')
  let port = await freePort()
  let child: ChildProcess
  const run = async (): Promise<void> => {
    const always = [
      ...[`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'max_queued_messages 0'],
      ...['persistence true', `persistence_location ${folder}/`],
      // Else it looks for a user of that name when it is started by root.
      `user ${process.env.USER ?? 'root'}`,
    ]
    await writeFile(file, `${[...always, ...settings].join('\n')}\n`)
    child = spawn(mosquittoPath!, ['-c', file], { stdio: 'ignore' })
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`mosquitto ended while it started (${port})`)
      await delay(10)
    }
  }
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  await run().catch(async () => {
    // Somebody took the port between asking for a free one and using it.
    port = await freePort()
    await run()
  })
  return {
    port,
    folder,
    get pid() {
      return child.pid!
    },
    kill,
    restart: async () => {
      await kill()
      await run()
    },
    stop: async () => {
      await kill('SIGTERM')
      await rm(folder, { recursive: true })
    },
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  server.close()
  await once(server, 'close')
  return port
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  }).then((open) => {
    socket.destroy()
    return open as boolean
  })
}
