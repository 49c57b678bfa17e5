// Tables as files: every form says the same, machines get UTC and °C, people their own zone, unit
// and language, and no cell becomes a formula.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cellWord } from '../api/files/cell-words.ts'
import { columnWords } from '../api/files/column-words.ts'
import { parquetType, xlsxType } from '../api/files/media.ts'
import { fileNameOf } from '../api/files/names.ts'
import { formatCell } from '../api/rows.ts'
import { caseKinds } from '../domain/case.ts'
import { severities } from '../domain/profile/profile.ts'
import { decisions } from '../quality/disposition/disposition.ts'
import { caseStatuses } from '../store/ledger/cases.ts'
import { type Api, commission, documentOf, gtin, mount, openApi, pack } from './api-app.ts'

let api: Api
const folder = mkdtempSync(join(tmpdir(), 'isotherm-files-'))
beforeAll(async () => {
  api = await openApi()
  await api.ask('PUT', `/api/v1/products/${gtin}`, {
    body: { name: '=1+1', profile: { ruleSet: 'pharma-2-8' } },
  })
  await api.ask('POST', '/api/v1/devices', {
    body: { id: 'logger', giai: 'https://id.gs1.org/8004/952123400001' },
  })
  const events = [commission(['A1', 'A2']), pack(['A1', 'A2']), mount()]
  await api.ask('POST', '/epcis/capture', { body: documentOf(...events) })
  await api.ask('POST', '/api/v1/readings?device=logger', {
    body: [
      { time: '2026-03-01T22:30:00Z', temperature: 5 },
      { time: '2026-03-01T23:30:00Z', temperature: -40 },
    ],
  })
  await api.settled()
  const criteria = { version: 1, allOf: [{ field: 'gtin', anyOf: [gtin] }] }
  await api.ask('POST', '/api/v1/recalls', { body: { name: 'R', reason: 'test', criteria } })
})
afterAll(async () => {
  await api?.close()
  rmSync(folder, { recursive: true, force: true })
})

const file = async (path: string, Accept: string): Promise<Response> => {
  const answer = await api.ask('GET', path, { headers: { Accept } })
  expect(answer.status, path).toBe(200)
  expect(answer.headers.get('Content-Type')).toContain(Accept)
  return answer
}
const bytesOf = async (answer: Response): Promise<Uint8Array> =>
  new Uint8Array(await answer.arrayBuffer())

/** As DuckDB reads it, with the types that the file says. */
async function parquetOf(bytes: Uint8Array) {
  const name = join(folder, 'one.parquet')
  writeFileSync(name, bytes)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const read = await connection.runAndReadAll(`from '${name}'`)
  const told = { types: read.columnTypes().map(String), rows: read.getRowObjectsJson() }
  connection.closeSync()
  instance.closeSync()
  return told
}

