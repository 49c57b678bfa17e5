// Node-RED as the subscriber that writes into InfluxDB: installed by npm into a temporary folder
// for the measurement, without its editor, with flows of its own nodes and those of
// node-red-contrib-influxdb, all with the settings that they have by default. Nothing of it is a
// dependency of the project.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../mosquitto.ts'
import { type Child, start } from './child.ts'

const packages = ['node-red@5.0.7', 'node-red-contrib-influxdb@0.7.0']
const installMs = 300_000

export interface NodeRed {
  /** `batched`: a join node collects messages before they are written, else each is a request. */
  start(to: { mqttPort: number; influxUrl: string; batched: boolean }): Promise<Child>
  remove(): void
}

/** Rejects, with what npm said, when it cannot be installed. */
export async function installNodeRed(): Promise<NodeRed> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-node-red-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  try {
    await promisify(execFile)('npm', ['install', ...flags, ...packages], {
      ...{ cwd: folder, timeout: installMs },
    })
  } catch (error) {
    remove()
    const { stderr = '', message } = error as Error & { stderr?: string }
    throw new Error(`npm install ${packages.join(' ')}: ${stderr.trim().slice(-300) || message}`)
  }
  return { start: (to) => startFlow(folder, to), remove }
}

async function startFlow(
  folder: string,
  to: { mqttPort: number; influxUrl: string; batched: boolean },
): Promise<Child> {
  const settings = { uiHost: '127.0.0.1', uiPort: await freePort(), httpAdminRoot: false }
  const quiet = { telemetry: { enabled: false }, runtimeState: { enabled: false } }
  writeFileSync(
    join(folder, 'settings.cjs'),
    `module.exports = ${JSON.stringify({ ...settings, ...quiet, credentialSecret: false })}\n`,
  )
  writeFileSync(join(folder, 'flows.json'), JSON.stringify(flowOf(to)))
  return start({
    command: process.execPath,
    args: [
      join(folder, 'node_modules/node-red/red.js'),
      ...['--userDir', folder, '--settings', join(folder, 'settings.cjs'), 'flows.json'],
    ],
    cwd: folder,
    ready: /Connected to broker/,
    readyMs: 60_000,
  })
}

/** A point for each value, as Isotherm keeps them. */
const toPoints = `const [, , device] = msg.topic.split('/')
const { time, ...values } = msg.payload
msg.payload = Object.entries(values).map(([channel, value]) => ({
  measurement: 'readings', tags: { channel, device }, fields: { value }, timestamp: time,
}))
return msg`

function flowOf(to: { mqttPort: number; influxUrl: string; batched: boolean }): object[] {
  const { hostname, port } = new URL(to.influxUrl)
  const inFlow = { z: 'flow', x: 0, y: 0 }
  const collect = [
    {
      ...{ ...inFlow, id: 'join', type: 'join', mode: 'custom', build: 'array' },
      ...{ property: 'payload', propertyType: 'msg', key: 'topic', joiner: '\\n', useparts: false },
      ...{ joinerType: 'str', count: '1000', timeout: '1', accumulate: false, wires: [['flat']] },
    },
    functionNode('flat', 'msg.payload = msg.payload.flat()\nreturn msg', 'out'),
  ]
  return [
    { id: 'flow', type: 'tab', label: 'readings' },
    {
      ...{ id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: String(to.mqttPort) },
      ...{ clientid: 'node-red', autoConnect: true, usetls: false, protocolVersion: '4' },
      ...{ keepalive: '60', cleansession: true, autoUnsubscribe: true },
    },
    {
      ...{ id: 'influx', type: 'influxdb', hostname, port, protocol: 'http', database: 'cold' },
      ...{ usetls: false, influxdbVersion: '1.x' },
    },
    {
      ...{ ...inFlow, id: 'in', type: 'mqtt in', topic: 'v1/#', qos: '1', datatype: 'utf8' },
      ...{ broker: 'broker', nl: false, rap: true, rh: 0, inputs: 0, wires: [['json']] },
    },
    {
      ...{ ...inFlow, id: 'json', type: 'json', property: 'payload', action: 'obj' },
      wires: [['points']],
    },
    functionNode('points', toPoints, to.batched ? 'join' : 'out'),
    ...(to.batched ? collect : []),
    {
      ...{ ...inFlow, id: 'out', type: 'influxdb batch', influxdb: 'influx', precision: 'ms' },
      ...{ retentionPolicy: '', wires: [] },
    },
  ]
}

const functionNode = (id: string, func: string, next: string): object => ({
  ...{ id, type: 'function', z: 'flow', x: 0, y: 0, func, outputs: 1, timeout: 0, noerr: 0 },
  ...{ initialize: '', finalize: '', libs: [], wires: [[next]] },
})
