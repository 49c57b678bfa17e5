// The command line: arguments in, lines and an exit code out. Each command speaks to a server over
// HTTP and MQTT like anybody else; `serve` is the server.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Config, parseConfig } from './config.ts'
import { Corrupt, OperatorError, Unavailable } from './domain/refusal.ts'
import { type Server, serve } from './main.ts'
import { demoWorld } from './simulators/demo-world.ts'
import { paceAt, paceLive, wallClock } from './simulators/pace.ts'
import { type Progress, speak } from './simulators/speak.ts'
import { createWorld } from './simulators/world.ts'
import { newToken } from './store/ledger-registry.ts'

const usage = `isotherm <command>

  serve                      everything in one process on embedded stores (default)
  demo                       the same in a temporary folder, with a simulated fleet
  simulate                   a simulated fleet against a running server
                             --devices N --seed S --speed X (1 real time, 0 as fast as possible) --hours H
  import FILE [FILE ...]     logger files; --utc-offset +01:00 (clock of the logger), --device ID
  capture FILE [FILE ...]    EPCIS 2.0 JSON documents

  --url URL --token TOKEN    of the running server (also ISOTHERM_URL, ISOTHERM_TOKEN); import and
                             capture work without a running server too
  --json                     one JSON object a line instead of text
Settings are environment variables ISOTHERM_*: see docs/operations.md.`

const options = {
  url: { type: 'string' },
  mqtt: { type: 'string' },
  token: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  devices: { type: 'string', default: '12' },
  seed: { type: 'string', default: '1' },
  speed: { type: 'string', default: '1' },
  hours: { type: 'string', default: '24' },
  'utc-offset': { type: 'string', default: '+00:00' },
  device: { type: 'string' },
} as const

type Options = ReturnType<typeof parse>['values']

const parse = (argv: string[]) => parseArgs({ args: argv, options, allowPositionals: true })

/** Runs a command; sets the exit code: 0 fine, 1 failed, 2 wrong use. */
export async function main(argv: string[]): Promise<void> {
  try {
    await run(argv)
  } catch (error) {
    if (error instanceof OperatorError)
      console.error(`isotherm: ${error.message}\n  -> ${error.remedy}`)
    else if (error instanceof Corrupt || error instanceof Unavailable)
      console.error(`isotherm: ${error.message}`)
    else if (
      error instanceof TypeError &&
      'code' in error &&
      String(error.code).startsWith('ERR_PARSE_ARGS')
    )
      console.error(`isotherm: ${error.message}\n\n${usage}`)
    else console.error(error)
    process.exitCode = process.exitCode ?? 1
  }
}

async function run(argv: string[]): Promise<void> {
  const { values, positionals } = parse(argv)
  const [command = 'serve', ...files] = positionals
  if (values.help) {
    console.log(usage)
    return
  }
  const config = parseConfig(process.env)
  switch (command) {
    case 'serve':
      return serveUntilStopped(() => start(config))
    case 'demo':
      return demo(config)
    case 'simulate':
      return simulate(values)
    case 'import':
    case 'capture':
      return sendFiles(command, { files, values, config })
    default:
      process.exitCode = 2
      throw new OperatorError(
        `there is no command "${command}"`,
        'isotherm --help lists the commands',
      )
  }
}

async function start(config: Config): Promise<Server> {
  const server = await serve(config)
  console.log(`Isotherm is ready: ${server.httpUrl} (API and console), ${server.mqttUrl} (MQTT)`)
  if (server.newAdminToken)
    console.log(`Administrator token, shown this once: ${server.newAdminToken}`)
  return server
}

/** Resolves when the process was told to stop, however early, and everything is closed. */
async function serveUntilStopped(
  starting: () => Promise<Server>,
  stop: () => Promise<void> = async () => {},
): Promise<void> {
  const signal = Promise.withResolvers<void>()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => signal.resolve())
  const server = await starting()
  try {
    await Promise.race([signal.promise, server.failed])
  } finally {
    await stop()
    await server.close()
  }
}

