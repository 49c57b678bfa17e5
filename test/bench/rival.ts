// What Isotherm is compared with, in the same run on the same machine: mosquitto, a subscriber in
// Node that parses raw frames (rival-subscriber.ts; MQTT.js would be slower), and InfluxDB 1.x.
// Started as children on free ports with their own settings in a temporary folder. Their
// publisher's acknowledgement promises less than ours: mosquitto answers before anything is on
// disk.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, start } from './child.ts'
import { type Load, type LoadResult, runLoad } from './run-load.ts'

export interface RivalResult {
  load: LoadResult
  /**
   * Messages a second that were in InfluxDB while the load ran, and how long the rest took after
   * it.
   */
  storedPerSecond: number
  drainSeconds: number
  stored: number
}

/** Why it cannot be measured here; undefined when it can. */
export function missingRival(): string | undefined {
  const name = ['mosquitto', 'influxd'].find((program) => !isInstalled(program))
  return name && `${name} not found`
}

export async function measureRival(load: Omit<Load, 'port' | 'pid'>): Promise<RivalResult> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-rival-'))
  const children: Child[] = []
  try {
    const { port, influxUrl } = await startRival(folder, children)
    const subscriber = await start({
      command: process.execPath,
      args: [join(import.meta.dirname, 'rival-subscriber.ts'), String(port), influxUrl],
      ready: /^ready/,
    })
    children.push(subscriber)
    const result = await runLoad({ ...load, port, pid: children[1]!.pid })
    const endedAt = Date.now()
    const all = await storedWhenStill(subscriber)
    const at = (time: number): number => {
      const before = all.filter((mark) => mark.at <= time)
      return before.at(-1)?.stored ?? 0
    }
    const seconds = (result.toMs - result.fromMs) / 1000
    return {
      load: result,
      storedPerSecond: (at(result.toMs) - at(result.fromMs)) / seconds,
      stored: all.at(-1)!.stored,
      drainSeconds:
        Math.max(0, all.find(({ stored }) => stored === all.at(-1)!.stored)!.at - endedAt) / 1000,
    }
  } finally {
    for (const child of children.reverse()) await child.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Mark {
  at: number
  stored: number
}

/**
 * What the subscriber told while it worked, once two seconds brought nothing new or a minute is
 * over.
 */
async function storedWhenStill(subscriber: Child): Promise<Mark[]> {
  const until = Date.now() + 60_000
  for (;;) {
    const marks = subscriber.lines.slice(1).map((line) => JSON.parse(line) as Mark)
    const last = marks.at(-1)
    const still = last && marks.filter(({ at }) => at > last.at - 2000)[0]?.stored === last.stored
    if ((still && last.stored > 0) || Date.now() > until) return marks
    await new Promise((resolve) => setTimeout(resolve, 200))
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

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

function isInstalled(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
