// An installation leaves its stores and enters others, embedded ones or InfluxDB and PostgreSQL,
// killed on the way as often as it may be: afterwards every answer is the one from before.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Server, serve } from '../main.ts'
import { type ExportManifest, readChunk, readExport } from '../store/export-format.ts'
import type { Answers } from './answers.ts'
import { entryPoint, run } from './e2e/server.ts'
import * as story from './e2e/story.ts'
import { type Influxd, influxdPath, startInfluxd } from './influxd.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'
import { answersOf, configOf, listenerOf, tellTwoCases } from './served.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })
const folder = mkdtempSync(join(tmpdir(), 'isotherm-export-'))
const exported = join(folder, 'export')
const source = join(folder, 'source')
let before: Answers
let events: string[]
let influxd: Influxd | undefined
let postgres: Postgres | undefined

beforeAll(async () => {
  if (influxdPath) influxd = await startInfluxd()
  if (postgresPath) postgres = await startPostgres()
  const server = await serve(configOf(source))
  await tellTwoCases(server)
  const { api, ask } = listenerOf(server)
  // A breach that goes on: its end comes after the move.
  const { id } = await story.tellCase(listenerOf(server), 3)
  await api('POST', `/api/v1/readings?device=${id}`, story.caseReadings().slice(0, 4))
  // Restated by a late capture, refused in parts, and a reading of another value later on.
  await story.capture(listenerOf(server), [
    story.commissioned('07:00', [story.vial(1, 'LATE')]),
    story.packed('08:05', story.pallet(1), [story.vial(1, 'LATE')]),
  ])
  const at = '2026-03-02T11:00:00Z'
  const mixed = [{ time: at, temperature: 'warm', humidity: 40 }]
  await ask('POST', '/api/v1/readings?device=logger-1', { body: mixed })
  await api('POST', '/api/v1/readings?device=logger-1', [{ time: at, humidity: 41 }])
  await api('POST', '/api/v1/keys', { name: 'board', roles: ['viewer'] })
  await server.settled()
  before = await answersOf(server)
  events = await eventsInOrder(server)
  await server.close()
  expect(await run(['export', exported], { env: { ISOTHERM_DATA_DIR: source } })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/Exported to .*: [1-9]\d* rows of the ledger, [1-9]\d* readings/),
  })
})
afterAll(async () => {
  await influxd?.stop()
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Event ids as captured, in pages of three. */
async function eventsInOrder(server: Server): Promise<string[]> {
  const ids: string[] = []
  for (let path: string | undefined = '/epcis/events?perPage=3'; path; ) {
    const answer = await listenerOf(server).ask('GET', path)
    const { epcisBody } = (await answer.json()) as {
      epcisBody: { queryResults: { resultsBody: { eventList: { eventID: string }[] } } }
    }
    ids.push(...epcisBody.queryResults.resultsBody.eventList.map(({ eventID }) => eventID))
    path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
  }
  return ids
}

/** A refusal tells the offset of its packet: that of another log now. */
const withoutOffsets = (answers: Answers): Answers =>
  JSON.parse(JSON.stringify(answers, (name, value) => (name === 'offset' ? undefined : value)))

interface Target {
  name: string
  missing: string | undefined
  env(): Promise<Record<string, string>>
}

let targets = 0
const dataDir = (): Record<string, string> => ({
  ISOTHERM_DATA_DIR: join(folder, `target-${++targets}`),
})
const embedded: Target = { name: 'embedded stores', missing: undefined, env: async () => dataDir() }
const external: Target = {
  name: 'InfluxDB and PostgreSQL',
  missing: [!influxdPath && 'influxd', !postgresPath && 'PostgreSQL'].filter(Boolean).join(' and '),
  env: async () => ({
    ...dataDir(),
    ISOTHERM_SERIES_URL: `${influxd!.url.replace('http', 'influxdb')}/moved${targets}`,
    ISOTHERM_LEDGER_URL: await postgres!.createLedger(),
  }),
}

/** Runs the import and pulls the plug after so many notes of progress. True when it came through. */
async function importAndKill(env: Record<string, string>, notes: number): Promise<boolean> {
  const child = spawn(process.execPath, [entryPoint, 'import', exported, '--json'], {
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.split('\n').length > notes) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return said.includes('"done"')
}

describe.each([embedded, external])('moved into $name', ({ name, missing, env }) => {
  if (missing) console.warn(`skipped: moving into ${name}, for want of ${missing}`)

  it.skipIf(missing)('every answer is the one from before, and it goes on', async () => {
    const settings = await env()
    const [, ...others] = [
      await run(['import', exported], { env: settings }),
      await run(['import', exported], { env: settings }),
    ]
    // Again: nothing is left to do.
    for (const { code } of others) expect(code).toBe(0)
    const server = await serve(configOf(settings.ISOTHERM_DATA_DIR!, settings))
    try {
      await server.settled()
      expect(withoutOffsets(await answersOf(server))).toEqual(withoutOffsets(before))
      expect(await eventsInOrder(server)).toEqual(events)
      await goOn(server)
    } finally {
      await server.close()
    }
  })

  it.skipIf(missing)('killed again and again on the way, it ends the same', async () => {
    const settings = await env()
    let kills = 0
    while (!(await importAndKill(settings, 3 + (kills % 4)))) {
      expect(++kills).toBeLessThan(100)
      if (kills > 1) continue
      // Half an installation is nothing to begin to work on.
      const starting = serve(configOf(settings.ISOTHERM_DATA_DIR!, settings))
      await expect(starting).rejects.toMatchObject({
        message: expect.stringContaining('is not finished'),
        remedy: expect.stringContaining('isotherm import'),
      })
    }
    console.info(`${name}: killed ${kills} times`)
    expect(kills).toBeGreaterThan(2)
    const server = await serve(configOf(settings.ISOTHERM_DATA_DIR!, settings))
    try {
      expect(withoutOffsets(await answersOf(server))).toEqual(withoutOffsets(before))
    } finally {
      await server.close()
    }
  })
})

/** The breach that had begun ends, a new capture restates, a new refusal gets an id of its own. */
async function goOn(server: Server): Promise<void> {
  const { api, ask } = listenerOf(server)
  await api('POST', '/api/v1/readings?device=logger-3', story.caseReadings().slice(4))
  const job = await story.capture(listenerOf(server), [
    story.commissioned('07:00', [story.vial(2, 'LATE')]),
    story.packed('08:05', story.pallet(2), [story.vial(2, 'LATE')]),
  ])
  expect(job.success).toBe(true)
  const wrong = [{ time: '2026-03-02T12:00:00Z', temperature: 'cold', humidity: 40 }]
  await ask('POST', '/api/v1/readings?device=logger-1', { body: wrong })
  await server.settled()
  const alertOf = async (device: string): Promise<Partial<story.Alert>[]> =>
    (await api<story.Page<story.Alert>>('GET', `/api/v1/alerts?device=${device}`)).items
  await vi.waitFor(async () => {
    expect(await alertOf('logger-3')).toMatchObject([{ minutes: 40, serialCount: 3 }])
    expect(await alertOf('logger-2')).toMatchObject([{ minutes: 40, serialCount: 4 }])
  })
  const { items } = await api<story.Page<{ id: number; offset: number }>>('GET', '/api/v1/refusals')
  expect(items.length).toBe((before['/api/v1/refusals'] as unknown[]).length + 1)
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
  expect(items.map(({ offset }) => offset < 0)).toEqual([false, ...items.slice(1).map(() => true)])
}

describe('an export', () => {
  const manifest = (): ExportManifest => readExport(exported)!

  it('holds no offset that the new log could give, and keeps their order', () => {
    const rows = (of: string) =>
      manifest()
        .chunks.filter((chunk) => chunk.of === of)
        .flatMap((chunk) => readChunk<Record<string, string | number>>(exported, chunk))
    const captured = rows('events').toSorted(
      (a, b) => Number(a.seq) - Number(b.seq) || Number(a.pos) - Number(b.pos),
    )
    expect(captured.map(({ eventID }) => eventID)).toEqual(events)
    expect(rows('refusals').length).toBeGreaterThan(0)
    for (const { seq, offset } of [...captured, ...rows('refusals')])
      expect(Number(seq ?? offset)).toBeLessThan(0)
  })

  it('leaves readings behind that are past the retention of the new stores, and no alert', async () => {
    const settings: Record<string, string> = { ...dataDir(), ISOTHERM_RETENTION_DAYS: '1' }
    expect(await run(['import', exported], { env: settings })).toMatchObject({ code: 0 })
    const server = await serve(configOf(settings.ISOTHERM_DATA_DIR!, settings))
    try {
      await server.settled()
      const after = await answersOf(server)
      const alerts = '/api/v1/alerts?status=open'
      expect(after[alerts]).toEqual(before[alerts])
      expect(Object.keys(after).filter((path) => path.includes('/readings'))).toEqual([])
    } finally {
      await server.close()
    }
  })

  it('is not taken into stores that hold something', async () => {
    const settings = { ISOTHERM_DATA_DIR: source }
    expect(await run(['import', exported], { env: settings })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not empty: it holds \w+\n {2}-> set ISOTHERM_LEDGER_URL/),
    })
  })

  it('with a damaged file stops before that file, and goes on with a good one', async () => {
    const settings = dataDir()
    const file = join(exported, manifest().chunks.find(({ of }) => of === 'epcs')!.file)
    const good = readFileSync(file)
    writeFileSync(file, good.subarray(0, good.length - 1))
    expect(await run(['import', exported], { env: settings })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not what was exported'),
    })
    writeFileSync(file, good)
    expect((await run(['import', exported], { env: settings })).code).toBe(0)
  })

  it('of an older release is left to that release, with the words what to do', async () => {
    const older = join(folder, 'older')
    mkdirSync(older)
    writeFileSync(join(older, 'manifest.json'), JSON.stringify({ ...manifest(), form: 1 }))
    expect(await run(['import', older], { env: dataDir() })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/made by an older release.*\n {2}-> import it with that/),
    })
  })

  it('that was ended on the way is no export, and is begun again in the same folder', async () => {
    const again = join(folder, 'again')
    mkdirSync(again)
    writeFileSync(join(again, 'exporting'), '')
    writeFileSync(join(again, '00000-keys.ndjson.gz'), 'half of it')
    expect(await run(['import', again], { env: dataDir() })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no finished export'),
    })
    const env = { ISOTHERM_DATA_DIR: source }
    expect((await run(['export', again], { env })).code).toBe(0)
    expect(await run(['export', again], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not empty'),
    })
  })
})
