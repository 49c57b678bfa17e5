// Files of ERP, WMS and MES by the command line, as somebody in a warehouse loads them: whole,
// again, cut off in the middle, and such as cannot be loaded.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../../config.ts'
import {
  adminToken,
  entryPoint,
  newFolder,
  run,
  startServer,
  type TestServer,
  urlOfNobody,
} from './server.ts'

const gtin = '9521234543213'
const unit = (serial: string): string => `https://id.gs1.org/01/0${gtin}/21/${serial}`
const carton = 'https://id.gs1.org/00/106141412345678908'

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startServer()
  folder = newFolder()
  cpSync('examples', join(folder, 'examples'), { recursive: true })
  const mapping = JSON.parse(readFileSync('examples/serials.json', 'utf8')) as object
  await server.api('PUT', '/api/v1/mappings/serials', mapping)
})

const to = ({ url, token }: Pick<TestServer, 'url' | 'token'>) => ['--url', url, '--token', token]
const load = (file: string, mapping: string, more: string[] = []) =>
  run(['load', file, '--mapping', mapping, ...to(server), ...more], { cwd: folder })

interface Line {
  file: string
  percent?: number
  rows: number
  applied: number
  already: number
  refused: number | { line: number; column: string; code: string; detail: string; row: string }
  events: number
}
const linesOf = (stdout: string): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

type Event = Record<string, unknown> & { eventID: string; epcList?: string[] }
interface Answer {
  epcisBody: { queryResults: { resultsBody: { eventList: Event[] } } }
}
/** All events that answer the query, page by page. */
async function eventsOf(from: TestServer, query: string): Promise<Event[]> {
  const events: Event[] = []
  for (let path: string | undefined = `/epcis/events?${query}&perPage=30`; path; ) {
    const answer: Response = await from.ask('GET', path)
    expect(answer.status).toBe(200)
    const { epcisBody } = (await answer.json()) as Answer
    events.push(...epcisBody.queryResults.resultsBody.eventList)
    const next: string | undefined = /<([^>]+)>; *rel="next"/.exec(
      answer.headers.get('Link') ?? '',
    )?.[1]
    path = next && new URL(next, from.url).pathname + new URL(next, from.url).search
  }
  return events
}
const naming = (epc: string): Promise<Event[]> =>
  eventsOf(server, `MATCH_anyEPC=${encodeURIComponent(epc)}`)

