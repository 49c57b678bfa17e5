// Reports that are tables: the FSMA 204 spreadsheet and the FMD state report; as JSON, CSV,
// Parquet or a workbook. See trace/report/fsma.ts and trace/report/fmd.ts for what is in them.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { fmdStatuses } from '../../domain/lifecycle/views.ts'
import { fmdColumns, fmdReport } from '../../trace/report/fmd.ts'
import { type FsmaRow, fsmaColumns } from '../../trace/report/fsma.ts'
import { fsmaRows } from '../../trace/report/fsma-rows.ts'
import type { Deps } from '../deps.ts'
import { attachment, mediaAsked, parquetType, reportProblem, xlsxType } from '../files/media.ts'
import { fileNameOf } from '../files/names.ts'
import { formatParquet } from '../files/parquet.ts'
import { makeWorkbook } from '../files/workbook-thread.ts'
import { timeQuery } from '../page.ts'
import { invalid, Problem } from '../problem.ts'
import { gtinOf } from '../profiles/products.ts'
import { guarded, nounApp } from '../route.ts'
import { type Row, streamRows } from '../rows.ts'

const gtin = z.string().max(14)
const lot = z.string().min(1).max(20).optional()
const cell = z.union([z.string(), z.number()]).nullable()
const csv = { 'text/csv': { schema: z.string() }, [parquetType]: { schema: z.string() } }

const fsma = guarded(
  { noun: 'reports', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/reports/fsma204',
    summary: 'The sortable spreadsheet of the US food traceability rule (FSMA 204)',
    description:
      'One row for each lot of each critical tracking event, by event time. Give a lot with its gtin, or a time; `missing` names key data elements that nobody has told.',
    request: {
      query: z.object({
        gtin: gtin.optional(),
        lot,
        from: timeQuery.optional().openapi({ description: 'event time' }),
        to: timeQuery.optional().openapi({ description: 'event time, exclusive' }),
      }),
    },
    responses: {
      200: {
        description: 'The rows',
        content: {
          'application/json': {
            schema: z.object({ items: z.array(z.record(z.enum(fsmaColumns), cell)) }),
          },
          ...csv,
          [xlsxType]: { schema: z.string() },
        },
      },
    },
  },
)

const states = [...new Set(Object.values(fmdStatuses))]
const packSchema = z.object({
  productCode: z.string(),
  serial: z.string(),
  lot: z.string().nullable(),
  expiry: z.string().nullable(),
  nationalNumber: z.string().nullable(),
  state: z.enum(states),
  since: z.string().nullable(),
  eventID: z.string().nullable(),
  recalled: z.boolean(),
  expired: z.boolean(),
  contradictions: z.number().int(),
})

const fmd = guarded(
  { noun: 'reports', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/reports/fmd',
    summary: 'How the packs of a product or lot stand, in the words of EU 2016/161',
    request: {
      query: z.object({
        gtin,
        lot,
        at: timeQuery.optional().openapi({ description: 'event time; now without it' }),
      }),
    },
    responses: {
      200: {
        description: 'Each pack, and packs of each lot in each state',
        content: {
          'application/json': {
            schema: z.object({
              items: z.array(packSchema),
              summary: z.array(
                z.object({
                  productCode: z.string(),
                  lot: z.string().nullable(),
                  state: z.enum(states),
                  count: z.number().int(),
                  recalled: z.number().int(),
                }),
              ),
            }),
          },
          ...csv,
        },
      },
    },
  },
)

export const sheetReports = ({ now }: Pick<Deps, 'now'>) =>
  nounApp()
    .openapi(fsma, async (c) => {
      const media = mediaAsked(c, ['application/json', 'text/csv', xlsxType, parquetType])
      const query = c.req.valid('query')
      if (query.lot !== undefined && query.gtin === undefined)
        throw invalid('a lot is one of a product: want gtin too', 'query/gtin')
      if (query.lot === undefined && query.from === undefined)
        throw invalid('want a lot with its gtin, or a time', 'query/from')
      const wanted =
        query.gtin === undefined ? query : { ...query, gtin: gtinOf(query.gtin, 'query/gtin') }
      const { from, to } = query
      const name = fileNameOf(
        'fsma204',
        query.gtin,
        query.lot,
        from,
        to === undefined ? to : to - 1,
      )
      const rows = await fsmaRows(c.get('ledger').db, c.get('identity').tenant, wanted)
      if (!rows.ok) throw reportProblem(rows.refusals)
      if (media === xlsxType)
        return c.body(await workbook(rows.value), 200, {
          ...attachment(`${name}.xlsx`),
          'Content-Type': xlsxType,
        })
      if (media === parquetType) {
        const table = { columns: fsmaColumns, types: fsmaTypes, batches: [rows.value] }
        return c.body(await formatParquet(table), 200, parquetHeaders(name))
      }
      if (media === 'text/csv')
        return streamRows(c, 'csv', {
          ...{ columns: fsmaColumns, fileName: name },
          batches: batchesOf(rows.value),
        })
      return c.json({ items: rows.value }, 200)
    })
    .openapi(fmd, async (c) => {
      const media = mediaAsked(c, ['application/json', 'text/csv', parquetType])
      const query = c.req.valid('query')
      const at = query.at ?? now()
      const name = fileNameOf('fmd', query.gtin, query.lot, at)
      const report = await fmdReport(c.get('ledger').db, c.get('identity').tenant, {
        gtin: gtinOf(query.gtin, 'query/gtin'),
        lot: query.lot,
        at,
      })
      if (!report.ok) throw reportProblem(report.refusals)
      if (media === 'application/json') return c.json(report.value, 200)
      if (media === parquetType) {
        const rows = report.value.items.map((item): Row => ({ ...item }))
        const table = { columns: fmdColumns, types: fmdTypes, batches: [rows] }
        return c.body(await formatParquet(table), 200, parquetHeaders(name))
      }
      const batches = batchesOf(report.value.items.map((item): Row => ({ ...item })))
      return streamRows(c, 'csv', { columns: fmdColumns, fileName: name, batches })
    })

const fsmaTypes = { quantity: 'DOUBLE' } as const
const fmdTypes = { recalled: 'BOOLEAN', expired: 'BOOLEAN', contradictions: 'INTEGER' } as const
const parquetHeaders = (name: string): Record<string, string> => ({
  ...attachment(`${name}.parquet`),
  'Content-Type': parquetType,
})

async function* batchesOf(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += bounds.serialChunk)
    yield rows.slice(from, from + bounds.serialChunk)
}

/** Its headings are those of the rule, in whatever language. */
async function workbook(rows: readonly FsmaRow[]): Promise<Uint8Array<ArrayBuffer>> {
  if (rows.length > bounds.reportSheetRowsMax) {
    const detail = `${rows.length} rows are too many for a workbook: take CSV, or ask for less`
    throw new Problem(413, [{ code: 'request/too-large', path: 'header/Accept', detail }])
  }
  const columns = fsmaColumns.map((name) => ({ name, type: 'text' as const, title: name }))
  const reader = { language: 'en', unit: 'C', zone: 'UTC' } as const
  return makeWorkbook({ columns, reader }, batchesOf(rows))
}
