// Whether a server keeps up with ten thousand loggers: the scenario `fleet`, said over HTTP and MQTT
// like a stranger. Its first hours are said at once, until most loggers are on their way; then it
// is played at one speed after the other, and at each is measured how far the followers were
// behind, and what processor time server and simulator took.
//
//   node test/bench/keeping-up.ts [DEVICES] [HOURS] [SECONDS] [SPEED...]
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Progress } from '../../simulators/mouth.ts'
import type { Pace } from '../../simulators/pace.ts'
import { scenarios } from '../../simulators/scenarios.ts'
import { speak } from '../../simulators/speak.ts'
import { createTradeWorld } from '../../simulators/trade-world.ts'
import { title } from './figures.ts'
import { benchToken, readMetrics, type ServerMetrics } from './fleet.ts'
import { cpuSeconds } from './machine.ts'
import { startServer } from './whole.ts'

const [devices, hours, seconds, ...speeds] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  ...number[],
]
const hourMs = 3_600_000
const lookEveryMs = 1000
const drainMsMax = 1_200_000

const folder = mkdtempSync(join(tmpdir(), 'isotherm-bench-'))
const server = await startServer(join(folder, 'data'))
const [, httpUrl = '', port = ''] = server.ready
const playedMs = speeds.reduce((sum, speed) => sum + speed * seconds * 1000, 0)
// All of it lies in the past: nothing comes from a future that the server would not believe.
const liveFrom = Date.now() - playedMs
const world = createTradeWorld({
  ...{ seed: 7, devices, startTime: liveFrom - hours * hourMs, endTime: liveFrom + playedMs },
  scenario: scenarios.fleet!,
})

/** What is played before `from` is said at once; nothing is played beyond `to`. */
const play = { from: liveFrom, to: liveFrom, speed: 1, beganAt: 0 }
const pace: Pace = (at) => {
  if (at < play.from) return 0
  if (at >= play.to) return lookEveryMs
  return play.beganAt + (at - play.from) / play.speed - performance.now()
}
let said: Readonly<Progress> | undefined
const speaking = speak(world, {
  ...{ httpUrl, mqttUrl: `mqtt://127.0.0.1:${port}`, token: benchToken, gateways: 8, pace },
  // Few enough that none of them waits for too long, however slow the machine is.
  inFlightMax: 32,
  onProgress: (progress) => {
    said = progress
  },
})
speaking.done.catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})

try {
  title(`K  ${devices} loggers, after ${hours} h said at once`)
  await until(() => (said?.at ?? 0) > play.from - 60_000)
  await drained()
  for (const speed of speeds) await measure(speed)
} finally {
  await speaking.stop()
  await server.end()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(speed: number): Promise<void> {
  const before = { ...said! }
  const cpu = cpuSeconds(server.pid)!
  const own = process.cpuUsage()
  const lagMax: Record<string, number> = {}
  const beganAt = performance.now()
  Object.assign(play, { from: play.to, to: play.to + speed * seconds * 1000, speed, beganAt })
  while (performance.now() < beganAt + seconds * 1000) {
    await delay(lookEveryMs)
    const { lag } = await look()
    for (const [name, count] of Object.entries(lag))
      lagMax[name] = Math.max(lagMax[name] ?? 0, count)
  }
  const wall = (performance.now() - beganAt) / 1000
  const share = (spent: number): string => `${((spent * 100) / wall).toFixed(0)} % of a core`
  const { user, system } = process.cpuUsage(own)
  const rate = (name: 'captures' | 'packets' | 'readings' | 'devices'): string =>
    `${((said![name] - before[name]) / wall).toFixed(1)} ${name}/s`
  console.log(`speed ${speed}, ${wall.toFixed(0)} s, load ${loadavg()[0]!.toFixed(1)}:`)
  console.log(`  ${(['devices', 'captures', 'packets', 'readings'] as const).map(rate).join(', ')}`)
  console.log(`  reached ${((said!.at - play.from) / 1000 / speed).toFixed(0)} of ${seconds} s`)
  console.log(`  behind at most, envelopes: ${JSON.stringify(lagMax)}`)
  console.log(
    `  server ${share(cpuSeconds(server.pid)! - cpu)}, simulator ${share((user + system) / 1e6)}`,
  )
  console.log(`  caught up ${(await drained()).toFixed(1)} s after the last`)
}

/** Seconds until no follower was behind and no device waited to be judged. */
async function drained(): Promise<number> {
  const beganAt = performance.now()
  await until(async () => {
    const { lag, markedDevices } = await look()
    return Object.values(lag).every((count) => count === 0) && markedDevices === 0
  })
  return (performance.now() - beganAt) / 1000
}

/** A connection that was kept may be closed as it is used again. */
async function look(): Promise<ServerMetrics> {
  return readMetrics(httpUrl, benchToken).catch(() => readMetrics(httpUrl, benchToken))
}

async function until(so: () => boolean | Promise<boolean>): Promise<void> {
  for (const endsAt = performance.now() + drainMsMax; performance.now() < endsAt; ) {
    if (await so()) return
    await delay(lookEveryMs / 4)
  }
  throw new Error('not in time')
}