const unzips = (() => {
  try {
    execFileSync('unzip', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('files.test: workbooks are not opened, there is no unzip here')
    return false
  }
})()

/** The parts of a workbook: its sheet, and the texts that its cells name. */
function partsOf(bytes: Uint8Array) {
  const name = join(folder, 'one.xlsx')
  writeFileSync(name, bytes)
  const part = (within: string) => execFileSync('unzip', ['-p', name, within], { encoding: 'utf8' })
  return { sheet: part('xl/worksheets/sheet1.xml'), texts: part('xl/sharedStrings.xml') }
}

const readings = '/api/v1/readings?device=logger&from=2026-03-01T00:00:00Z'
const lists = [
  readings,
  '/api/v1/shipments?all=1',
  '/api/v1/lanes',
  '/api/v1/cases?status=all',
  '/api/v1/alerts',
  '/api/v1/dispositions',
  '/api/v1/audit',
]

describe('a table as a file', () => {
  it('has the same rows in every form, and all of them whatever a page holds', async () => {
    for (const path of lists) {
      const csv = parse(await (await file(path, 'text/csv')).text(), { columns: true })
      const lines = (await (await file(path, 'application/x-ndjson')).text()).split('\n')
      const { rows } = await parquetOf(await bytesOf(await file(path, parquetType)))
      const json = await api.json('GET', `${path}${path.includes('?') ? '&' : '?'}limit=200`)
      expect(json.items.length, path).toBe(csv.length)
      expect([lines.filter(Boolean).length, rows.length], path).toEqual([csv.length, csv.length])
    }
    const one = await api.json('GET', '/api/v1/audit?limit=1')
    expect(one.next).not.toBe(null)
    const all = parse(await (await file('/api/v1/audit?limit=1', 'text/csv')).text())
    expect(all.length).toBeGreaterThan(3)
  })

  it('tells machines UTC and degrees Celsius, with types, whoever asks', async () => {
    const asked = `${readings}&unit=F&zone=Europe/Berlin&language=de`
    const text = await (await file(asked, 'text/csv')).text()
    expect(text).toBe('time,value\r\n2026-03-01T22:30:00Z,5\r\n2026-03-01T23:30:00Z,-40\r\n')
    const { types, rows } = await parquetOf(await bytesOf(await file(asked, parquetType)))
    expect(types).toEqual(['TIMESTAMP WITH TIME ZONE', 'DOUBLE'])
    expect(rows.map(({ value }) => value)).toEqual([5, -40])
    expect(new Date(String(rows[1]!.time)).getTime()).toBe(Date.UTC(2026, 2, 1, 23, 30))
  })

  it.skipIf(!unzips)('tells people their zone, their unit and their language', async () => {
    const asked = `${readings}&unit=F&zone=Europe/Berlin&language=de`
    const answer = await file(asked, xlsxType)
    expect(answer.headers.get('Content-Disposition')).toContain(
      'readings_logger_temperature_2026-03-01_2026-03-01.xlsx',
    )
    const { sheet, texts } = partsOf(await bytesOf(answer))
    for (const title of ['Zeit (Europe/Berlin)', 'Wert (°F)']) expect(texts).toContain(title)
    // Half past midnight of 2 March in Berlin: day 46083 of spreadsheets; 5 °C and -40 °C.
    const figures = [...sheet.matchAll(/<v>([^<]+)<\/v>/g)].map(([, value]) => Number(value))
    expect(figures.slice(2)).toEqual([
      expect.closeTo(46082 + 23.5 / 24, 8),
      41,
      expect.closeTo(46083 + 0.5 / 24, 8),
      -40,
    ])
  })

  it('never becomes a formula', async () => {
    const recall = (await api.json('GET', '/api/v1/recalls')).items[0]!
    const path = `/api/v1/recalls/${recall.id}/holders`
    const { holder } = (await api.json('GET', path)).items[0]!
    const body = { holder, note: '=HYPERLINK("https://example.com")' }
    await api.ask('POST', `/api/v1/recalls/${recall.id}/acknowledgements`, { body })
    const csv = await (await file(path, 'text/csv')).text()
    expect(csv).toContain(`"'=HYPERLINK(""https://example.com"")"`)
    if (!unzips) return
    for (const one of [path, '/api/v1/shipments?all=1']) {
      const { sheet, texts } = partsOf(await bytesOf(await file(one, xlsxType)))
      expect(sheet).not.toMatch(/<f\b/)
      expect(texts).toContain('=')
    }
    fc.assert(
      fc.property(fc.constantFrom(...'=+-@\t\r\n'), fc.string(), (first, rest) => {
        expect(formatCell(first + rest).replace(/^"/, '')[0]).toBe("'")
      }),
    )
  })

  it('is refused by roles that may not read the list', async () => {
    const token = await api.keyWith('viewer')
    for (const Accept of ['text/csv', xlsxType, parquetType]) {
      const answer = await api.ask('GET', '/api/v1/audit', { token, headers: { Accept } })
      expect(answer.status).toBe(403)
    }
  })

  it('has a name that says what is in it, in letters that every disk takes', () => {
    const day = Date.UTC(2026, 2, 1)
    const sscc = 'https://id.gs1.org/00/106141412345678908'
    expect(fileNameOf('affected', 'Größe 5/ü', sscc, null, day)).toBe(
      'affected_Gro-e-5-u_SSCC-106141412345678908_2026-03-01',
    )
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (parts) => {
        expect(fileNameOf(...parts)).toMatch(/^[A-Za-z0-9._-]{0,120}$/)
        expect(fileNameOf(...parts)).not.toMatch(/^\./)
      }),
    )
  })

  it('has words for its columns in every language', () => {
    const names = Object.keys(columnWords.en).sort()
    for (const words of Object.values(columnWords)) {
      expect(Object.keys(words).sort()).toEqual(names)
      expect(Object.values(words).every((word) => word.trim() !== '')).toBe(true)
    }
  })
})

it('codes in the cells of workbooks are words in every language; one of tomorrow stays', () => {
  const codes = [
    ...[...caseKinds, ...caseStatuses, ...decisions, ...severities],
    ...['in', 'out', 'indeterminate', 'proposed', 'signed', 'rejected', 'quality/stale'],
    ...['quality/decided', 'take', 'leave', 'whole container', 'leave container', 'silence'],
    ...['closed', 'superseded', 'retracted', 'located', 'inTransit', 'sold'],
  ]
  for (const language of ['de', 'fr', 'es'] as const) {
    const left = codes.filter((code) => cellWord(code, language) === code)
    expect(left).toEqual([])
  }
  expect(cellWord('of-tomorrow', 'de')).toBe('of-tomorrow')
})
