// Makes the data folder that a release leaves behind, for test/upgrade.test.ts:
//
//   git worktree add /tmp/release COMMIT && ln -s "$PWD/node_modules" /tmp/release/node_modules
//   node test/golden/stores/make.ts /tmp/release VERSION
//   git worktree remove --force /tmp/release
//
// Runs the server of that checkout, tells it a story with everything a folder can hold, and pulls
// the plug right after the last acknowledgement, so that the log holds envelopes that no follower
// has seen and the databases their unfinished journals. What that release itself says once it is
// started on a copy is what every later one must say. Writes VERSION.tar.gz and VERSION.json.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import mqtt from 'mqtt'
import { readAnswers, readAudit } from '../../answers.ts'
import * as story from '../../e2e/story.ts'
import { tellPeople } from './people.ts'

const [checkout = '', version = ''] = process.argv.slice(2)
if (!checkout || !version)
  throw new Error('usage: node test/golden/stores/make.ts CHECKOUT VERSION')
const adminToken = 'administrator-of-the-test'
const folder = mkdtempSync(join(tmpdir(), 'isotherm-golden-'))
const dataDir = join(folder, 'data')
const children: ChildProcess[] = []

interface Running extends story.Listener {
  mqttUrl: string
  end(signal: NodeJS.Signals): Promise<void>
}

