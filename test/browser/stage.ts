// A real server with a small, known story in it, for looking at it with a real browser: one shipper
// that got too warm with 330 serials inside, one that froze, one that is well. Everything comes in
// by HTTP, as from strangers.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parseConfig } from '../../config.ts'
import { type Server, serve } from '../../main.ts'
import {
  associated,
  commissioned,
  documentOf,
  type EventJson,
  type Occasion,
  packed,
  unpacked,
} from '../../simulators/events.ts'
import { giai, gtin, sgln, sgtin, sscc } from '../../simulators/keys.ts'
import { createRandom } from '../../simulators/random.ts'

export const adminToken = 'browser-test-administrator'
export const product = gtin(0, 77)
const minute = 60_000
const random = createRandom('console')

export interface Stage {
  readonly url: string
  /** Start of the story, epoch ms: 12 hours before now. */
  readonly start: number
  call(method: string, path: string, body?: unknown): Promise<unknown>
  send(device: string, readings: readonly { time: number; temperature: number }[]): Promise<void>
  capture(events: readonly EventJson[]): Promise<void>
  /** Waits until everything sent has been judged. */
  settled(): Promise<void>
  /** Stops the server; the port stays known. */
  stop(): Promise<void>
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** The system's Chromium, or undefined. */
export function findChromium(): string | undefined {
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
  return folders.map((folder) => join(folder, 'chromium')).find((file) => existsSync(file))
}

/**
 * Builds it unless what is built is newer than all its sources: several tests run beside each other,
 * and none may take away the files that another is served. One at a time: a folder is the lock.
 */
export function buildConsole(): void {
  const lock = join(tmpdir(), 'isotherm-console-build')
  const still = new Int32Array(new SharedArrayBuffer(4))
  while (!isBuilt()) {
    try {
      mkdirSync(lock)
    } catch {
      // Somebody builds it: until the lock is gone, or forgotten by who ended early.
      if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0) > lockMs)
        rmSync(lock, { recursive: true, force: true })
      else Atomics.wait(still, 0, 0, 100)
      continue
    }
    try {
      if (!isBuilt()) execFileSync(process.execPath, ['dashboards/build.js'], { stdio: 'pipe' })
      return
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }
}

const lockMs = 120_000

function isBuilt(): boolean {
  const home = 'dashboards/console'
  const built = statSync(`${home}/dist/index.html`, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = [
    'index.html',
    'vite.config.js',
    ...filesIn(home, 'src'),
    ...filesIn(home, 'public'),
  ]
  return sources.every((file) => statSync(join(home, file)).mtimeMs <= built)
}

const filesIn = (home: string, folder: string): string[] =>
  readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  )

/** `settings`: what else the operator sets, as in the environment. */
export async function openStage(settings: Record<string, string> = {}): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-console-'))
  const config = parseConfig({
    ISOTHERM_DATA_DIR: folder,
    ISOTHERM_HTTP_PORT: '0',
    ISOTHERM_MQTT_PORT: '0',
    ISOTHERM_ADMIN_TOKEN: adminToken,
    ISOTHERM_LOG_MAX_MIB: '64',
    ISOTHERM_LOG_LEVEL: 'silent',
    ...settings,
  })
  let server: Server = await serve(config)
  const url = server.httpUrl
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url + path, {
      method,
      headers: { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }
  return {
    url,
    start: Math.floor(Date.now() / minute) * minute - 12 * 60 * minute,
    call,
    async send(device, readings) {
      const body = readings.map(({ time, temperature }) => ({ time, temperature }))
      await call('POST', `/api/v1/readings?device=${device}`, body)
    },
    async capture(events) {
      await call('POST', '/epcis/capture', documentOf(events, Date.now()))
    },
    settled: () => server.settled(),
    stop: () => server.close(),
    async restart() {
      server = await serve({ ...config, httpPort: Number(new URL(url).port) })
    },
    async close() {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const shipper = (number: number): string => sscc(1, number)
export const serialOf = (letter: string, number: number): string =>
  sgtin(product, `${letter}${String(number).padStart(4, '0')}`)
const serialsOf = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => serialOf(letter, index + 1))

export const at = (time: number): Occasion => ({ time, place: sgln(1), random })

/**
 * The story up to now. L-101: hole at hour 3, too warm from hour 7 to 8:30. L-102: freezes at the
 * end.
 */
export async function tellStory(stage: Stage): Promise<void> {
  const { start } = stage
  await stage.call('PUT', `/api/v1/products/${product}`, {
    name: 'Example vaccine, 10 doses',
    profile: { ruleSet: 'pharma-2-8', loggingIntervalSeconds: 300 },
  })
  for (const number of [1, 2, 3])
    await stage.call('POST', '/api/v1/devices', {
      id: `L-10${number}`,
      giai: giai(`L10${number}`),
      loggingIntervalSeconds: 300,
    })
  const cases = { A: 210, B: 120, C: 24, D: 12, L: 20 }
  const events: EventJson[] = []
  for (const [letter, count] of Object.entries(cases)) {
    const ilmd = { lot: `LOT-${letter}7`, expiry: '2027-12-31' }
    events.push(commissioned(at(start - 60 * minute), serialsOf(letter, count), ilmd))
  }
  for (const number of [1, 2, 3])
    events.push(
      associated(at(start), 'ADD', { container: shipper(number), logger: giai(`L10${number}`) }),
    )
  events.push(packed(at(start), shipper(1), [...serialsOf('A', 210), ...serialsOf('B', 120)]))
  events.push(packed(at(start), shipper(2), serialsOf('C', 24)))
  events.push(packed(at(start), shipper(3), serialsOf('D', 12)))
  // Lot B leaves ten minutes into the breach.
  events.push(unpacked(at(start + 432 * minute), shipper(1), serialsOf('B', 120)))
  await stage.capture(events)
  await stage.settled()
  const every = 5 * minute
  const noise = random.fork('noise')
  const story = (temperatureC: (hour: number) => number | null) =>
    Array.from({ length: 144 }, (_, index) => {
      const value = temperatureC(index / 12)
      const temperature =
        value === null ? null : Math.round((value + noise.normal() * 0.15) * 10) / 10
      return { time: start + index * every, temperature }
    }).flatMap(({ time, temperature }) => (temperature === null ? [] : [{ time, temperature }]))
  const warm = (hour: number): number | null => {
    if (hour > 3 && hour < 4.4) return null
    const bump = hour > 6.4 && hour < 9.2 ? 6.5 * Math.sin(((hour - 6.4) / 2.8) * Math.PI) : 0
    return 4.8 + 0.7 * Math.sin(hour) + bump
  }
  await stage.send('L-101', story(warm))
  await stage.send(
    'L-102',
    story((hour) => (hour < 9 ? 4 : Math.max(-1.6, 4 - 5 * (hour - 9)))),
  )
  await stage.send(
    'L-103',
    story((hour) => 5 + 0.5 * Math.cos(hour * 2)),
  )
  await stage.settled()
}

/** A late packing event: 20 serials of lot L were in shipper 1 before it got warm. */
export async function tellLate(stage: Stage): Promise<void> {
  await stage.capture([packed(at(stage.start + 5 * minute), shipper(1), serialsOf('L', 20))])
  await stage.settled()
}
