// Reports to be printed and kept: of a decision, an alert, a recall; as PDF, or as the record that
// the PDF is made of. The same record makes the same bytes. Gathers and composes elsewhere.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import type { DispositionRecord } from '../../quality/disposition/disposition.ts'
import type { SignedBy } from '../../quality/disposition/dispositions.ts'
import type { InvestigationRecord } from '../../quality/investigation.ts'
import { composeAlert, composeRelease } from '../../quality/report/compose.ts'
import { composeInvestigation } from '../../quality/report/investigation.ts'
import { formatPdf } from '../../quality/report/pdf.ts'
import type { Reader } from '../../quality/report/reader.ts'
import { composeRecall } from '../../quality/report/recall.ts'
import { printedUnitsMax, type ReportRecord, reportHashOf } from '../../quality/report/record.ts'
import { type Alert, readAlert, readSerialSet, type SerialLeg } from '../../store/ledger/alerts.ts'
import { readInvestigation } from '../../store/ledger/investigations.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { listHolders, readRecall } from '../../store/ledger/recalls.ts'
import type { Recall } from '../../trace/recall/recalls.ts'
import { epcOf } from '../alerts/alerts.ts'
import type { Deps } from '../deps.ts'
import { dispositionOr404 } from '../dispositions/dispositions.ts'
import { attachment, mediaAsked } from '../files/media.ts'
import { fileNameOf } from '../files/names.ts'
import { readerQuery } from '../files/reader.ts'
import type { Env } from '../identity.ts'
import { notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { alertFacts, groupsOf, readAround } from './facts.ts'
import { nameOfHolder } from './names.ts'
import { shipmentReport } from './shipment-report.ts'

const query = z.object(readerQuery)

const responses = {
  200: {
    description: 'The report; `Report-Hash` is the SHA-256 of its record',
    content: {
      'application/pdf': { schema: { type: 'string' as const, format: 'binary' as const } },
      'application/json': { schema: z.record(z.string(), z.unknown()) },
    },
  },
}

const params = z.object({ id: z.string().max(200) })

const ofDisposition = guarded({ noun: 'dispositions', verb: 'read' } as const, {
  ...{ method: 'get', path: '/api/v1/dispositions/{id}/report' as const },
  summary: 'The report of a decision, to be printed: PDF, or the record that it is made of',
  ...{ request: { params, query }, responses },
})

const ofAlert = guarded({ noun: 'alerts', verb: 'read' } as const, {
  ...{ method: 'get', path: '/api/v1/alerts/{id}/report' as const },
  summary: 'The report of an alert, to be printed: PDF, or the record that it is made of',
  ...{ request: { params, query }, responses },
})

const ofRecall = guarded({ noun: 'recalls', verb: 'read' } as const, {
  ...{ method: 'get', path: '/api/v1/recalls/{id}/report' as const },
  summary: 'The report of a recall, to be printed: PDF, or the record that it is made of',
  ...{ request: { params, query }, responses },
})

const ofInvestigation = guarded({ noun: 'investigations', verb: 'read' } as const, {
  ...{ method: 'get', path: '/api/v1/investigations/{id}/report' as const },
  summary: 'The report of an investigation, to be printed: PDF, or the record it is made of',
  ...{ request: { params, query }, responses },
})

const ofShipment = guarded({ noun: 'shipments', verb: 'read' } as const, {
  ...{ method: 'get', path: '/api/v1/shipments/{container}/report' as const },
  summary: 'The report of a shipment, to be printed: PDF, or the record that it is made of',
  request: {
    params: z.object({
      container: z.string().max(500).openapi({
        description: 'Digital Link, URN or element string, percent-encoded',
      }),
    }),
    query: query.extend({
      device: z.string().max(200).optional().openapi({
        description: 'of several loggers; default the one mounted last',
      }),
    }),
  },
  responses,
})

export const printedReports = (deps: Deps) =>
  nounApp()
    .openapi(ofShipment, async (c) => {
      const container = epcOf(c.req.valid('param').container, 'path/container')
      const { device, ...reader } = c.req.valid('query')
      return answer(c, await shipmentReport(deps, c, { container, device }), reader) as never
    })
    .openapi(ofDisposition, async (c) => {
      const row = await dispositionOr404(c, c.req.valid('param').id)
      return answer(c, await releaseOf(deps, c, row), c.req.valid('query')) as never
    })
    .openapi(ofAlert, async (c) => {
      const { id } = c.req.valid('param')
      const alert = await readAlert(c.get('ledger').db, c.get('identity').tenant, id)
      if (!alert) throw notFound(`no alert ${id}`, 'path/id')
      return answer(c, await alertReport(deps, c, alert), c.req.valid('query')) as never
    })
    .openapi(ofInvestigation, async (c) => {
      const { id } = c.req.valid('param')
      const row = await readInvestigation(c.get('ledger').db, c.get('identity').tenant, id)
      if (!row) throw notFound(`no investigation ${id}`, 'path/id')
      const { recordHash, signatureHash, changedAt } = row
      const facts = {
        ...{ recordHash, signatureHash, changedAt },
        record: JSON.parse(row.record) as InvestigationRecord,
        signature: row.signature === null ? null : (JSON.parse(row.signature) as SignedBy),
      }
      const compose = (reader: Reader) => composeInvestigation(facts, reader)
      return answer(c, compose, c.req.valid('query')) as never
    })
    .openapi(ofRecall, async (c) => {
      const { id } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const recall = (await readRecall(c.get('ledger').db, tenant, id)) as Recall | undefined
      if (!recall) throw notFound(`no recall ${id}`, 'path/id')
      return answer(c, await recallReport(c, recall), c.req.valid('query')) as never
    })

type Composed = (reader: Reader) => ReportRecord

async function answer(c: Context<Env>, compose: Composed, reader: Reader): Promise<Response> {
  const record = compose(reader)
  const media = mediaAsked(c, ['application/json', 'application/pdf'] as const)
  const headers = { 'Report-Hash': reportHashOf(record), Vary: 'Accept' }
  if (media === 'application/json') return c.json({ ...record }, 200, headers)
  const bytes = await formatPdf(record)
  const about = record.subtitle.split(',')[0]!
  const name = `${fileNameOf(record.title, about, record.at)}.pdf`
  return c.body(Buffer.from(bytes), 200, {
    ...{ ...headers, ...attachment(name), 'Content-Type': 'application/pdf' },
  })
}

async function releaseOf(
  deps: Deps,
  c: Context<Env>,
  row: Awaited<ReturnType<typeof dispositionOr404>>,
): Promise<Composed> {
  const { db } = c.get('ledger')
  const { tenant } = row
  const record = JSON.parse(row.record) as DispositionRecord
  const { subject } = record
  const alert = subject.kind === 'alert' ? await readAlert(db, tenant, subject.id) : undefined
  const around = alert && (await readAround(db, tenant, { alert, heard: deps }))
  const units = await unitsOf(db, tenant, row.serialSet)
  const grouped = await groupsOf(db, { tenant, units: units.map(([epc]) => epc), heard: deps })
  const facts = {
    ...{ record, recordHash: row.recordHash, signatureHash: row.signatureHash, ...grouped },
    state: row.state as 'proposed',
    signature: row.signature === null ? null : (JSON.parse(row.signature) as SignedBy),
    alert: alert ? await alertFacts(db, tenant, alert) : null,
    ...{ read: around?.read ?? null, dataUpTo: around?.newest ?? null },
    units: units.slice(0, printedUnitsMax).map(([epc, part]) => [epc, part] as const),
  }
  return (reader) => composeRelease(facts, reader)
}

async function alertReport(deps: Deps, c: Context<Env>, alert: Alert): Promise<Composed> {
  const { db } = c.get('ledger')
  const { tenant } = c.get('identity')
  const { read, newest } = await readAround(db, tenant, { alert, heard: deps })
  const units = (await unitsOf(db, tenant, alert.serialSet)).map(([epc]) => epc)
  const facts = {
    ...{ alert: await alertFacts(db, tenant, alert), read, dataUpTo: newest, at: alert.raisedAt },
    ...(await groupsOf(db, { tenant, units, heard: deps })),
    units: units.slice(0, printedUnitsMax),
  }
  return (reader) => composeAlert(facts, reader)
}

async function recallReport(c: Context<Env>, recall: Recall): Promise<Composed> {
  const { db } = c.get('ledger')
  const { tenant } = c.get('identity')
  const { id, name, drill, revision, startedAt, closedAt, serialSet, body } = recall
  const { reason, criteria, serialCount, serialSetHash, figures, evaluatedAt } = body
  const rows = await listHolders(db, tenant, { recall: id, limit: bounds.pageMax })
  const epcs = (await unitsOf(db, tenant, serialSet)).map(([epc]) => epc)
  const facts = {
    ...{ id, name, drill, revision, startedAt, closedAt, evaluatedAt, reason },
    ...{ criteria: criteria.allOf, serialCount, serialSetHash },
    figures: [
      ...Object.entries(figures.standings),
      ['spared', figures.spared.units] as [string, number],
    ],
    holders: await Promise.all(
      rows.map(async ({ holder, counts, notifiedAt, acknowledgedAt }) => ({
        holder: await nameOfHolder(db, tenant, holder),
        ...{ units: counts.units ?? 0, returned: counts.returned ?? 0, notifiedAt, acknowledgedAt },
      })),
    ),
    units: epcs.slice(0, printedUnitsMax),
  }
  return (reader) => composeRecall(facts, reader)
}

const unitsOf = (db: LedgerQuery, tenant: string, serialSet: string): Promise<SerialLeg[]> =>
  readSerialSet(db, tenant, { serialSet, offset: 0, limit: bounds.reportUnitsMax })
