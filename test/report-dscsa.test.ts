import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from './api-app.ts'
import { type Apis, databases, startApis } from './api-databases.ts'
import {
  captureDocument,
  desadv,
  place,
  seller,
  serialsOf,
  sscc,
  vial,
  vialGtin,
  worldDocument,
} from './report-world.ts'

const xsd = '../shared/data/epcis-gs1/xsd-1.2/EPCglobal-epcis-1_2.xsd'
const shipment = `shipment=${encodeURIComponent(sscc(9))}`
const prefixes = 'companyPrefixes=0361414,0399999'
let apis: Apis
let api: Api

const ask = (query: string, Accept = 'application/json'): Promise<Response> =>
  api.ask('GET', `/api/v1/reports/dscsa?${query}`, { headers: { Accept } })
const xmlOf = async (query: string): Promise<string> => {
  const answer = await ask(query, 'application/xml')
  expect(answer.status, await answer.clone().text()).toBe(200)
  return answer.text()
}
interface Report {
  transactionInformation: Record<string, unknown> & { products: { lot: string }[] }
  transactionStatement: { affirmed: boolean }
  missing: string[]
}
const dataOf = async (query: string): Promise<Report> => (await (await ask(query)).json()) as Report

function faults(xml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-dscsa-'))
  const file = join(folder, 'dscsa.xml')
  writeFileSync(file, xml)
  try {
    execFileSync('xmllint', ['--noout', '--nonet', '--schema', xsd, file], { stdio: 'pipe' })
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT')
      return String((error as { stderr: Buffer }).stderr)
    console.warn('skipped: there is no xmllint here')
  } finally {
    rmSync(folder, { recursive: true })
  }
  return ''
}

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

  describe('DSCSA data of a shipment', () => {
    it('has every field of transaction information and the statement', async () => {
      const report = await dataOf(shipment)
      expect(report.missing).toEqual([])
      expect(report.transactionInformation).toMatchObject({
        transactionDate: '2026-02-02',
        shipmentDate: null,
        seller: { id: seller, name: 'Example Pharma, Inc.' },
        products: [
          { lot: 'L1', ndc: '36141-410-01', numberOfContainers: 4, expiry: '2027-06-30' },
          { lot: 'L2', strength: '100 [iU]/mL', serials: ['S5', 'S6'], containerSize: '10 mL' },
        ],
      })
      await expect(`${JSON.stringify(report, null, 2)}\n`).toMatchFileSnapshot(
        'golden/reports/dscsa.json',
      )
    })

    it('is the same by SSCC and by despatch advice', async () => {
      expect(await dataOf(`shipment=${encodeURIComponent(desadv)}`)).toEqual(await dataOf(shipment))
    })

    it('tells the shipment date only when it is more than 24 hours after the transaction', async () => {
      const at = async (time: string) =>
        (await dataOf(`${shipment}&transactionDate=${time}`)).transactionInformation
      expect(await at('2026-02-01T07:00:00Z')).toMatchObject({
        transactionDate: '2026-02-01',
        shipmentDate: null,
      })
      expect(await at('2026-02-01T06:59:59Z')).toMatchObject({ shipmentDate: '2026-02-02' })
    })

    it('names master data that nobody has told, and XML is refused for it', async () => {
      const bare = await apis.open()
      try {
        await captureDocument(bare, { ...worldDocument(), epcisHeader: {} })
        const answer = await bare.ask('GET', `/api/v1/reports/dscsa?${shipment}`)
        const { missing } = (await answer.json()) as Report
        expect(missing).toContain(`strengthDescription of https://id.gs1.org/01/${vialGtin}`)
        expect(missing).toContain(`name of ${seller}`)
        expect(missing).toContain(`city of ${place(1)}`)
        const headers = { Accept: 'application/xml' }
        const path = `/api/v1/reports/dscsa?${shipment}&${prefixes}`
        const refused = await bare.ask('GET', path, { headers })
        expect(refused.status).toBe(422)
        const { errors } = (await refused.json()) as { errors: { detail: string }[] }
        expect(errors).toHaveLength(missing.length)
        const allowed = await bare.ask('GET', `${path}&incomplete=allow`, { headers })
        expect(allowed.status).toBe(200)
      } finally {
        await bare.close()
      }
    })
  })

  describe('DSCSA XML of a shipment', () => {
    it('is EPCIS 1.2 as US partners exchange it, valid under the schema of GS1', async () => {
      const xml = await xmlOf(`${shipment}&${prefixes}`)
      await expect(xml).toMatchFileSnapshot('golden/reports/dscsa.xml')
      if (existsSync(xsd)) expect(faults(xml)).toBe('')
      else console.warn('skipped: there are no schemas here')
      expect(xml).toContain('<gs1ushc:affirmTransactionStatement>true<')
      const steps = [...xml.matchAll(/<bizStep>[^<]*:(\w+)<\/bizStep>/g)].map(([, step]) => step)
      expect(steps).toEqual(
        'commissioning commissioning commissioning packing packing packing shipping'.split(' '),
      )
      expect(await xmlOf(`${shipment}&${prefixes}&affirm=false`)).not.toContain('gs1ushc')
    })

    it('tells of nothing that was not shipped', async () => {
      const xml = await xmlOf(`${shipment}&${prefixes}`)
      for (let n = 1; n <= 6; n++) expect(xml).toContain(`.S${n}</epc>`)
      expect(xml).not.toContain('.S7<')
    })

    it('can be captured, and gives the same shipment', async () => {
      const other = await apis.open()
      try {
        const xml = await xmlOf(`${shipment}&${prefixes}`)
        expect(await captureDocument(other, xml, 'application/xml')).toEqual([])
        const answer = await other.ask('GET', `/api/v1/reports/dscsa?${shipment}`)
        const got = (await answer.json()) as Report
        const { products, transactionDate } = (await dataOf(shipment)).transactionInformation
        expect(got.transactionInformation).toMatchObject({ products, transactionDate })
        // URNs say the length of the prefix: nobody has to be asked again.
        const headers = { Accept: 'application/xml' }
        const again = await other.ask('GET', `/api/v1/reports/dscsa?${shipment}`, { headers })
        expect(again.status, await again.clone().text()).toBe(200)
      } finally {
        await other.close()
      }
    })

    it('does not guess the length of a company prefix', async () => {
      const answer = await ask(`${shipment}&companyPrefixes=0361414`, 'application/xml')
      expect(answer.status).toBe(422)
      const { errors } = (await answer.json()) as { errors: { code: string; path: string }[] }
      expect(errors[0]).toMatchObject({ code: 'gs1/company-prefix-unknown' })
      expect((await ask(`${shipment}&companyPrefixes=abc`, 'application/xml')).status).toBe(400)
      const both = await ask(`${shipment}&${prefixes},03614`, 'application/xml')
      expect(both.status).toBe(400)
    })

    it('is refused for what was shipped and never commissioned', async () => {
      const other = await apis.open()
      try {
        const document = worldDocument()
        const { eventList } = document.epcisBody
        const without = eventList.filter((event) => !JSON.stringify(event).includes('"L2"'))
        await captureDocument(other, { ...document, epcisBody: { eventList: without } })
        const headers = { Accept: 'application/xml' }
        const path = `/api/v1/reports/dscsa?${shipment}&${prefixes}&incomplete=allow`
        const refused = await other.ask('GET', path, { headers })
        const { errors } = (await refused.json()) as { errors: { path: string }[] }
        expect(refused.status).toBe(422)
        expect(errors.map(({ path }) => path).sort()).toEqual(serialsOf(5, 6))
      } finally {
        await other.close()
      }
    })

    it('of what was never shipped is not found', async () => {
      expect((await ask(`shipment=${encodeURIComponent(vial('S7'))}`)).status).toBe(404)
      expect((await ask('shipment=D-404')).status).toBe(404)
      expect((await ask(shipment, 'text/csv')).status).toBe(406)
    })
  })
})
