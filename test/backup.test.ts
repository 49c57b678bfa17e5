// A backup made while loggers send is whole: everything acknowledged before it began comes back,
// nothing twice, and what comes in afterwards is judged as ever.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import mqtt from 'mqtt'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Server, serve } from '../main.ts'
import { restoreBackup } from '../store/backup.ts'
import type { Answers } from './answers.ts'
import { run } from './e2e/server.ts'
import type * as story from './e2e/story.ts'
import { adminToken, answersOf, configOf, listenerOf, tellTwoCases } from './served.ts'

vi.setConfig({ testTimeout: 120_000 })
let folder: string
let dataDir: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-backup-'))
  dataDir = join(folder, 'data')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Sends one reading for every ten seconds, for ever; remembers which were acknowledged. */
function sendFrom({ server, teller }: { server: Server; teller: story.Teller }) {
  const acked: number[] = []
  let stopped = false
  const start = Date.parse('2026-03-05T00:00:00Z')
  const sending = (async () => {
    const user = { username: teller.id, password: teller.token, reconnectPeriod: 0 }
    const client = await mqtt.connectAsync(server.mqttUrl!, user)
    const lane = async (first: number): Promise<void> => {
      for (let n = first; !stopped; n += 20) {
        const body = JSON.stringify({
          time: start + n * 10_000,
          temperature: n % 1000 < 900 ? 9 : 4,
        })
        await client.publishAsync(`v1/default/${teller.id}/readings`, body, { qos: 1 })
        acked.push(start + n * 10_000)
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, first) => lane(first)))
    await client.endAsync()
  })()
  return {
    acked,
    stop: async () => {
      stopped = true
      await sending
    },
  }
}

it('a backup under load brings back what was acknowledged before it, and goes on', async () => {
  const server = await serve(configOf(dataDir))
  const tellers = await tellTwoCases(server)
  const before = await answersOf(server)
  const senders = tellers.map((teller) => sendFrom({ server, teller }))
  const enough = async (count: number): Promise<void> => {
    while (senders.some(({ acked }) => acked.length < count)) await delay(5)
  }
  await enough(300)
  const ackedBefore = senders.map(({ acked }) => [...acked])
  const made = await listenerOf(server).api<{ id: string; folder: string }>(
    'POST',
    '/api/v1/backups',
  )
  const ackedDuring = senders.map(({ acked }, index) => acked.length - ackedBefore[index]!.length)
  await enough(600)
  await Promise.all(senders.map((sender) => sender.stop()))
  await server.settled()
  await server.close()

  const restored = join(folder, 'restored')
  await restoreBackup(made.folder, restored)
  const again = await serve(configOf(restored))
  try {
    await again.settled()
    const after = await answersOf(again)
    for (const path of ['/api/v1/devices', '/api/v1/products', '/epcis/events'])
      expect({ path, answer: after[path] }).toEqual({ path, answer: before[path] })
    for (const [index, { id }] of tellers.entries()) {
      const rows = after[`/api/v1/readings?device=${id}&channel=temperature&from=0`] as story.Row[]
      const times = new Set(rows.map(({ time }) => Date.parse(String(time))))
      expect(times.size).toBe(rows.length)
      expect(ackedBefore[index]!.filter((time) => !times.has(time))).toEqual([])
    }
    // The alerts that stood are as they were; none is there twice.
    const alerts = after['/api/v1/alerts?status=open'] as story.Alert[]
    for (const alert of before['/api/v1/alerts?status=open'] as story.Alert[])
      expect(alerts.filter(({ id }) => id === alert.id)).toEqual([alert])
    expect(new Set(alerts.map(({ device, from }) => `${device} ${from}`)).size).toBe(alerts.length)
    expect(alerts.some(({ from }) => from.startsWith('2026-03-05'))).toBe(true)
    const late = { time: '2026-03-02T11:30:00Z', temperature: 4.5 }
    await listenerOf(again).api('POST', '/api/v1/readings?device=logger-1', [late])
    await again.settled()
    const { items } = await listenerOf(again).api<story.Page<story.Reading>>(
      'GET',
      `/api/v1/readings?device=logger-1&from=${late.time}&to=2026-03-02T11:31:00Z`,
    )
    expect(items).toEqual([{ time: late.time, value: 4.5 }])
    console.info(`acknowledged while the backup was made: ${ackedDuring}`)
  } finally {
    await again.close()
  }
})

it('judges readings that came during the backup the same when they are sent again', async () => {
  const server = await serve(configOf(dataDir))
  const [teller] = await tellTwoCases(server)
  const sender = sendFrom({ server, teller: teller! })
  while (sender.acked.length < 200) await delay(5)
  const made = await listenerOf(server).api<{ folder: string }>('POST', '/api/v1/backups')
  await sender.stop()
  await server.settled()
  const last = await answersOf(server)
  const path = `/api/v1/readings?device=${teller!.id}&channel=temperature&from=0`
  const rows = last[path] as { time: string; value: number }[]
  await server.close()
  const restored = join(folder, 'restored')
  await restoreBackup(made.folder, restored)
  const again = await serve(configOf(restored))
  try {
    const packets = rows.map(({ time, value }) => ({ time, temperature: value }))
    for (let from = 0; from < packets.length; from += 5000)
      await listenerOf(again).api(
        'POST',
        `/api/v1/readings?device=${teller!.id}`,
        packets.slice(from, from + 5000),
      )
    await again.settled()
    const now = await answersOf(again)
    expect(now[path]).toEqual(rows)
    const figures = (answers: Answers): unknown =>
      (answers['/api/v1/alerts?status=open'] as story.Alert[]).map((alert) => [
        alert.id,
        alert.minutes,
        alert.verdict,
        alert.serialSetHash,
      ])
    expect(figures(now)).toEqual(figures(last))
  } finally {
    await again.close()
  }
})

