import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, documentOf } from './api-app.ts'
import { type Apis, databases, startApis } from './api-databases.ts'
import {
  captureDocument,
  lettuceGtin,
  saladGtin,
  vial,
  vialGtin,
  vials,
  worldDocument,
} from './report-world.ts'

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
let apis: Apis
let api: Api

const ask = (path: string, Accept = 'application/json'): Promise<Response> =>
  api.ask('GET', `/api/v1/reports/${path}`, { headers: { Accept } })
type Row = Record<string, string | number | boolean | null>
const rowsOf = async (path: string): Promise<Row[]> => {
  const answer = await ask(path)
  expect(answer.status, await answer.clone().text()).toBe(200)
  return ((await answer.json()) as { items: Row[] }).items
}
const lettuce = `fsma204?gtin=${lettuceGtin}&lot=R-22`

describe.each(databases)('on %s', (database) => {
  beforeAll(async () => {
    apis = await startApis(database)
    api = await apis.open()
    expect(await captureDocument(api, worldDocument())).toEqual([])
  })
  afterAll(async () => {
    await api?.close()
    await apis?.stop()
  })

  describe('the FSMA 204 spreadsheet', () => {
    it('follows a lot from the field to what it was made into, on pallets too', async () => {
      const rows = await rowsOf(lettuce)
      const said = rows.map((row) => [
        row.criticalTrackingEvent,
        row.quantity,
        row.traceabilityLotCode,
      ])
      expect(said).toEqual([
        ['harvesting', 500, 'R-22'],
        ['cooling', 500, 'R-22'],
        ['initial packing', 480, 'R-22'],
        ['shipping', 400, 'R-22'],
        ['receiving', 400, 'R-22'],
        ['transformation', 390, 'R-22'],
        ['transformation', 1500, 'SAL-5'],
      ])
      expect(rows[3]).toMatchObject({
        ...{ unitOfMeasure: 'KGM', productDescription: 'Romaine, whole' },
        lotCodeSourceDescription: 'Packing House, 1 Cold Street, Salinas, NJ, 07001, US',
        recipientDescription: 'Kitchen, 1 Cold Street, Trenton, NJ, 07001, US',
        ...{ referenceDocumentType: 'bol', missing: null },
      })
    })

    it('takes a product, a time, or both', async () => {
      const from = 'from=2026-02-11T00:00:00Z'
      const kinds = async (query: string) =>
        (await rowsOf(`fsma204?${query}`)).map((row) => row.criticalTrackingEvent)
      expect(await kinds(`${from}&gtin=${saladGtin}`)).toEqual([
        'transformation',
        'transformation',
        'shipping',
      ])
      expect(await kinds(`${from}&to=2026-02-11T08:00:00Z`)).toEqual(['receiving'])
      expect(await kinds(`${lettuce.split('?')[1]}&${from}`)).toEqual([
        'receiving',
        'transformation',
        'transformation',
      ])
    })

    it('counts units of a lot in cases on pallets', async () => {
      const rows = await rowsOf(`fsma204?gtin=${vialGtin}&lot=L2`)
      expect(
        rows.map((row) => [row.criticalTrackingEvent, row.quantity, row.unitOfMeasure]),
      ).toEqual([
        ['initial packing', 3, 'EA'],
        ['shipping', 2, 'EA'],
        ['receiving', 2, 'EA'],
      ])
    })

    it('names key data elements that nobody has told', async () => {
      const rows = await rowsOf(`fsma204?gtin=${saladGtin}&lot=SAL-5`)
      expect(rows.at(-1)).toMatchObject({
        criticalTrackingEvent: 'shipping',
        missing: 'referenceDocument',
      })
    })

    it('is the CSV that was written down, without formulas', async () => {
      const answer = await ask('fsma204?from=2026-02-10T00:00:00Z', 'text/csv')
      const text = await answer.text()
      expect(text).toContain(`"'=Salad, 250 g"`)
      await expect(text).toMatchFileSnapshot('golden/reports/fsma204.csv')
      const rows = parse(text, { columns: true }) as Row[]
      expect(rows).toHaveLength((await rowsOf('fsma204?from=2026-02-10T00:00:00Z')).length)
    })

    it('is a workbook that reads back', async () => {
      const rows = await rowsOf(lettuce)
      const answer = await ask(lettuce, xlsx)
      expect(answer.headers.get('Content-Type')).toBe(xlsx)
      const folder = mkdtempSync(join(tmpdir(), 'isotherm-xlsx-'))
      const file = join(folder, 'sheet.xlsx')
      writeFileSync(file, new Uint8Array(await answer.arrayBuffer()))
      try {
        const part = (name: string) =>
          execFileSync('unzip', ['-p', file, name], { encoding: 'utf8' })
        const all = part('xl/worksheets/sheet1.xml') + part('xl/sharedStrings.xml')
        expect(part('xl/worksheets/sheet1.xml').match(/<row /g)).toHaveLength(rows.length + 1)
        for (const row of rows) {
          expect(all).toContain(`>${row.eventTime}<`)
          expect(all).toContain(`<v>${row.quantity}</v>`)
        }
        expect(all).toContain('=Salad, 250 g')
        expect(all).not.toContain('<f>')
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOENT') throw error
        console.warn('skipped: there is no unzip here')
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

    it('refuses questions without an end', async () => {
      expect((await ask('fsma204')).status).toBe(400)
      expect((await ask('fsma204?lot=R-22')).status).toBe(400)
      expect((await ask(`${lettuce}x&gtin=1`)).status).toBe(400)
      expect((await ask(lettuce, 'application/pdf')).status).toBe(406)
    })
  })

  describe('the FMD state report', () => {
    it('tells each pack in the words of EU 2016/161, as of a time', async () => {
      const states = async (query: string) =>
        (await rowsOf(`fmd?gtin=${vialGtin}${query}`)).map((row) => `${row.serial} ${row.state}`)
      expect(await states('')).toEqual([
        'S1 Supplied',
        'S2 Destroyed',
        'S3 Active',
        'S4 Active',
        'S5 Active',
        'S6 Active',
        'S7 Stolen',
      ])
      expect(await states('&lot=L1&at=2026-02-04T10:30:00Z')).toEqual([
        'S1 Supplied',
        'S2 Active',
        'S3 Active',
        'S4 Active',
      ])
    })

    it('is the one that was written down, with packs of each lot in each state', async () => {
      const answer = await ask(`fmd?gtin=${vialGtin}&at=2026-02-20T00:00:00Z`)
      const report = (await answer.json()) as { summary: Row[] }
      expect(report.summary.map((row) => `${row.lot} ${row.state} ${row.count}`)).toEqual([
        'L1 Active 2',
        'L1 Destroyed 1',
        'L1 Supplied 1',
        'L2 Active 2',
        'L2 Stolen 1',
      ])
      await expect(`${JSON.stringify(report, null, 2)}\n`).toMatchFileSnapshot(
        'golden/reports/fmd.json',
      )
      const csv = await ask(`fmd?gtin=${vialGtin}&at=2026-02-20T00:00:00Z`, 'text/csv')
      await expect(await csv.text()).toMatchFileSnapshot('golden/reports/fmd.csv')
    })

    it('tells which packs open recalls block, since they began and while they are open', async () => {
      const recall = async (allOf: object[], more: object = {}): Promise<string> => {
        const body = { name: 'R', reason: 'test', criteria: { version: 1, allOf }, ...more }
        const answer = await api.ask('POST', '/api/v1/recalls', { body })
        expect(answer.status, await answer.clone().text()).toBe(201)
        return ((await answer.json()) as { id: string }).id
      }
      const recalled = async (query = '') =>
        (await rowsOf(`fmd?gtin=${vialGtin}${query}`))
          .filter((row) => row.recalled === true)
          .map((row) => row.serial)
      const gtins = { field: 'gtin', anyOf: [vialGtin] }
      await recall([gtins], { drill: true })
      expect(await recalled()).toEqual([])
      const ofLot = await recall([gtins, { field: 'lot', anyOf: ['L1'] }])
      const ofUnit = await recall([{ field: 'epc', anyOf: [vial('S6')] }])
      expect(await recalled()).toEqual(['S1', 'S2', 'S3', 'S4', 'S6'])
      expect(await recalled('&at=2026-02-20T00:00:00Z')).toEqual([])
      // A pack that was not known when the recall began.
      const late = { ...vials[0]!, epcList: [vial('S9')] }
      expect(await captureDocument(api, documentOf(late))).toEqual([])
      expect(await recalled('&lot=L1')).toEqual(['S1', 'S2', 'S3', 'S4', 'S9'])
      const answer = await ask(`fmd?gtin=${vialGtin}&lot=L1`)
      const { summary } = (await answer.json()) as { summary: Row[] }
      expect(summary.map((row) => [row.state, row.count, row.recalled])).toEqual([
        ['Active', 3, 3],
        ['Destroyed', 1, 1],
        ['Supplied', 1, 1],
      ])
      for (const id of [ofLot, ofUnit])
        expect((await api.ask('POST', `/api/v1/recalls/${id}/close`)).status).toBe(200)
      expect(await recalled()).toEqual([])
    })

    it('of what is not known is refused', async () => {
      expect((await ask(`fmd?gtin=${vialGtin}&lot=NONE`)).status).toBe(404)
      expect((await ask('fmd?gtin=1')).status).toBe(400)
      expect((await ask('fmd')).status).toBe(400)
    })

    it('knows nothing of other tenants', async () => {
      const { ledger } = api.deps
      const { fmdReport } = await import('../trace/report/fmd.ts')
      const other = await fmdReport(ledger.db, 'other', { gtin: vialGtin, at: 0 })
      expect(other.ok).toBe(false)
    })
  })
})
