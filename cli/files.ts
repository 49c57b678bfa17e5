// `isotherm import` and `isotherm capture`: files in, to the running server or to one started for
// the purpose on the data folder. Speaks HTTP like anybody else and judges nothing: what it prints
// is what the server said.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Config } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import { isXml } from '../ingest/xml.ts'
import { newToken } from '../store/ledger/registry.ts'

/** Where a running server is and how to show that one may ask it. */
export interface Reach {
  /** Undefined: the one of the settings, or one started for the purpose. */
  url: string | undefined
  /** Throws OperatorError when nobody gave one. */
  token(): string
}

export interface SendOptions extends Reach {
  config: Config
  json: boolean
  utcOffset: string
  device: string | undefined
  /** Of tables: the zone of their times, the order of their dates, the start of their clock. */
  zone: string | undefined
  dates: string | undefined
  start: string | undefined
}

/** False when one of them was refused. */
export async function sendFiles(
  command: 'import' | 'capture',
  files: readonly string[],
  options: SendOptions,
): Promise<boolean> {
  const { url, token, close } = await reach(options)
  const send = command === 'import' ? importFile : captureFile
  try {
    let all = true
    for (const file of files) all = (await send(file, { url, token, options })) && all
    return all
  } finally {
    await close()
  }
}

/** The running server, or one started for the purpose; `close` when all was said. */
export async function reach({ url, token: tokenGiven, config }: SendOptions) {
  if (url) return { url, token: tokenGiven(), close: async () => {} }
  try {
    const token = newToken()
    // All of Isotherm: loaded only where no server runs.
    const { serve } = await import('../main.ts')
    const server = await serve({
      ...config,
      adminToken: token,
      httpPort: 0,
      mqttPort: 0,
      listen: '127.0.0.1',
      // A server for the time of one command: that it started and stopped is no news.
      logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel,
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
      token: tokenGiven(),
      close: async () => {},
    }
  }
}

interface SendTo {
  url: string
  token: string
  options: SendOptions
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
export async function send(url: string | URL, request: RequestInit): Promise<Response> {
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

async function importFile(file: string, { url, token, options }: SendTo): Promise<boolean> {
  const query = new URLSearchParams({
    utcOffset: options.utcOffset,
    ...(options.device && { device: options.device }),
    ...(options.zone && { zone: options.zone }),
    ...(options.dates && { dates: options.dates }),
    ...(options.start && { start: options.start }),
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
    for (const line of lines) tellImport(file, line, options)
  }
  if (rest.trim() !== '') tellImport(file, rest, options)
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

function tellImport(file: string, line: string, { json }: SendOptions): void {
  if (line.trim() === '') return
  if (json) {
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

async function captureFile(file: string, { url, token, options }: SendTo): Promise<boolean> {
  const body = readBytes(file)
  const type = isXml(body) ? 'application/xml' : 'application/ld+json'
  const headers = { authorization: `Bearer ${token}`, 'content-type': type }
  const response = await send(`${url}/epcis/capture`, { method: 'POST', headers, body })
  let job = (await response.json()) as {
    running?: boolean
    success?: boolean
    title?: string
    errors?: { path?: string; pointer?: string; detail: string; warning?: boolean }[]
  }
  const location = response.headers.get('location')
  for (let tries = 0; location && job.running !== false && tries < 600; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    job = (await (await send(new URL(location, url), { headers })).json()) as typeof job
  }
  const success = response.ok && job.success === true
  if (options.json) console.log(JSON.stringify({ file, ...job }))
  else {
    console.log(`${basename(file)}: ${success ? 'captured' : (job.title ?? 'refused')}`)
    for (const { path, pointer, detail, warning } of job.errors ?? [])
      (warning ? console.log : console.error)(`  ${path ?? pointer ?? ''}: ${detail}`)
  }
  return success
}