it('is refused to everybody but the administrator of the installation', async () => {
  const server = await serve(configOf(dataDir))
  try {
    const { ask, api } = listenerOf(server)
    const { token } = await api<{ token: string }>('POST', '/api/v1/keys', {
      name: 'administrator of one tenant',
      roles: ['admin'],
    })
    expect((await ask('POST', '/api/v1/backups', { token })).status).toBe(403)
    expect((await ask('GET', '/api/v1/backups', { token })).status).toBe(403)
    const made = await api<{ id: string; files: { name: string }[] }>('POST', '/api/v1/backups')
    const file = await ask('GET', `/api/v1/backups/${made.id}/files/ledger.sqlite`)
    expect((await file.text()).startsWith('SQLite format 3')).toBe(true)
    for (const path of [
      `${made.id}/files/manifest.json`,
      `${made.id}/files/..%2F..%2Fledger.sqlite`,
      '..%2F..%2F/files/ledger.sqlite',
    ])
      expect((await ask('GET', `/api/v1/backups/${path}`)).status).toBe(404)
    expect((await api<story.Page<object>>('GET', '/api/v1/backups')).items).toHaveLength(1)
    await api('DELETE', `/api/v1/backups/${made.id}`)
    expect((await ask('DELETE', `/api/v1/backups/${made.id}`)).status).toBe(404)
    expect((await api<story.Page<object>>('GET', '/api/v1/backups')).items).toEqual([])
  } finally {
    await server.close()
  }
})

it('by command, from a running server and without one, and back into an empty folder only', async () => {
  const server = await serve(configOf(dataDir))
  await tellTwoCases(server)
  const before = await answersOf(server)
  const env = { ISOTHERM_DATA_DIR: dataDir }
  const [running, stopped] = [join(folder, 'running'), join(folder, 'stopped')]
  const reach = ['--url', server.httpUrl, '--token', adminToken]
  expect(await run(['backup', running, ...reach])).toMatchObject({ code: 0 })
  await server.close()
  expect(existsSync(join(dataDir, 'backups'))).toBe(true)
  expect(await run(['backup', stopped], { env })).toMatchObject({ code: 0 })
  expect(await run(['backup', stopped], { env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not empty'),
  })
  for (const from of [running, stopped]) {
    const into = join(folder, `from-${from === running ? 'running' : 'stopped'}`)
    const restore = (): ReturnType<typeof run> =>
      run(['restore', from], { env: { ISOTHERM_DATA_DIR: into } })
    expect(await restore()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('everything acknowledged before'),
    })
    expect(await restore()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not empty: .*\n {2}-> mv /),
    })
    const again = await serve(configOf(into))
    expect(await answersOf(again)).toEqual(before)
    await again.close()
  }
})

it('ended on the way into its folder is no installation, and is restored again', async () => {
  const server = await serve(configOf(dataDir))
  await tellTwoCases(server)
  const before = await answersOf(server)
  const { folder: made } = await listenerOf(server).api<{ folder: string }>(
    'POST',
    '/api/v1/backups',
  )
  await server.close()
  // As a kill leaves it: one store in its place, the others not yet.
  const into = join(folder, 'into')
  mkdirSync(join(into, '.restoring', 'log'), { recursive: true })
  mkdirSync(join(into, 'series'))
  writeFileSync(join(into, 'series', 'series.duckdb'), 'half of it')
  await expect(serve(configOf(into))).rejects.toMatchObject({
    message: expect.stringContaining('is not finished'),
    remedy: expect.stringContaining('isotherm restore'),
  })
  await restoreBackup(made, into)
  const again = await serve(configOf(into))
  expect(await answersOf(again)).toEqual(before)
  await again.close()
})

it('is not restored when one byte of it is another', async () => {
  const server = await serve(configOf(dataDir))
  await tellTwoCases(server)
  const { folder: made } = await listenerOf(server).api<{ folder: string }>(
    'POST',
    '/api/v1/backups',
  )
  await server.close()
  for (const name of ['ledger.sqlite', 'series.duckdb', 'log.mdb']) {
    const damaged = join(folder, `damaged-${name}`)
    cpSync(made, damaged, { recursive: true })
    const bytes = readFileSync(join(damaged, name))
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(join(damaged, name), bytes)
    const into = join(folder, `into-${name}`)
    await expect(restoreBackup(damaged, into)).rejects.toThrow(/not what was backed up/)
    expect(existsSync(join(into, 'ledger.sqlite'))).toBe(false)
    // The good one still finds the folder empty.
    await restoreBackup(made, into)
  }
  await expect(restoreBackup(folder, join(folder, 'x'))).rejects.toThrow(/is no backup/)
})
