// What Isotherm is compared with, in the same run on the same machine: mosquitto, a subscriber, and
// InfluxDB 1.x. The subscriber is a process of Node that parses raw frames (rival-subscriber.ts;
// MQTT.js would be slower), or Node-RED (node-red.ts).
// Started as children on free ports with their own settings in a temporary folder. Their
// publisher's acknowledgement promises less than ours: mosquitto answers before anything is on
// disk.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../mosquitto.ts'
import { type Child, start } from './child.ts'
import { cpuOf, memoryOfAll, perPacket } from './machine.ts'
import { overallPerSecond, watchPoints } from './points.ts'
import { type Load, type LoadResult, runLoad } from './run-load.ts'

export interface RivalResult {
  load: LoadResult
  /**
   * Packets a second that were in InfluxDB while the load ran, and how long the rest took after it.
   */
  storedPerSecond: number
  /** From the first packet sent to the last one stored. */
  overallPerSecond: number
  drainSeconds: number
  stored: number
  /** Of what was sent, in all: a subscriber may lose some. */
  storedShare: number
  /** Processor time per packet, and MB at the end, of each process. */
  cpuMicros: Record<string, number>
  memory: Record<string, number>
}

export interface Rival {
  /** Starts the subscriber; `points` is how many it writes for a packet. */
  start(to: { mqttPort: number; influxUrl: string }): Promise<Child>
  points: number
}

/** A process of Node that does nothing else; `apart`: each value is a point, as Isotherm keeps it. */
export const subscriber = ({ apart = false } = {}): Rival => ({
  points: apart ? 3 : 1,
  start: ({ mqttPort, influxUrl }) =>
    start({
      command: process.execPath,
      args: [
        join(import.meta.dirname, 'rival-subscriber.ts'),
        ...[String(mqttPort), influxUrl, apart ? 'apart' : 'together'],
      ],
      ready: /^ready/,
    }),
})

/** Why it cannot be measured here; undefined when it can. */
export function missingRival(): string | undefined {
  const name = ['mosquitto', 'influxd'].find((program) => !isInstalled(program))
  return name && `${name} not found`
}

export async function measureRival(
  load: Omit<Load, 'port' | 'pid'>,
  rival: Rival = subscriber(),
): Promise<RivalResult> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-rival-'))
  const children: Child[] = []
  try {
    const { port, influxUrl } = await startRival(folder, children)
    children.push(await rival.start({ mqttPort: port, influxUrl }))
    const [influxd, mosquitto, consumer] = children.map(({ pid }) => pid)
    const pids = { influxd: influxd!, mosquitto: mosquitto!, subscriber: consumer! }
    const points = watchPoints(influxUrl)
    const before = cpuOf(pids)
    const result = await runLoad({ ...load, port, pid: pids.mosquitto })
    const endedAt = Date.now()
    const end = await points.still(rival.points * result.generatorSent)
    await points.stop()
    const stored = end.points / rival.points
    const seconds = (result.toMs - result.fromMs) / 1000
    const during = points.at(result.toMs) - points.at(result.fromMs)
    return {
      load: result,
      storedPerSecond: during / rival.points / seconds,
      overallPerSecond: overallPerSecond(result, end, rival.points),
      ...{ stored, storedShare: stored / result.generatorSent },
      drainSeconds: Math.max(0, end.since - endedAt) / 1000,
      cpuMicros: perPacket(before, cpuOf(pids), stored),
      memory: memoryOfAll(pids),
    }
  } finally {
    for (const child of children.reverse()) await child.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function startRival(folder: string, children: Child[]) {
  const [port, http, rpc] = [await freePort(), await freePort(), await freePort()]
  const data = join(folder, 'influx')
  mkdirSync(data)
  const influxSettings = join(folder, 'influxdb.conf')
  writeFileSync(influxSettings, influxdbConf({ data, http, rpc }))
  const influx = await start({
    ...{ command: 'influxd', args: ['-config', influxSettings], ready: /Listening for signals/ },
  })
  children.push(influx)
  const settings = join(folder, 'mosquitto.conf')
  // Nothing is dropped: by default mosquitto keeps 1000 messages for a subscriber that is behind.
  writeFileSync(
    settings,
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence false',
      'max_inflight_messages 0',
      'max_queued_messages 0',
      'set_tcp_nodelay true',
      'log_type none',
      '',
    ].join('\n'),
  )
  const mosquitto = await start({
    ...{ command: 'mosquitto', args: ['-c', settings, '-v'], ready: /running/ },
  })
  children.push(mosquitto)
  const influxUrl = `http://127.0.0.1:${http}`
  const created = await fetch(`${influxUrl}/query?q=CREATE+DATABASE+cold`, { method: 'POST' })
  if (!created.ok) throw new Error(`InfluxDB: ${created.status} ${await created.text()}`)
  return { port, influxUrl }
}

function influxdbConf({ data, http, rpc }: { data: string; http: number; rpc: number }): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${data}/meta"
[data]
  dir = "${data}/data"
  wal-dir = "${data}/wal"
  index-version = "tsi1"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
`
}

function isInstalled(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
