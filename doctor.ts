// `isotherm doctor`: looks at everything a server needs and says of each part whether it is well,
// and of each broken one what mends it. Starts nothing and changes nothing; may run beside a
// server.
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Config, parseConfig } from './config.ts'
import { OperatorError } from './domain/refusal.ts'
import { checkUpstream } from './ingest/check-upstream.ts'
import {
  answerWithinMs,
  broken,
  type Check,
  checkClock,
  doubtful,
  reasonOf,
  well,
} from './store/check/check.ts'
import { checkEmbedded } from './store/check/embedded.ts'
import type { EmbeddedStore } from './store/check/embedded-child.ts'
import { checkInflux } from './store/check/influx.ts'
import { checkNats } from './store/check/nats.ts'
import { checkPostgres } from './store/check/postgres.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** One check after the other, as they come. */
export async function* examine(
  env: Environment,
  now: () => number = Date.now,
): AsyncGenerator<Check> {
  yield checkNode()
  const { config, checks } = readSettings(env)
  yield* checks
  yield checkConsole(join(import.meta.dirname, 'dashboards/console/dist'))
  if (!config) return
  const serving = yield* checkHttp(config, now)
  yield await checkMqttPort(config, serving)
  const { log, series, ledger, upstream } = config
  const embedded: [EmbeddedStore, boolean][] = [
    ['log', log.kind === 'lmdb'],
    ['series', series.kind === 'duckdb'],
    ['ledger', ledger.kind === 'sqlite'],
  ]
  const stores = embedded.filter(([, is]) => is).map(([store]) => store)
  yield* await checkEmbedded({ folder: config.dataDir, stores, logBytesMax: config.logBytesMax })
  if (log.kind === 'nats') yield* await checkNats(log)
  if (series.kind === 'influxdb') yield* await checkInflux(series, now)
  if (ledger.kind === 'postgres') yield* await checkPostgres(ledger.url, now)
  if (upstream) yield* await checkUpstream(upstream)
}

function checkNode(): Check {
  const { node } = process.versions
  return Number.parseInt(node, 10) >= 24
    ? well('node', node)
    : broken('node', `${node} is too old: 24 is needed`, 'npm ci (it brings Node 24 along)')
}

/**
 * All that is wrong at once: each wrong setting is told, then left out. No configuration when one
 * is wrong, since what it would lead to is not what is meant.
 */
function readSettings(env: Environment): { config: Config | undefined; checks: Check[] } {
  const left: Record<string, string | undefined> = { ...env }
  const checks: Check[] = []
  for (;;) {
    try {
      const config = parseConfig(left)
      if (checks.length > 0) return { config: undefined, checks }
      const given = Object.keys(env).filter((name) => name.startsWith('ISOTHERM_'))
      const detail = given.length === 0 ? 'none given: defaults' : given.sort().join(', ')
      return { config, checks: [well('settings', detail)] }
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error
      checks.push(broken('settings', error.message, error.remedy))
      const name = /ISOTHERM_\w+/.exec(error.message)?.[0]
      if (name === undefined || left[name] === undefined) return { config: undefined, checks }
      delete left[name]
    }
  }
}

const checkConsole = (folder: string): Check =>
  existsSync(join(folder, 'index.html'))
    ? well('console', 'built')
    : doubtful('console', 'it is not built: the server answers its API only', 'npm run build')

/** The port is free, or one of ours answers there, whose parts are told. True for the latter. */
async function* checkHttp(config: Config, now: () => number): AsyncGenerator<Check, boolean> {
  const { listen, httpPort } = config
  const part = partOf('HTTP', httpPort)
  const taken = await listenError(listen, httpPort)
  if (!taken) {
    yield well(part, 'free')
    return false
  }
  if (taken.code === 'EADDRINUSE') {
    const url = `http://${hostOf(listen)}:${httpPort}`
    const alive = await ask(`${url}/livez`)
    if (alive && (await alive.text()) === 'alive\n') {
      yield well(part, 'an Isotherm answers there')
      yield* checkClock(part, Date.parse(alive.headers.get('date') ?? ''), now())
      yield* await checkParts(url)
      return true
    }
  }
  yield portTrouble({ part, listen, port: httpPort, setting: 'ISOTHERM_HTTP_PORT' }, taken)
  return false
}

async function checkParts(url: string): Promise<Check[]> {
  const ready = await ask(`${url}/readyz`)
  const said = (await ready?.json().catch(() => undefined)) as
    | { parts?: Record<string, string> }
    | undefined
  const trouble = Object.entries(said?.parts ?? {}).filter(([, state]) => state !== 'up')
  if (trouble.length === 0) return [well('server', 'all its parts are up')]
  const remedy = 'journalctl -u isotherm -n 100 (it says why), and what is broken below'
  return trouble.map(([name, state]) => broken('server', `its ${name} is ${state}`, remedy))
}

async function checkMqttPort({ listen, mqttPort }: Config, serving: boolean): Promise<Check> {
  const part = partOf('MQTT', mqttPort)
  const taken = await listenError(listen, mqttPort)
  if (!taken) return well(part, 'free')
  if (taken.code === 'EADDRINUSE' && serving) return well(part, 'in use, by that Isotherm')
  return portTrouble({ part, listen, port: mqttPort, setting: 'ISOTHERM_MQTT_PORT' }, taken)
}

const partOf = (protocol: string, port: number): string =>
  `${port === 0 ? 'any port' : `port ${port}`} (${protocol})`

function portTrouble(
  { part, listen, port, setting }: { part: string; listen: string; port: number; setting: string },
  error: NodeJS.ErrnoException,
): Check {
  switch (error.code) {
    case 'EADDRINUSE': {
      const who = `ss -ltnp 'sport = :${port}'`
      const detail = `another program has it (${who} says which)`
      return broken(part, detail, `stop that program, or set ${setting}=${port + 1}`)
    }
    case 'EACCES':
      return broken(part, `this user may not open it`, `set ${setting} to a port above 1023`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return broken(part, `${listen} is no address of this machine`, 'ISOTHERM_LISTEN=0.0.0.0')
    default:
      return broken(part, reasonOf(error), `set ${setting} to another port`)
  }
}

/** Why nobody can listen there; undefined when one can. */
function listenError(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

const hostOf = (listen: string): string => {
  if (listen === '0.0.0.0') return '127.0.0.1'
  if (listen === '::') return '[::1]'
  return listen.includes(':') ? `[${listen}]` : listen
}

const ask = (url: string): Promise<Response | undefined> =>
  fetch(url, { signal: AbortSignal.timeout(answerWithinMs) }).catch(() => undefined)
