// `isotherm simulate`: a seeded world against a running server, or into files, at any speed.
import { OperatorError } from '../domain/refusal.ts'
import { keepIn } from '../simulators/keep.ts'
import type { Progress } from '../simulators/mouth.ts'
import { paceAt, wallClock } from '../simulators/pace.ts'
import { scenarios } from '../simulators/scenarios.ts'
import { speak } from '../simulators/speak.ts'
import { createTradeWorld } from '../simulators/trade-world.ts'
import { createWorld, type World } from '../simulators/world.ts'

export interface SimulateOptions {
  /** `cold-chain`: one lane after the other for each logger, with excursions only. */
  scenario: string
  seed: string
  devices: string
  /** A factor, or `virtual`: as fast as possible. */
  speed: string
  hours?: string | undefined
  /** RFC 3339. Default: now, or so that the world ends now when it is not played in real time. */
  start?: string | undefined
  /** A folder for emissions.ndjson and truth.ndjson; without a url nothing else is done. */
  out?: string | undefined
  url?: string | undefined
  /** Where the server is when no `url` is given. */
  urlDefault: string
  mqtt?: string | undefined
  token: () => string
  json: boolean
}

/** Of worlds that are only written down: the wall clock must not be in their bytes. */
const startOfFiles = Date.UTC(2026, 0, 5, 6)
const hourMs = 3_600_000
/** From so many on devices share connections, as they would behind gateways. */
const gatewaysFrom = 200
const gateways = 8
const toldEvery = 1000

export async function simulate(options: SimulateOptions): Promise<void> {
  const speed = speedOf(options.speed)
  const onlyFiles = options.out !== undefined && options.url === undefined
  const world = worldOf(options, { speed, onlyFiles })
  if (onlyFiles) return writeDown(world, options)
  const httpUrl = options.url ?? options.urlDefault
  let shown = 0
  const speaking = speak(world, {
    httpUrl,
    mqttUrl: options.mqtt ?? `mqtt://${new URL(httpUrl).hostname}:1883`,
    token: options.token(),
    pace: paceAt(speed, wallClock),
    ...(world.devices.length >= gatewaysFrom && { gateways }),
    onProgress: (progress) => {
      const said = progress.packets + progress.captures + progress.masters
      if (said < shown + toldEvery) return
      shown = said
      console.error(lineOf(progress, options.json))
    },
  })
  process.once('SIGINT', () => void speaking.stop())
  console.log(lineOf(await speaking.done, options.json))
}

function worldOf(
  options: SimulateOptions,
  { speed, onlyFiles }: { speed: number; onlyFiles: boolean },
): World {
  const { scenario: name, seed, out } = options
  const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined
  if (!scenario && name !== 'cold-chain')
    throw new OperatorError(
      `there is no scenario ${name}`,
      `one of cold-chain, ${Object.keys(scenarios).join(', ')}`,
    )
  const devices = wholeNumber('devices', options.devices)
  const hours = wholeNumber('hours', options.hours ?? `${24 * (scenario?.days ?? 1)}`)
  const now = onlyFiles ? startOfFiles : Date.now() - (speed === 0 ? hours * hourMs : 0)
  const startTime = options.start === undefined ? now : Date.parse(options.start)
  if (Number.isNaN(startTime))
    throw new OperatorError(`--start ${options.start} is no time`, 'give RFC 3339')
  const span = { startTime, endTime: startTime + hours * hourMs }
  const world = scenario
    ? createTradeWorld({ seed, devices, scenario, ...span })
    : createWorld({ seed, devices, masterData: true, ...span })
  return out === undefined ? world : keepIn(out, world, { scenario: name, seed, devices, ...span })
}

/** Played for the files that it leaves. */
function writeDown(world: World, { json }: SimulateOptions): void {
  const count = { said: 0, readings: 0, at: 0 }
  const line = (): string =>
    json
      ? JSON.stringify(count)
      : `${new Date(count.at).toISOString()}  ${count.said} packets and requests, ${count.readings} readings`
  for (const action of world.actions) {
    count.said++
    count.at = action.at
    if (action.kind === 'readings') count.readings += action.readings.length
    if (count.said % (100 * toldEvery) === 0) console.error(line())
  }
  console.log(line())
}

function lineOf(progress: Readonly<Progress>, json: boolean): string {
  if (json) return JSON.stringify(progress)
  const { at, devices, captures, readings, packets, scans, refused, behindMs } = progress
  const late = behindMs > 1000 ? `, ${Math.round(behindMs / 1000)} s behind` : ''
  const bad = refused > 0 ? `, ${refused} refused${late}` : late
  return `${new Date(at).toISOString()}  ${devices} devices, ${captures} captures, ${scans} scans, ${readings} readings in ${packets} packets${bad}`
}

function speedOf(text: string): number {
  const speed = text === 'virtual' ? 0 : Number(text)
  if (speed >= 0) return speed
  throw new OperatorError(`--speed ${text} is no speed`, 'give a number from 0 on, or virtual')
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new OperatorError(
    `--${name} ${text} is not a whole number above 0`,
    `give --${name} a number`,
  )
}
