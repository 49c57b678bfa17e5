import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventHash } from '../domain/epcis/hash.ts'
import { canonicalEpc } from '../domain/gs1/gs1.ts'
import { writeAlert, writeSerialSet } from '../store/ledger/alerts.ts'
import { readPresence } from '../store/ledger/contents.ts'
import { readUnits } from '../store/ledger/epcs.ts'
import { readStays } from '../store/ledger/stays.ts'
import { type Api, testNow } from './api-app.ts'
import { type Apis, databases, startApis } from './api-databases.ts'
import {
  captureDocument,
  crate,
  desadv,
  logger,
  lotOf,
  saladGtin,
  serialsOf,
  sscc,
  vial,
  vialGtin,
  worldDocument,
} from './report-world.ts'

const data = '../shared/data'
const tenant = 'default'
let apis: Apis
let api: Api

interface Bundle {
  epcisHeader: { epcisMasterData: { vocabularyList: { type: string }[] } }
  epcisBody: { eventList: Record<string, unknown>[] }
  'isotherm:manifest': {
    serialSetHash: string
    serialCount: number
    eventSetHash: string
    complete: boolean
    events: { eventID: string; hash: string }[]
  }
}
const ask = (query: string, Accept = 'application/ld+json', token?: string): Promise<Response> =>
  api.ask('GET', `/api/v1/reports/bundle?${query}`, {
    headers: { Accept },
    ...(token !== undefined && { token }),
  })
const bundleOf = async (query: string): Promise<Bundle> => {
  const answer = await ask(query)
  expect(answer.status, await answer.clone().text()).toBe(200)
  return (await answer.json()) as Bundle
}
const link = (epc: string): string => encodeURIComponent(epc)
const lotL2 = `gtin=${vialGtin}&lot=L2`

/** What is known of the things in a ledger. */
async function knownOf(of: Api, epcs: string[]) {
  const { db } = of.deps.ledger
  const units = await readUnits(db, tenant, epcs)
  const stays = await readStays(db, tenant, { in: 'child', among: epcs })
  stays.sort((a, b) => `${a.child} ${a.from}`.localeCompare(`${b.child} ${b.from}`))
  return { units: epcs.map((epc) => units.get(epc)), stays }
}

