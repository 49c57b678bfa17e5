// What a release left on disk is read by this one. The data folders are in test/golden/stores, made
// there by the code of each release (make.ts), with envelopes that no follower had seen when the
// plug was pulled.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import mqtt from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import { type Server, serve } from '../main.ts'
import { openDuckdbSeries } from '../store/duckdb/series.ts'
import { createSlab, openBatch, sealSlab, writeEntry } from '../store/envelope.ts'
import { openSqliteLedger } from '../store/ledger/ledger.ts'
import { openLmdbLog } from '../store/lmdb/log.ts'
import { type Answers, readAnswers, readAudit } from './answers.ts'

interface Expected {
  adminToken: string
  /** Of a viewer's key and of logger-1. */
  tokens: { key: string; device: string }
  unseen: number
  answers: Answers
}

const golden = join(import.meta.dirname, 'golden/stores')
const releases = readdirSync(golden).flatMap((file) => /^(.*)\.tar\.gz$/.exec(file)?.[1] ?? [])

let folder: string
let dataDir: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-upgrade-'))
  dataDir = join(folder, 'data')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const unpack = (version: string): Expected => {
  execFileSync('tar', ['-xzf', join(golden, `${version}.tar.gz`), '-C', folder])
  return JSON.parse(readFileSync(join(golden, `${version}.json`), 'utf8'))
}

async function start(adminToken: string): Promise<Server> {
  const config = parseConfig({ ISOTHERM_DATA_DIR: dataDir, ISOTHERM_LOG_LEVEL: 'silent' })
  return serve({ ...config, httpPort: 0, mqttPort: 0, adminToken })
}

const getter =
  (server: Server, token: string) =>
  async <T>(path: string): Promise<T> => {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${server.httpUrl}${path}`, { headers })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

it('has a data folder of every release', () => {
  const headings = readFileSync('CHANGELOG.md', 'utf8').match(/^## .*$/gm) ?? []
  const versions = headings
    .filter((heading) => !heading.includes('unreleased'))
    .flatMap((heading) => /\d+\.\d+\.\d+/.exec(heading)?.[0] ?? [])
  const { version: today } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(releases).toEqual(expect.arrayContaining(['0.1.0', '0.2.0']))
  expect(versions.filter((version) => version !== today && !releases.includes(version))).toEqual([])
})

describe.each(releases)('the data folder of release %s', (version) => {
  it('is read and answered for as that release did, also what it had not seen yet', async () => {
    const { adminToken, answers, tokens } = unpack(version)
    const server = await start(adminToken)
    try {
      await server.settled()
      // Later releases may say more, never something else.
      const get = getter(server, adminToken)
      const now = { ...(await readAnswers(get)), ...(await readAudit(get)) }
      expect(Object.keys(now)).toEqual(expect.arrayContaining(Object.keys(answers)))
      for (const [path, answer] of Object.entries(answers))
        expect({ path, answer: now[path] }).toMatchObject({ path, answer })
      expect(await getter(server, tokens.key)('/api/v1/alerts')).toBeDefined()
    } finally {
      await server.close()
    }
  })

  it('goes on: its logger sends, and is judged, as before', async () => {
    const { adminToken, tokens } = unpack(version)
    const server = await start(adminToken)
    try {
      const logger = { username: 'logger-1', password: tokens.device, reconnectPeriod: 0 }
      const client = await mqtt.connectAsync(server.mqttUrl!, logger)
      for (let minute = 0; minute <= 40; minute += 5) {
        const time = Date.parse('2026-03-02T12:00:00Z') + minute * 60_000
        const packet = JSON.stringify({ time, temperature: minute < 40 ? 9 : 5 })
        await client.publishAsync('v1/default/logger-1/readings', packet, { qos: 1 })
      }
      await client.endAsync()
      await server.settled()
      const get = getter(server, adminToken)
      const { items } = await get<{ items: { from: string; minutes: number }[] }>(
        '/api/v1/alerts?device=logger-1',
      )
      expect(items.map(({ from, minutes }) => [from, minutes])).toEqual([
        ['2026-03-02T12:00:00Z', 40],
        ['2026-03-02T10:00:00Z', 40],
      ])
    } finally {
      await server.close()
    }
  })

  it('has stores that open one by one, with the envelopes no follower had seen', async () => {
    const { unseen } = unpack(version)
    const ledger = await openSqliteLedger(dataDir)
    const [{ count }] = (await ledger.db
      .selectFrom('alerts')
      .select((e) => e.fn.countAll<number>().as('count'))
      .execute()) as [{ count: number }]
    expect(Number(count)).toBeGreaterThan(0)
    await ledger.close()
    const series = await openDuckdbSeries({ folder: join(dataDir, 'series') })
    const channels = await series.channels('default', 'logger-1')
    expect(channels.map(({ channel, count }) => [channel, count]).sort()).toEqual([
      ['humidity', 1],
      ['temperature', 12],
    ])
    await series.close()
    const log = await openLmdbLog({ folder: join(dataDir, 'log'), bytesMax: 2 ** 30 })
    const names = ['record', 'capture', 'detect']
    const passed = Math.min(...names.map((name) => log.cursor(name)))
    const { envelopes } = await log.read(passed, 1000, 2 ** 24)
    expect(envelopes).toHaveLength(unseen)
    await log.close()
  })
})

describe('a data folder of a release to come', () => {
  it('is left alone, with the words what to do', async () => {
    const { adminToken } = unpack('0.1.0')
    const raw = new Database(join(dataDir, 'ledger.sqlite'))
    raw
      .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
      .run('9999-of-tomorrow', '2099-01-01T00:00:00.000Z')
    raw.close()
    const starting = start(adminToken)
    await expect(starting).rejects.toThrow(OperatorError)
    await expect(starting).rejects.toThrow(/newer release .*9999-of-tomorrow/)
    await expect(starting).rejects.toMatchObject({ remedy: expect.stringMatching(/that release/) })
  })

  it('is known by its log too, and damage does not pass for a later form', () => {
    const slab = createSlab(4096)
    const body = Buffer.from('{}')
    const names = { tenant: 'default', source: 'logger-1', topic: 'logger-1' }
    writeEntry(slab, { kind: 'readings', recordTime: 0, body, ...names })
    const later = Buffer.from(sealSlab(slab, 7))
    later.writeUInt16LE(2, 4)
    expect(() => openBatch(later, 7)).toThrow(/checksum/)
  })
})