async function start(on: string): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, [resolve(checkout, 'isotherm.js'), 'serve'], {
    env: {
      ...process.env,
      NODE_NO_WARNINGS: '1',
      ISOTHERM_DATA_DIR: on,
      ISOTHERM_HTTP_PORT: '0',
      ISOTHERM_MQTT_PORT: '0',
      ISOTHERM_ADMIN_TOKEN: adminToken,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  let said = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  let ready: RegExpExecArray | null = null
  while (!ready) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${said}`)
    await delay(20)
    ready = /ready: (http:\S+) .*?(mqtt:\S+:\d+)/.exec(said)
  }
  const [, url, mqttUrl] = ready
  const ask: story.Listener['ask'] = (method, path, { body, headers, token = adminToken } = {}) =>
    fetch(new URL(path, url), {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return {
    mqttUrl: mqttUrl!,
    ask,
    api: async (method, path, body) => {
      const response = await ask(method, path, { body })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return text === '' ? undefined : JSON.parse(text)
    },
    end: async (signal) => {
      child.kill(signal)
      await once(child, 'close')
    },
  }
}

const connect = (server: Running, { id, token }: story.Teller) =>
  mqtt.connectAsync(server.mqttUrl, { username: id, password: token, reconnectPeriod: 0 })
const readingsOf = (rows: story.Row[]): string => JSON.stringify(rows)

/** Alerts with one and with several revisions, late readings, refusals, keys, declared channels. */
async function tellAll(server: Running): Promise<Record<string, string>> {
  await story.tellProduct(server)
  const rows = story.caseReadings()
  const tellers: story.Teller[] = []
  for (const number of [1, 2, 3]) tellers.push(await story.tellCase(server, number))
  const [one, two, three] = tellers as [story.Teller, story.Teller, story.Teller]
  const first = await connect(server, one)
  const topic = `v1/default/${one.id}`
  for (const row of rows)
    await first.publishAsync(`${topic}/readings`, readingsOf([row]), { qos: 1 })
  // Refused: a value that is none, a body that is no JSON, and a topic of somebody else.
  const warm = JSON.stringify([{ time: '2026-03-02T11:00:00Z', temperature: 'warm', humidity: 40 }])
  await first.publishAsync(`${topic}/readings`, warm, { qos: 1 })
  await first.publishAsync(`${topic}/readings`, '{"time":', { qos: 1 })
  await first.publishAsync('v1/default/logger-2/readings', readingsOf(rows), { qos: 1 })
  await first.endAsync()
  // A late upload: the end of the breach comes before its begin.
  const second = await connect(server, two)
  const send = (part: story.Row[]): Promise<unknown> =>
    second.publishAsync(`v1/default/${two.id}/readings`, readingsOf(part), { qos: 1 })
  await send(rows.slice(6))
  await alertsOf(server, one.id, 1)
  await send(rows.slice(0, 6))
  await second.endAsync()
  await alertsOf(server, two.id, 1)
  await story.capture(server, [
    story.commissioned('07:00', [story.vial(1, 'LATE')]),
    story.packed('08:05', story.pallet(1), [story.vial(1, 'LATE')]),
  ])
  const key = await server.api<{ token: string }>('POST', '/api/v1/keys', {
    name: 'dashboard',
    roles: ['viewer'],
    mqtt: { publish: ['site/#'], subscribe: ['v1/default/#'] },
  })
  const revoked = await server.api<{ id: string }>('POST', '/api/v1/keys', {
    name: 'of somebody who left',
    roles: ['operator'],
  })
  await server.api('DELETE', `/api/v1/keys/${revoked.id}`)
  await server.api('POST', '/api/v1/devices', {
    id: 'freezer',
    channels: { oxygen: { unit: '%', min: 0, max: 100 } },
  })
  const ada = await tellPeople(server, adminToken)
  return { key: key.token, device: one.token, unsent: three.token, ada }
}

async function alertsOf(server: Running, device: string, count: number): Promise<void> {
  for (;;) {
    const { items } = await server.api<story.Page<story.Alert>>(
      'GET',
      `/api/v1/alerts?device=${device}`,
    )
    if (items.filter(({ to }) => to !== null).length === count) return
    await delay(50)
  }
}

/** The first packet wakes the followers; the others are acknowledged before they look again. */
async function leaveUnseen(on: string, teller: story.Teller): Promise<void> {
  const server = await start(on)
  const client = await connect(server, teller)
  const [head, ...rest] = story.caseReadings()
  const topic = `v1/default/${teller.id}/readings`
  await client.publishAsync(topic, readingsOf([head!]), { qos: 1 })
  await Promise.all(rest.map((row) => client.publishAsync(topic, readingsOf([row]), { qos: 1 })))
  await server.end('SIGKILL')
  client.end(true)
}

/** Envelopes in the log that the slowest follower has not passed, told by that release's own log. */
async function unseenIn(on: string): Promise<number> {
  const copy = join(folder, 'look')
  cpSync(on, copy, { recursive: true })
  const { openLmdbLog } = await import(pathToFileURL(resolve(checkout, 'store/lmdb/log.ts')).href)
  const log = await openLmdbLog({ folder: join(copy, 'log'), bytesMax: 2 ** 32 })
  const passed = ['record', 'capture', 'detect'].map((name) => log.cursor(name) as number)
  const unseen = log.end - Math.min(...passed)
  await log.close()
  rmSync(copy, { recursive: true })
  return unseen
}

try {
  let server = await start(dataDir)
  const tokens = await tellAll(server)
  await server.end('SIGTERM')
  const before = join(folder, 'before')
  cpSync(dataDir, before, { recursive: true })
  const teller = { id: 'logger-3', token: tokens.unsent!, number: 3 }
  let unseen = 0
  for (let attempt = 1; unseen < 5; attempt++) {
    if (attempt > 10) throw new Error('the followers were always faster than the plug')
    rmSync(dataDir, { recursive: true })
    cpSync(before, dataDir, { recursive: true })
    await leaveUnseen(dataDir, teller)
    unseen = await unseenIn(dataDir)
  }
  for (const own of [
    'owner.lock',
    'owner.pid',
    'owner.lock-journal',
    'ledger.sqlite-shm',
    'log/lock.mdb',
  ])
    rmSync(join(dataDir, own), { force: true })
  const archive = join(import.meta.dirname, `${version}.tar.gz`)
  execFileSync('tar', ['-C', folder, '--owner=0', '--group=0', '-cf', `${folder}/data.tar`, 'data'])
  execFileSync('gzip', ['-9nf', `${folder}/data.tar`])
  cpSync(`${folder}/data.tar.gz`, archive)
  const pulledAt = new Date().toISOString()
  server = await start(dataDir)
  await alertsOf(server, teller.id, 1)
  const get = <T>(path: string): Promise<T> => server.api<T>('GET', path)
  const answers = { ...(await readAnswers(get)), ...(await readAudit(get)) }
  await server.end('SIGTERM')
  const expected = { version, adminToken, tokens, unseen, answers }
  // What was judged only now: each release has its own moment for that.
  const untimely = (name: string, value: unknown): unknown =>
    /^(recordTime|raisedAt)$/.test(name) && String(value) > pulledAt ? undefined : value
  writeFileSync(
    join(import.meta.dirname, `${version}.json`),
    `${JSON.stringify(expected, untimely, 2)}\n`,
  )
  console.log(`${archive}: ${statSync(archive).size} bytes, ${unseen} envelopes unseen`)
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