async function demo(config: Config): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-demo-'))
  const token = newToken()
  let stop = async (): Promise<void> => {}
  const startDemo = async (): Promise<Server> => {
    const server = await start({ ...config, dataDir, adminToken: token })
    console.log(`Signed-in console: ${server.httpUrl}/#token=${token}`)
    const world = demoWorld({ seed: 1, now: Date.now() })
    const speaking = speak(world, {
      httpUrl: server.httpUrl,
      mqttUrl: server.mqttUrl,
      token,
      pace: paceLive(world.liveFrom, 60, wallClock),
    })
    speaking.done.catch((error) =>
      console.error(`the simulated fleet fell silent: ${error.message}`),
    )
    stop = () => speaking.stop()
    return server
  }
  try {
    await serveUntilStopped(startDemo, () => stop())
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function simulate(values: Options): Promise<void> {
  const httpUrl = values.url ?? process.env.ISOTHERM_URL ?? 'http://127.0.0.1:8080'
  const mqttUrl = values.mqtt ?? `mqtt://${new URL(httpUrl).hostname}:1883`
  const token = tokenOf(values)
  const hours = wholeNumber('hours', values.hours)
  const startTime = Date.now() - (values.speed === '0' ? hours * 3_600_000 : 0)
  const world = createWorld({
    seed: values.seed,
    devices: wholeNumber('devices', values.devices),
    startTime,
    endTime: startTime + hours * 3_600_000,
  })
  const speed = Number(values.speed)
  let shown = 0
  const speaking = speak(world, {
    httpUrl,
    mqttUrl,
    token,
    pace: paceAt(speed, wallClock),
    onProgress: (progress) => {
      if (progress.packets + progress.captures < shown + 1000) return
      shown = progress.packets + progress.captures
      tell(values, progress)
    },
  })
  process.once('SIGINT', () => void speaking.stop())
  tell(values, await speaking.done)
}

function tell(values: Options, progress: Readonly<Progress>): void {
  if (values.json) console.log(JSON.stringify(progress))
  else
    console.log(
      `${new Date(progress.at).toISOString()}  ${progress.devices} devices, ${progress.captures} captures, ${progress.readings} readings in ${progress.packets} packets`,
    )
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new OperatorError(
    `--${name} ${text} is not a whole number above 0`,
    `give --${name} a number`,
  )
}

function tokenOf(values: Options): string {
  const token = values.token ?? process.env.ISOTHERM_TOKEN ?? process.env.ISOTHERM_ADMIN_TOKEN
  if (token) return token
  throw new OperatorError('no token', 'give --token, or set ISOTHERM_TOKEN')
}

/** Sends files to the running server, or to one started for the purpose on the data folder. */
async function sendFiles(
  command: 'import' | 'capture',
  { files, values, config }: { files: string[]; values: Options; config: Config },
): Promise<void> {
  if (files.length === 0) {
    process.exitCode = 2
    throw new OperatorError(`isotherm ${command} needs a file`, `isotherm ${command} FILE`)
  }
  const { url, token, close } = await reach(values, config)
  try {
    for (const file of files) {
      const sent = await (command === 'import' ? importFile : captureFile)(file, {
        url,
        token,
        values,
      })
      if (!sent) process.exitCode = 1
    }
  } finally {
    await close()
  }
}

async function reach(values: Options, config: Config) {
  const url = values.url ?? process.env.ISOTHERM_URL
  if (url) return { url, token: tokenOf(values), close: async () => {} }
  try {
    const token = newToken()
    const server = await serve({
      ...config,
      adminToken: token,
      httpPort: 0,
      mqttPort: 0,
      listen: '127.0.0.1',
    })
    const close = async (): Promise<void> => {
      await server.settled()
      await server.close()
    }
    return { url: server.httpUrl, token, close }
  } catch (error) {
    if (!(error instanceof OperatorError && error.message.startsWith('another Isotherm')))
      throw error
    return {
      url: `http://127.0.0.1:${config.httpPort}`,
      token: tokenOf(values),
      close: async () => {},
    }
  }
}

interface SendTo {
  url: string
  token: string
  values: Options
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new OperatorError(
      `cannot read ${file}: ${error instanceof Error ? error.message : error}`,
      'check the name of the file',
      error,
    )
  }
}

