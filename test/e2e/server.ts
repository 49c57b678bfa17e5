// An Isotherm as a stranger runs it: a child process, started by its entry point, known by what it
// prints and by its ports. For tests only. Whatever a test starts here is ended and its folders are
// removed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll } from 'vitest'

export const adminToken = 'administrator-of-the-test'
export const entryPoint = join(import.meta.dirname, '../../isotherm.js')

export interface TestServer {
  url: string
  /** NaN when it is no broker. */
  mqttPort: number
  token: string
  pid: number
  dataDir: string
  /** From the start of the process to its line "ready", ms. */
  readyMs: number
  /** As the administrator; objects go as JSON. Gives the parsed body; throws on 4xx and 5xx. */
  api<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>
  /** The same, with everything a request may want and whatever the answer is. */
  ask(method: string, path: string, options?: AskOptions): Promise<Response>
  /** Resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<Ended>
  /** Ends it as an operator would. */
  stop(): Promise<Ended>
  output(): string
}

export interface AskOptions {
  body?: unknown
  headers?: Record<string, string>
  token?: string
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface RunOptions {
  env?: Record<string, string>
  /** The runtime; that of the tests when absent. */
  node?: string
  /** Put before the runtime: setpriv and its arguments, say. */
  prefix?: string[]
  /** The folder it is called in; that of the tests when absent. */
  cwd?: string
}

const folders: string[] = []
const children = new Set<ChildProcess>()

afterAll(async () => {
  for (const child of children) {
    child.kill('SIGKILL')
    await ended(child)
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-e2e-'))
  folders.push(folder)
  return folder
}

/**
 * Starts a server on free ports and waits until it says that it is ready. Throws with its words
 * when it ends before.
 */
export async function startServer(
  options: RunOptions & { dataDir?: string } = {},
): Promise<TestServer> {
  const dataDir = options.dataDir ?? join(newFolder(), 'data')
  const startedAt = performance.now()
  const env = {
    ISOTHERM_DATA_DIR: dataDir,
    ISOTHERM_HTTP_PORT: '0',
    ISOTHERM_MQTT_PORT: '0',
    ISOTHERM_ADMIN_TOKEN: adminToken,
    ...options.env,
  }
  const { child, said } = launch(['serve'], { ...options, env })
  const [ready, url] = await saying(child, said, /ready: (http:\S+).*\n/)
  const [, mqttPort] = /mqtt:\S+:(\d+)/.exec(ready) ?? []
  const readyMs = performance.now() - startedAt
  const token = env.ISOTHERM_ADMIN_TOKEN
  const ask: TestServer['ask'] = (method, path, request = {}) =>
    askAt(new URL(path, url), method, { token, ...request })
  const kill = async (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal)
    return ended(child)
  }
  return {
    url: url!,
    mqttPort: Number(mqttPort),
    token,
    pid: child.pid!,
    dataDir,
    readyMs,
    ask,
    api: async (method, path, body) => {
      const response = await ask(method, path, { body })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return text === '' ? undefined : JSON.parse(text)
    },
    kill,
    stop: () => kill('SIGTERM'),
    output: () => said.text,
  }
}

/** Where somebody listened a moment ago and nobody does now. */
export async function urlOfNobody(): Promise<string> {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as { port: number }
  gone.close()
  await once(gone, 'close')
  return `http://127.0.0.1:${port}`
}

export interface Finished extends Ended {
  stdout: string
  stderr: string
}

/** Runs a command to its end. */
export async function run(args: string[], options: RunOptions = {}): Promise<Finished> {
  const { child, said } = launch(args, options)
  return { ...(await ended(child)), stdout: said.stdout, stderr: said.stderr }
}

/** An MQTT session of MQTT.js, ended with the test's own `client.endAsync()` or with the server. */
export function connectMqtt(
  { mqttPort, url }: Pick<TestServer, 'mqttPort' | 'url'>,
  user: { id: string; token: string },
  options: IClientOptions & { webSocket?: boolean } = {},
): Promise<MqttClient> {
  const { webSocket, ...rest } = options
  const where = webSocket ? `${url.replace(/^http/, 'ws')}/mqtt` : `mqtt://127.0.0.1:${mqttPort}`
  return mqtt.connectAsync(where, {
    username: user.id,
    password: user.token,
    reconnectPeriod: 0,
    ...rest,
  })
}

interface Said {
  stdout: string
  stderr: string
  readonly text: string
}

function launch(args: string[], options: RunOptions): { child: ChildProcess; said: Said } {
  const { env = {}, node = process.execPath, prefix = [], cwd } = options
  // Settings of whoever runs the tests are not those of the test.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ISOTHERM_'))
  const [command, ...rest] = [...prefix, node, entryPoint, ...args]
  const child = spawn(command!, rest, {
    env: { ...Object.fromEntries(inherited), NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  })
  children.add(child)
  child.once('close', () => children.delete(child))
  const said: Said = {
    stdout: '',
    stderr: '',
    get text() {
      return this.stdout + this.stderr
    },
  }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  return { child, said }
}

function saying(child: ChildProcess, said: Said, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const found = pattern.exec(said.stdout)
      if (found) resolve(found)
    }
    child.stdout!.on('data', look)
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`ended with ${code}: ${said.text}`)))
  })
}

async function ended(child: ChildProcess): Promise<Ended> {
  if (children.has(child)) await once(child, 'close')
  return { code: child.exitCode, signal: child.signalCode }
}

function askAt(url: URL, method: string, { body, headers, token }: AskOptions): Promise<Response> {
  const plain = typeof body === 'string' || body instanceof Uint8Array
  return fetch(url, {
    method,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && {
      body: plain ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
    }),
  })
}
