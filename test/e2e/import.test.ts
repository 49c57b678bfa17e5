// Logger files by the command line, as somebody at a clinic does it on a Monday: with a server
// running and without.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { adminToken, newFolder, run, startServer, type TestServer, urlOfNobody } from './server.ts'
import type { Page, Reading } from './story.ts'

const golden = 'test/golden/formats/fridgetag/fridge-two-days'
const real = '../shared/data/fridgetag'
const isPresent = existsSync(real)
if (!isPresent) console.warn(`skipped: the real logger files, ${real} is not present`)

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})

const importTo = (to: TestServer, files: string[], more: string[] = []) =>
  run(['import', ...files, '--url', to.url, '--token', to.token, ...more])

async function keptOf(from: TestServer, device: string): Promise<[string, number][]> {
  const path = `/api/v1/readings?device=${device}&from=2020-01-01T00:00:00Z&limit=10000`
  const { items } = await from.api<Page<Reading>>('GET', path)
  return items.map(({ time, value }) => [new Date(time).toISOString(), value])
}

interface Expected {
  device: { id: string }
  readings: [string, string, number][]
}

function expectedOf(folder: string): { device: string; rows: [string, number][] } {
  const { device, readings } = JSON.parse(
    readFileSync(`${folder}/expected.json`, 'utf8'),
  ) as Expected
  return { device: device.id, rows: readings.map(([time, , value]) => [time, value]) }
}

it('imports a file to a running server, tells progress and compares the figures', async () => {
  const { device, rows } = expectedOf(golden)
  const done = await importTo(server, [`${golden}/input.txt`])
  expect(done).toMatchObject({ code: 0, stderr: '' })
  expect(done.stdout).toContain(`${rows.length} of ${rows.length} readings`)
  expect(done.stdout).toContain(device)
  expect(done.stdout).toMatch(/maxC|max/)
  await vi.waitFor(async () => expect(await keptOf(server, device)).toEqual(rows))

  const again = await importTo(server, [`${golden}/input.txt`])
  expect(again.code).toBe(0)
  await delayUntilRecorded()
  expect(await keptOf(server, device)).toEqual(rows)
})

/** Everything received has been recorded. */
async function delayUntilRecorded(): Promise<void> {
  await vi.waitFor(async () => {
    const metrics = await (await server.ask('GET', '/metrics')).text()
    expect(metrics).toContain('isotherm_follower_lag{follower="record",partition="0"} 0\n')
  })
}

it('takes the zone of the logger’s clock and a device of choice', async () => {
  const more = ['--utc-offset', '+02:00', '--device', 'fridge-7']
  const done = await importTo(server, [`${golden}/input.txt`], more)
  expect(done).toMatchObject({ code: 0, stderr: '' })
  const shifted = expectedOf(golden).rows.map(([time, value]) => [
    new Date(Date.parse(time) - 2 * 3_600_000).toISOString(),
    value,
  ])
  await vi.waitFor(async () => expect(await keptOf(server, 'fridge-7')).toEqual(shifted))
})

it('imports without a running server too; one started later has the readings', async () => {
  const { device, rows } = expectedOf(golden)
  const env = { ISOTHERM_DATA_DIR: join(newFolder(), 'data') }
  for (const _time of ['once', 'twice'])
    expect(await run(['import', `${golden}/input.txt`], { env })).toMatchObject({
      code: 0,
      stderr: '',
    })
  const later = await startServer({ dataDir: env.ISOTHERM_DATA_DIR })
  expect(await keptOf(later, device)).toEqual(rows)
  await later.stop()
})

it('finds the server that runs on the same folder without being told where', async () => {
  const { device, rows } = expectedOf(golden)
  const own = await startServer()
  const env = {
    ISOTHERM_DATA_DIR: own.dataDir,
    ISOTHERM_HTTP_PORT: new URL(own.url).port,
    ISOTHERM_TOKEN: adminToken,
  }
  expect(await run(['import', `${golden}/input.txt`], { env })).toMatchObject({ code: 0 })
  await vi.waitFor(async () => expect(await keptOf(own, device)).toEqual(rows))
  await own.stop()
})

describe('a file that cannot be imported', () => {
  const folder = newFolder()
  it('because nobody knows its format is named, and those that are known', async () => {
    const file = join(folder, 'holiday.txt')
    writeFileSync(file, 'Dear all,\nhere are the photos.\n')
    const done = await importTo(server, [file])
    expect(done.code).toBe(1)
    expect(done.stderr).toMatch(/holiday\.txt/)
    expect(done.stderr).toMatch(/[Ff]ridge-tag/)
    expect(done.stderr).not.toMatch(/^\s+at /m)
  })

  it('because it is not there is named with what to check', async () => {
    const done = await importTo(server, [join(folder, 'nothing.txt')])
    expect(done).toMatchObject({ code: 1, stdout: '' })
    expect(done.stderr).toMatch(/^isotherm: cannot read .*nothing\.txt.*\n {2}-> /)
  })

  it('because the server is away or the token is wrong is no stack trace', async () => {
    const nobody = await urlOfNobody()
    const away = await run(['import', `${golden}/input.txt`, '--url', nobody], {
      env: { ISOTHERM_TOKEN: adminToken },
    })
    expect(away.code).toBe(1)
    expect(away.stderr).toMatch(
      new RegExp(`^isotherm: no answer from ${nobody}.*ECONNREFUSED.*\\n {2}-> .*--url`),
    )
    expect(away.stderr).not.toMatch(/^\s+at /m)
    const stranger = await run([
      'import',
      `${golden}/input.txt`,
      '--url',
      server.url,
      '--token',
      'x',
    ])
    expect(stranger.code).toBe(1)
    expect(stranger.stderr).toMatch(/Unauthorized/)
  })

  it('does not keep the others from being imported', async () => {
    const file = join(folder, 'letter.txt')
    writeFileSync(file, 'Dear all\n')
    const done = await importTo(server, [file, `${golden}/input.txt`])
    expect(done.code).toBe(1)
    expect(done.stdout).toContain('readings')
  })
})

describe.skipIf(!isPresent)('real logger files (need ../shared/data)', () => {
  // What the table of each file holds, counted by its own lines.
  const rowsOf = (file: string): number[] =>
    readFileSync(file, 'latin1')
      .split(/\r?\n/)
      .map((line) => /^\t\d{4}-\d\d-\d\d \d\d:\d\d\t *([+-]?\d+\.\d)/.exec(line)?.[1])
      .filter((text) => text !== undefined)
      .map(Number)

  it.each([
    'q-tag-clm-doc_10min-log.txt',
    'fridge-tag-ultra-low_5min-log.txt',
    'fridge-tag-2_daily-summary-only.txt',
  ])('%s', async (name) => {
    const file = join(real, name)
    const values = rowsOf(file)
    for (const _time of ['once', 'twice']) {
      const done = await importTo(server, [file], ['--json'])
      expect(done).toMatchObject({ code: 0, stderr: '' })
      const lines = done.stdout.trim().split('\n')
      const result = JSON.parse(lines.at(-1)!) as {
        device: string
        readings: number
        figures: { figure: string; device: unknown; computed: unknown }[]
      }
      expect(result.readings).toBe(values.length)
      // A file of daily figures only has no rows to compare them with.
      expect(result.figures.length > 3).toBe(values.length > 0)
      if (values.length > 0) expect(JSON.parse(lines[0]!)).toMatchObject({ kept: values.length })
      await delayUntilRecorded()
      const kept = await keptOf(server, result.device)
      expect(kept.map(([, value]) => value)).toEqual(values)
    }
  })
})