/** `fetch` with words for the operator when there is nobody at the other end. */
async function send(url: string | URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request)
  } catch (error) {
    const { cause } = error as Error
    throw new OperatorError(
      `no answer from ${new URL(url).origin}: ${cause instanceof Error ? cause.message : error}`,
      'see that the server runs there, or give another address with --url',
      error,
    )
  }
}

async function importFile(file: string, { url, token, values }: SendTo): Promise<boolean> {
  const query = new URLSearchParams({
    utcOffset: values['utc-offset'],
    ...(values.device && { device: values.device }),
  })
  const response = await send(`${url}/api/v1/imports?${query}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'text/plain',
      accept: 'application/x-ndjson',
    },
    body: readBytes(file),
  })
  const text = response.body?.pipeThrough(new TextDecoderStream()) ?? []
  let rest = ''
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) tellImport(file, line, values)
  }
  if (rest.trim() !== '') tellImport(file, rest, values)
  return response.ok
}

/** A line of progress, the result, or a problem (api/imports.ts). */
interface ImportLine {
  kept?: number
  readings: number
  device?: string
  model?: string
  from?: string
  to?: string
  figures?: {
    period: string
    figure: string
    unit: string
    device: unknown
    computed: unknown
    agrees: boolean
  }[]
  refusals?: { path: string; detail: string }[]
  errors?: { path?: string; pointer?: string; detail: string }[]
  title?: string
  detail?: string
}

function tellImport(file: string, line: string, values: Options): void {
  if (line.trim() === '') return
  if (values.json) {
    console.log(line)
    return
  }
  const said = JSON.parse(line) as ImportLine
  const name = basename(file)
  if (said.title) console.error(`${name}: ${said.title}${said.detail ? `: ${said.detail}` : ''}`)
  else if (said.kept !== undefined)
    console.log(`${name}: ${said.kept} of ${said.readings} readings kept`)
  else {
    const span = said.from ? `, ${said.from} to ${said.to}` : ' (a summary only)'
    console.log(`${name}: ${said.model}, device ${said.device}, ${said.readings} readings${span}`)
    for (const { period, figure, unit, device, computed, agrees } of said.figures ?? [])
      console.log(
        `  ${agrees ? '=' : '!'} ${period} ${figure}: the device says ${device}, its rows give ${rounded(computed)} (${unit})`,
      )
  }
  for (const { path, detail } of said.refusals ?? []) console.error(`  refused ${path}: ${detail}`)
  for (const { path, pointer, detail } of said.errors ?? [])
    console.error(`  ${pointer ?? path ?? ''}: ${detail}`)
}

const rounded = (value: unknown): unknown =>
  typeof value === 'number' ? Math.round(value * 1000) / 1000 : (value ?? 'nothing')

async function captureFile(file: string, { url, token, values }: SendTo): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/ld+json' }
  const response = await send(`${url}/epcis/capture`, {
    method: 'POST',
    headers,
    body: readBytes(file),
  })
  let job = (await response.json()) as {
    running?: boolean
    success?: boolean
    title?: string
    errors?: { path?: string; pointer?: string; detail: string }[]
  }
  const location = response.headers.get('location')
  for (let tries = 0; location && job.running !== false && tries < 600; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    job = (await (await send(new URL(location, url), { headers })).json()) as typeof job
  }
  const success = response.ok && job.success === true
  if (values.json) console.log(JSON.stringify({ file, ...job }))
  else {
    console.log(`${basename(file)}: ${success ? 'captured' : (job.title ?? 'refused')}`)
    for (const problem of job.errors ?? [])
      console.error(`  ${problem.pointer ?? problem.path ?? ''}: ${problem.detail}`)
  }
  return success
}
