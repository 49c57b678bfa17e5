// What an existing broker costs in front of Isotherm: Mosquitto, then ours (ingest/upstream.ts) or
// MQTT.js, each acknowledging only what is durable, with the window that Mosquitto has by default
// and with a wide one. Prints one line of JSON a case. Needs mosquitto.
//
//   node test/bench/upstream.ts [SECONDS]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mosquittoPath, startMosquitto } from '../mosquitto.ts'
import { start } from './child.ts'
import { runLoad } from './run-load.ts'

interface Mark {
  at: number
  acked: number
  cpuMs: number
}

const seconds = Number(process.argv[2] ?? 8)
const ours = '../upstream-consumer.ts'
const library = 'upstream-by-library.ts'
const cases = [
  { by: 'ours', script: ours, connections: 1, inflight: 20 },
  { by: 'ours', script: ours, connections: 8, inflight: 20 },
  { by: 'ours', script: ours, connections: 1, inflight: 2000 },
  { by: 'ours', script: ours, connections: 2, inflight: 2000 },
  { by: 'MQTT.js', script: library, connections: 1, inflight: 2000 },
]

if (mosquittoPath === undefined) throw new Error('mosquitto is not installed')
for (const { by, script, connections, inflight } of cases) {
  const settings = [`max_inflight_messages ${inflight}`, 'set_tcp_nodelay true', 'log_type none']
  const mosquitto = await startMosquitto(settings)
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-bench-'))
  const consumer = await start({
    command: process.execPath,
    args: [
      join(import.meta.dirname, script),
      ...[String(mosquitto.port), 'bench', folder, String(connections)],
    ],
    ready: /^ready/,
  })
  const { port, pid } = mosquitto
  const load = await runLoad({ port, pid, connections: 50, seconds, window: 4 })
  const told = consumer.lines.filter((line) => line.startsWith('{'))
  const marks = told.map((line) => JSON.parse(line) as Mark)
  const within = marks.filter(({ at }) => at >= load.fromMs && at <= load.toMs)
  const [first, last] = [within[0]!, within.at(-1)!]
  const count = last.acked - first.acked
  console.log(
    JSON.stringify({
      ...{ by, connections, inflight },
      publishedPerSecond: Math.round(load.perSecond),
      keptPerSecond: Math.round((count / (last.at - first.at)) * 1000),
      consumerMicros: Number((((last.cpuMs - first.cpuMs) * 1000) / count).toFixed(2)),
      mosquittoMicros: Number(load.brokerMicrosPerPacket?.toFixed(2)),
    }),
  )
  await consumer.end()
  await mosquitto.stop()
  rmSync(folder, { recursive: true })
}