describe('a load', () => {
  it('is what docs/loading.md shows: serials, their packing, their shipping', async () => {
    const shown = [...readFileSync('docs/loading.md', 'utf8').matchAll(/^isotherm (load .*)$/gm)]
    expect(shown.length).toBe(3)
    for (const [, line] of shown) {
      const words = line!
        .replace('http://127.0.0.1:8080', server.url)
        .replace('…', server.token)
        .split(' ')
      const done = await run(words, { cwd: folder })
      expect(done.stdout).toMatch(/^100 % \w+\.csv: line \d, \d rows: \d applied in \d events/)
      // The third of the serials has a wrong digit.
      expect(done.code, done.stderr).toBe(words[1] === 'examples/serials.csv' ? 1 : 0)
    }
    const steps = (await naming(unit('A1'))).map(({ bizStep }) => bizStep)
    expect(steps).toEqual(expect.arrayContaining(['commissioning', 'packing']))
    const moves = await naming(carton)
    expect(moves.map(({ bizStep }) => bizStep).sort()).toEqual([
      'packing',
      'receiving',
      'shipping',
      'unpacking',
    ])
    const known = await server.api('GET', `/api/v1/units/${encodeURIComponent(unit('A2'))}`)
    expect(known).toMatchObject({ lot: 'LOT-7', expiry: '2027-06-30' })
  })

  it('lists each refused row with line, column, reason and the row', async () => {
    const list = readFileSync(join(folder, 'examples/serials.csv.refused.csv'), 'utf8')
    expect(parse(list, { columns: true })).toEqual([
      {
        ...{ line: '4', column: 'Material', code: 'gs1/check-digit' },
        detail: 'check digit of 9521234543214 would be 3',
        row: '9521234543214;A3;LOT-7;270600;01.03.2026 08:00:05;L1',
      },
    ])
    const done = await load('examples/serials.csv', 'serials')
    expect(done.stderr).toMatch(/line 4: Material check digit of 9521234543214 would be 3/)
    expect(done.stderr).toContain('1 of 3 rows were refused: all are in examples/serials.csv')
  })

  it('tells machines everything as JSON, and finds nothing to do the second time', async () => {
    const done = await load('examples/serials.csv', 'serials', ['--json'])
    expect(done).toMatchObject({ code: 1, stderr: '' })
    expect(linesOf(done.stdout)).toMatchObject([
      { percent: 100, rows: 3, applied: 0, already: 2, refused: 1, events: 0 },
      { file: 'examples/serials.csv', refused: { line: 4, column: 'Material' } },
    ])
  })

  it('empties the list of refused rows once they are mended', async () => {
    const file = join(folder, 'examples/serials.csv')
    writeFileSync(file, readFileSync(file, 'utf8').replace('9521234543214', gtin))
    const done = await load('examples/serials.csv', 'serials')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toContain('1 applied in 1 events, 2 there already, 0 refused')
    expect(parse(readFileSync(`${file}.refused.csv`, 'utf8'), { columns: true })).toEqual([])
  })

  const script = spawnSync('script', ['--version']).status === 0
  if (!script) console.warn('skipped: there is no script here, which makes a terminal')
  it.skipIf(!script)('moves one line on a terminal', () => {
    const words = ['load', 'examples/serials.csv', '--mapping', 'serials', ...to(server)]
    const command = [process.execPath, entryPoint, ...words].map((word) => `'${word}'`).join(' ')
    const said = execFileSync('script', ['-qec', command, '/dev/null'], {
      ...{ cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    })
    expect(said.split('\r')).toEqual([
      '',
      expect.stringMatching(/100 % serials\.csv: line 4, 3 rows/),
      expect.stringMatching(/serials\.csv: line 4, 3 rows: 0 applied in 0 events, 3 there already/),
      '\n',
    ])
  })

  it('needs no running server', async () => {
    const env = { ISOTHERM_DATA_DIR: join(newFolder(), 'data') }
    const words = ['load', 'examples/serials.csv', '--mapping', 'examples/serials.json', '--json']
    const done = await run(words, { cwd: folder, env })
    expect(linesOf(done.stdout)[0]).toMatchObject({ rows: 3, applied: 3, refused: 0 })
    const again = await run(words, { cwd: folder, env })
    expect(linesOf(again.stdout)[0]).toMatchObject({ rows: 3, applied: 0, already: 3 })
  })
})

describe('a load that was killed', () => {
  const head = 'Material;Serial no.;Batch;Expires;Printed;Line'
  const rowsIn = 3 * bounds.loadWindowRows
  const row = (i: number): string => {
    const at = `08:${String(Math.floor(i / 7000)).padStart(2, '0')}:00`
    return `${gtin};K${i};LOT-${i % 7};270600;01.03.2026 ${at};L1`
  }
  const words = (of: TestServer) => [
    'load',
    'big.csv',
    '--mapping',
    'examples/serials.json',
    ...to(of),
  ]

  it('and run again, on a server that was killed too, ends as if nothing had happened', {
    timeout: 400_000,
  }, async () => {
    const rows = Array.from({ length: rowsIn }, (_, i) => row(i))
    writeFileSync(join(folder, 'big.csv'), `${[head, ...rows].join('\n')}\n`)
    const calm = await startServer()
    const done = await run(words(calm), { cwd: folder })
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toContain(`line ${rowsIn + 1}, ${rowsIn} rows: ${rowsIn} applied`)

    const dataDir = join(newFolder(), 'data')
    const first = await startServer({ dataDir })
    const client = spawn(process.execPath, [entryPoint, ...words(first)], {
      ...{ cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
    })
    // The first part is in, the second is under way.
    await once(client.stdout!, 'data')
    client.kill('SIGKILL')
    await once(client, 'close')
    const cut = run(words(first), { cwd: folder })
    await appliedAgain(first)
    await first.kill('SIGKILL')
    const broken = await cut
    expect(broken.code).toBe(1)
    expect(broken.stderr).toMatch(/^isotherm: no answer from .*\n {2}-> /)
    expect(broken.stderr).not.toMatch(/^\s+at /m)

    const second = await startServer({ dataDir })
    const last = await run([...words(second), '--json'], { cwd: folder })
    expect(last).toMatchObject({ code: 0, stderr: '' })
    const counts = linesOf(last.stdout).at(-1)!
    expect(counts).toMatchObject({ rows: rowsIn, refused: 0 })
    expect(counts.applied + counts.already).toBe(rowsIn)
    const query = 'EQ_bizStep=commissioning'
    const [wanted, found] = [await eventsOf(calm, query), await eventsOf(second, query)]
    const idsOf = (events: Event[]) => events.map(({ eventID }) => eventID).sort()
    expect(idsOf(found)).toEqual(idsOf(wanted))
    expect(new Set(found.flatMap(({ epcList = [] }) => epcList)).size).toBe(rowsIn)
    expect(found.flatMap(({ epcList = [] }) => epcList)).toHaveLength(rowsIn)
    await Promise.all([calm.stop(), second.stop()])
  })

  /** The newest of two loads has come to its first rows. */
  async function appliedAgain(of: TestServer): Promise<void> {
    for (;;) {
      const { items } = await of.api<{ items: { rows: number }[] }>('GET', '/api/v1/loads?limit=5')
      if (items.length > 1 && items[0]!.rows > 0) return
    }
  }
})

describe('a file with rows that cannot be', () => {
  const head = 'Material;Serial no.;Batch;Expires;Printed;Line;Note'
  const row = (serial: string, { note = '', material = gtin, batch = 'L' } = {}) =>
    `${material};${serial};${batch};270600;01.03.2026 08:00:00;L1;${note}`
  const refusedOf = (stdout: string) =>
    linesOf(stdout)
      .map(({ refused }) => refused)
      .filter((refused) => typeof refused === 'object')
      .map(({ line, column, code }) => `${line} ${column} ${code}`)

  it('gives the others, whatever stands between them', async () => {
    const bytes = Buffer.concat([
      Buffer.from(
        [
          `\u{FEFF}${head}`,
          row('Q1', { note: '<script>alert(1)</script>' }),
          row('Q2', { note: 'x'.repeat(1_000_000) }),
          row('Q3', { note: '"two\r\nlines"' }),
          row('<b>Q4</b>'),
          row('q5'),
          row('Q6', { material: '9521234543231' }),
          row('Q7', { note: '"open' }),
          row('Q8'),
          row('=1+1'),
          row('Q9', { material: '9.52E+12' }),
          row('Q 10'),
          row('Q11').replace(';L1', ''),
          '',
          '',
        ].join('\r\n'),
      ),
      Buffer.from(`${row('Größe')}\r\n${row('Q12', { note: 'Größe' })}\r\n`, 'latin1'),
      Buffer.from(`${row('Q13')}\r\n${row('Q14', { note: '"never closed' })}`),
    ])
    writeFileSync(join(folder, 'bad.csv'), bytes)
    const done = await load('bad.csv', 'serials', ['--json'])
    expect(refusedOf(done.stdout)).toEqual([
      '3  file/column',
      '8 Material gs1/check-digit',
      '9  file/column',
      '11 Serial no. file/value',
      '12 Material file/value',
      '13 Serial no. gs1/charset',
      '14  file/column',
      '16 Serial no. file/value',
      '19  file/column',
    ])
    expect(linesOf(done.stdout)[0]).toMatchObject({ rows: 16, applied: 7, refused: 9 })
    for (const serial of ['Q1', 'Q3', '%3Cb%3EQ4%3C%2Fb%3E', 'q5', 'Q8', 'Q12', 'Q13'])
      expect(await naming(unit(serial)), serial).toHaveLength(1)
    const kept = parse(readFileSync(join(folder, 'bad.csv.refused.csv'), 'utf8'), { columns: true })
    expect(kept).toHaveLength(9)
  })

  it('is understood in the letters of an old system', async () => {
    const mapping = JSON.parse(readFileSync('examples/serials.json', 'utf8')) as object
    const old = { ...mapping, encoding: 'windows-1252', columns: columnsWith(mapping, 'Größe') }
    writeFileSync(join(folder, 'old.json'), JSON.stringify(old))
    const text = `${head.replace('Batch', 'Größe')}\r\n${row('R1')}\r\n`
    writeFileSync(join(folder, 'old.csv'), Buffer.from(text, 'latin1'))
    expect(await load('old.csv', 'old.json')).toMatchObject({ code: 0, stderr: '' })
    expect(await naming(unit('R1'))).toHaveLength(1)
  })

  const columnsWith = (mapping: { columns?: object }, lot: string) => ({ ...mapping.columns, lot })
})

describe('a file that cannot be loaded at all', () => {
  const head = 'Material;Serial no.;Batch;Expires;Printed;Line\n'
  const rest = `${gtin};Z1;L;270600;01.03.2026 08:00:00;L1\n`
  const cases: [why: string, body: string | Buffer | undefined, said: RegExp][] = [
    ['is not there', undefined, /cannot read .*ENOENT[\s\S]*-> check the name/],
    ['is empty', '', /has no rows/],
    ['has a header only', head, /has no rows/],
    ['has another delimiter', (head + rest).replaceAll(';', ','), /the header is one cell/],
    ['lacks a column', head.replace('Batch', 'Lot') + rest, /there is no column Batch/],
    ['has a column twice', head.replace('Line', 'Batch') + rest, /column Batch is there twice/],
    ['is a workbook', Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), /a workbook or an archive, not text/],
  ]
  it.each(cases)('because it %s is told in one sentence', async (_why, body, said) => {
    mkdirSync(join(folder, 'none'), { recursive: true })
    const file = join(folder, 'none', body === undefined ? 'nothing.csv' : 'file.csv')
    if (body !== undefined) writeFileSync(file, body)
    const done = await load(file, 'serials')
    expect(done).toMatchObject({ code: 1, stdout: '' })
    expect(done.stderr).toMatch(said)
    expect(done.stderr).toMatch(/^isotherm: .*(?:nothing|file)\.csv[\s\S]*\n {2}-> /)
    expect(done.stderr).not.toMatch(/^\s+at /m)
    expect(existsSync(`${file}.refused.csv`)).toBe(false)
  })

  it('because its mapping is none is told with what is wrong in it', async () => {
    const said = async (name: string, text?: string) => {
      if (text !== undefined) writeFileSync(join(folder, name), text)
      const done = await load('examples/serials.csv', name)
      expect(done).toMatchObject({ code: 1, stdout: '' })
      expect(done.stderr).not.toMatch(/^\s+at /m)
      return done.stderr
    }
    expect(await said('unknown')).toMatch(/mapping unknown: .*[\s\S]*there is no mapping unknown/)
    expect(await said('half.json', '{')).toMatch(/mapping half\.json: [\s\S]*not JSON/)
    expect(await said('wrong.json', '{"kind":"serials","columns":{"gtn":"GTIN"}}')).toMatch(/gtn/)
    expect(await said('examples')).toMatch(/cannot read examples: EISDIR/)
    const without = await run(['load', 'examples/serials.csv', ...to(server)], { cwd: folder })
    expect(without.stderr).toMatch(/nothing says what the columns mean\n {2}-> give --mapping/)
    expect(await run(['load', ...to(server)])).toMatchObject({ code: 2 })
  })

  it('because nobody may or nobody is there is told as such', async () => {
    const words = ['load', 'examples/serials.csv', '--mapping', 'serials', '--url', server.url]
    const stranger = await run([...words, '--token', 'x'], { cwd: folder })
    expect(stranger).toMatchObject({ code: 1, stdout: '' })
    expect(stranger.stderr).toMatch(/Unauthorized/)
    const nobody = { url: await urlOfNobody(), token: server.token }
    const away = await run(
      ['load', 'examples/serials.csv', '--mapping', 'serials', ...to(nobody)],
      {
        ...{ cwd: folder, env: { ISOTHERM_TOKEN: adminToken } },
      },
    )
    expect(away.stderr).toMatch(/no answer from .*ECONNREFUSED[\s\S]*--url/)
  })
})