describe.each(databases)('on %s', (database) => {
  beforeAll(async () => {
    apis = await startApis(database)
    api = await apis.open()
    expect(await captureDocument(api, worldDocument())).toEqual([])
    const { db } = api.deps.ledger
    const serials = serialsOf(1, 6)
    await writeSerialSet(
      db,
      tenant,
      'set-1',
      serials.map((epc) => [epc, 0]),
    )
    const alert = {
      ...{ id: 'alert-1', kind: 'excursion', rule: 'high', ruleKind: 'single', limitC: 8 },
      ...{ allowanceMinutes: 0, severity: 'major', device: 'logger-1', container: sscc(9) },
      ...{ channel: 'temperature', gtin: vialGtin, productVersion: 1, from: 0, to: 1, minutes: 1 },
      ...{ unknownMinutes: 0, peakC: 9, verdict: 'out', status: 'open', revision: 1 },
      ...{ raisedAt: testNow, serialCount: 6, serialSetHash: '', serialSet: 'set-1', legs: [] },
    } as Parameters<typeof writeAlert>[2]
    await writeAlert(db, tenant, alert, { revision: 1, recordTime: testNow, cause: 'x', diff: {} })
  })
  afterAll(async () => {
    await api?.close()
    await apis?.stop()
  })

  describe('a bundle, captured elsewhere', () => {
    const cases: [name: string, query: string, subjects: string[]][] = [
      ['unit', `unit=${link(vial('S6'))}`, [vial('S6')]],
      ['lot', lotL2, serialsOf(5, 7)],
      ['shipment', `shipment=${link(sscc(9))}`, [...serialsOf(1, 6), sscc(1), sscc(2), sscc(9)]],
      ['alert', 'alert=alert-1', [...serialsOf(1, 6), sscc(9)]],
      ['container', `unit=${link(crate)}`, [crate]],
      ['logger', `unit=${link(logger)}`, [logger]],
    ]
    // What is written does not depend on the database: on the second, each once.
    for (const [turn, media] of ['application/ld+json', 'application/xml'].entries())
      it.each(database === 'SQLite' ? cases : cases.filter((_, index) => index % 2 === turn))(
        `of a %s gives the same units, stays and sets (${media})`,
        async (...of) => {
          const [, query, subjects] = of
          const answer = await ask(query, media)
          expect(answer.headers.get('Content-Type')).toContain(media)
          const other = await apis.open()
          try {
            const problems = await captureDocument(other, await answer.text(), media)
            expect(problems.filter((one) => !(one as { warning?: boolean }).warning)).toEqual([])
            expect(await knownOf(other, subjects)).toEqual(await knownOf(api, subjects))
            // What was inside while the shipment was under way: the set an alert would have.
            const window = { from: Date.UTC(2026, 1, 2, 8), to: Date.UTC(2026, 1, 2, 20) }
            const own = new Set(subjects)
            const inside = async (of: Api) =>
              [
                ...(
                  await readPresence(of.deps.ledger.db, tenant, { container: sscc(9), window })
                ).keys(),
              ]
                .filter((epc) => own.has(epc))
                .sort()
            expect(await inside(other)).toEqual(await inside(api))
            if (query.startsWith('alert')) return
            const again = await other.ask('GET', `/api/v1/reports/bundle?${query}`)
            const before = await bundleOf(query)
            const after = (await again.json()) as Bundle
            const { serialSetHash, eventSetHash } = after['isotherm:manifest']
            expect({ serialSetHash, eventSetHash }).toEqual({
              serialSetHash: before['isotherm:manifest'].serialSetHash,
              eventSetHash: before['isotherm:manifest'].eventSetHash,
            })
            expect(after.epcisHeader).toEqual(before.epcisHeader)
          } finally {
            await other.close()
          }
        },
      )

    it('of a made lot holds what it was made of', async () => {
      const { epcisBody } = await bundleOf(`gtin=${saladGtin}&lot=SAL-5`)
      const steps = epcisBody.eventList.map(({ bizStep }) => String(bizStep).split('/').at(-1))
      expect(steps).toEqual(
        'harvesting cooling initial_packing packing commissioning shipping'.split(' '),
      )
      const unit = await bundleOf(`unit=${link(lotOf(saladGtin, 'SAL-5'))}`)
      expect(unit.epcisBody).toEqual(epcisBody)
    })
  })

  describe('a bundle', () => {
    it('leaves out what happened to containers when the unit was elsewhere', async () => {
      const { epcisBody } = await bundleOf(`unit=${link(vial('S7'))}`)
      const text = JSON.stringify(epcisBody)
      expect(text).toContain(crate)
      expect(text).not.toContain('shipping')
      // The case was in the crate before the unit was in the case: without that nobody would know.
      expect(epcisBody.eventList.map(({ eventTime }) => eventTime)).toContain(
        '2026-02-01T08:30:00Z',
      )
    })

    it('names its shipment by SSCC, by event and by despatch advice', async () => {
      const bySscc = await bundleOf(`shipment=${link(sscc(9))}`)
      const shipping = bySscc.epcisBody.eventList.find(({ bizStep }) => bizStep === 'shipping')!
      for (const name of [String(shipping.eventID), desadv, sscc(1)])
        expect((await bundleOf(`shipment=${link(name)}`)).epcisBody).toEqual(bySscc.epcisBody)
    })

    it('of a recall holds its units with the hash of its set', async () => {
      const allOf = [
        { field: 'lot', anyOf: ['L2'] },
        { field: 'gtin', anyOf: [vialGtin] },
      ]
      const body = { name: 'R', reason: 'test', criteria: { version: 1, allOf } }
      const made = await api.ask('POST', '/api/v1/recalls', { body })
      const recall = (await made.json()) as { id: string; serialSetHash: string }
      expect(made.status, JSON.stringify(recall)).toBe(201)
      const bundle = await bundleOf(`recall=${recall.id}`)
      expect(bundle['isotherm:manifest'].serialSetHash).toBe(recall.serialSetHash)
      expect(bundle.epcisBody).toEqual((await bundleOf(lotL2)).epcisBody)
      expect((await ask('recall=none')).status).toBe(404)
    })

    it('has a manifest by which a stranger checks every event', async () => {
      const bundle = await bundleOf(lotL2)
      const { events, serialCount, complete } = bundle['isotherm:manifest']
      expect(bundle.epcisBody.eventList.map((event) => eventHash(event))).toEqual(
        events.map(({ hash }) => hash),
      )
      expect({ serialCount, complete }).toEqual({ serialCount: 3, complete: true })
      expect(bundle).toEqual(await bundleOf(lotL2))
    })

    it('is the one that was written down', async () => {
      await expect(`${JSON.stringify(await bundleOf(lotL2), null, 2)}\n`).toMatchFileSnapshot(
        'golden/reports/bundle-lot.jsonld',
      )
      const xml = await (await ask(lotL2, 'application/xml')).text()
      await expect(xml).toMatchFileSnapshot('golden/reports/bundle-lot.xml')
    })

    it.skipIf(!existsSync(data))('is valid under the schemas of GS1', async () => {
      const schema = readFileSync(`${data}/epcis-gs1/json-schema/EPCIS-JSON-Schema.json`, 'utf8')
      const formats = { uri: /^[a-zA-Z][\w+.-]*:\S+$/, 'date-time': /^\d/ }
      const validate = new Ajv({ strict: false, formats }).compile(JSON.parse(schema))
      const bundle = await bundleOf(lotL2)
      expect(validate(bundle), JSON.stringify(validate.errors?.[0])).toBe(true)
      const folder = mkdtempSync(join(tmpdir(), 'isotherm-bundle-'))
      const file = join(folder, 'bundle.xml')
      writeFileSync(file, await (await ask(lotL2, 'application/xml')).text())
      const xsd = `${data}/epcis-gs1/xsd-2.0/EPCglobal-epcis-2_0.xsd`
      try {
        execFileSync('xmllint', ['--noout', '--nonet', '--schema', xsd, file], { stdio: 'pipe' })
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOENT') throw error
        console.warn('skipped: there is no xmllint here')
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

    it('of what is not there is refused by name', async () => {
      const unknown = vial('NONE')
      expect(canonicalEpc(unknown).ok).toBe(true)
      for (const [query, status, path] of [
        [`unit=${link(unknown)}`, 404, 'query/unit'],
        [`gtin=${vialGtin}&lot=NONE`, 404, 'query/lot'],
        [`shipment=${link(sscc(77))}`, 404, 'query/shipment'],
        ['shipment=D-404', 404, 'query/shipment'],
        ['alert=none', 404, 'query/alert'],
        ['lot=L1', 400, 'query/gtin'],
        ['', 400, 'query'],
        [`alert=alert-1&${lotL2}`, 400, 'query'],
        ['unit=nonsense', 400, 'query/unit'],
      ] as const) {
        const answer = await ask(query)
        expect(answer.status, query).toBe(status)
        const { errors } = (await answer.json()) as { errors: { path: string }[] }
        expect(errors[0]?.path, query).toBe(path)
      }
      expect((await ask(lotL2, 'text/csv')).status).toBe(406)
      expect((await ask(lotL2, '*/*', await api.keyWith('viewer'))).status).toBe(403)
    })
  })
})
