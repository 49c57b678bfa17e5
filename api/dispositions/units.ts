// The units of a disposition or an alert with what speaks for which decision, and the pick list of
// a disposition. A recommendation is what the passport of the unit says; it decides nothing (I10).
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import {
  type Decision,
  type DispositionRecord,
  decisions,
} from '../../quality/disposition/disposition.ts'
import { unitsOf } from '../../quality/disposition/dispositions.ts'
import { type PickLine, pickList } from '../../quality/pick-list.ts'
import { readAlert, readSerialSet, type SerialLeg } from '../../store/ledger/alerts.ts'
import { type DispositionRow, decisionsEver, decisionsOn } from '../../store/ledger/dispositions.ts'
import { idsOf, lotsOf } from '../../store/ledger/epcs.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { passportsOf } from '../../trace/many-passports.ts'
import { epcOf } from '../alerts/alerts.ts'
import type { Deps } from '../deps.ts'
import { columnsOf, fileAsked, fileContent, type TableFile } from '../files/files.ts'
import { fileNameOf } from '../files/names.ts'
import { readerQuery } from '../files/reader.ts'
import type { Env } from '../identity.ts'
import {
  formatCursor,
  formatTime,
  limitQuery,
  numberPlace,
  pageOf,
  parseCursor,
  timeQuery,
} from '../page.ts'
import { notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import type { Row } from '../rows.ts'
import { dispositionOr404 } from './dispositions.ts'
import { recommendationSchema } from './schemas.ts'

const params = z.object({ id: z.string().max(200) })
const read = { noun: 'dispositions', verb: 'read' } as const
const page = {
  limit: limitQuery(bounds.recommendationsMax, 50),
  cursor: z.string().max(1000).optional(),
}
const pageContent = { 'application/json': { schema: pageOf(recommendationSchema) } }

const units = guarded(read, {
  method: 'get',
  path: '/api/v1/dispositions/{id}/units',
  summary: 'List the units of a disposition, with what their passports recommend',
  description:
    'A recommendation decides nothing: a person does. Files have what the record says of each.',
  request: { params, query: z.object({ ...page, ...readerQuery }) },
  responses: {
    200: { description: 'Ascending by EPC', content: { ...pageContent, ...fileContent } },
  },
})

const ofAlert = guarded(read, {
  method: 'get',
  path: '/api/v1/alerts/{id}/recommendations',
  summary: 'List the units of an alert, with what their passports recommend',
  description: 'What is in force on each, and what speaks for which decision. It decides nothing.',
  request: { params, query: z.object(page) },
  responses: { 200: { description: 'Ascending by EPC', content: pageContent } },
})

const decisionSchema = z.enum(decisions as readonly [Decision, ...Decision[]])
const ever = guarded(read, {
  method: 'get',
  path: '/api/v1/units/{epc}/decisions',
  summary: 'What was ever decided of a unit; at most one is in force',
  request: { params: z.object({ epc: z.string().max(1000) }) },
  responses: {
    200: {
      description: 'The newest first',
      content: {
        'application/json': {
          schema: z.object({
            items: z.array(
              z.object({
                decision: decisionSchema,
                disposition: z.string(),
                at: z.string(),
                inForce: z.boolean(),
                endedBy: z.string().nullable(),
              }),
            ),
          }),
        },
      },
    },
  },
})

const lineSchema = z
  .object({
    pick: z.enum(['whole', 'part', 'leave', 'loose']).openapi({
      description: 'whole: take it as it is; part: open it; leave: touch nothing in it',
    }),
    container: z.string().nullable(),
    within: z.array(z.string()).openapi({ description: 'around it, the outermost first' }),
    takeCount: z.number().int(),
    leaveCount: z.number().int(),
    take: z.array(z.string()).openapi({ description: 'units directly in it' }),
    leave: z.array(z.string()),
  })
  .openapi('PickLine')

const picks = guarded(read, {
  method: 'get',
  path: '/api/v1/dispositions/{id}/pick-list',
  summary: 'Which units to take out of which containers',
  description:
    'Files have one row for each unit, and one for each whole container or one to leave.',
  request: {
    params,
    query: z.object({
      ...readerQuery,
      decision: decisionSchema.optional().openapi({ description: 'the first part’s when absent' }),
      at: timeQuery.optional().openapi({ description: 'event time; now when absent' }),
    }),
  },
  responses: {
    200: {
      description: 'By container',
      content: {
        'application/json': {
          schema: z.object({
            disposition: z.string(),
            decision: decisionSchema,
            at: z.string(),
            takeCount: z.number().int(),
            lines: z.array(lineSchema),
          }),
        },
        ...fileContent,
      },
    },
  },
})

export const dispositionUnits = (deps: Deps) =>
  nounApp()
    .openapi(units, async (c) => {
      const asked = c.req.valid('query')
      const { limit, cursor } = asked
      const row = await dispositionOr404(c, c.req.valid('param').id)
      const { parts } = JSON.parse(row.record) as DispositionRecord
      const offset = parseCursor(cursor, numberPlace)?.[0] ?? 0
      const file = await fileAsked(c, unitFile(c.get('ledger').db, row, { parts, offset }), asked)
      if (file) return file as never
      const set = { serialSet: row.serialSet, offset, limit: limit + 1 }
      const rows = await readSerialSet(c.get('ledger').db, row.tenant, set)
      const proposed = (part: number) => parts[part]!.decision
      return c.json(await recommended(deps, c, { rows, limit, offset, proposed }), 200)
    })
    .openapi(ofAlert, async (c) => {
      const { tenant } = c.get('identity')
      const { db } = c.get('ledger')
      const { limit, cursor } = c.req.valid('query')
      const { id } = c.req.valid('param')
      const alert = await readAlert(db, tenant, id)
      if (!alert) throw notFound(`no alert ${id}`, 'path/id')
      const offset = parseCursor(cursor, numberPlace)?.[0] ?? 0
      const set = { serialSet: alert.serialSet, offset, limit: limit + 1 }
      const rows = await readSerialSet(db, tenant, set)
      return c.json(await recommended(deps, c, { rows, limit, offset }), 200)
    })
    .openapi(ever, async (c) => {
      const { tenant } = c.get('identity')
      const { db } = c.get('ledger')
      const epc = epcOf(c.req.valid('param').epc, 'path/epc')
      const unit = (await idsOf(db, tenant, [epc])).get(epc)
      if (unit === undefined) throw notFound(`no event names ${epc}`, 'path/epc')
      const items = (await decisionsEver(db, tenant, unit)).map((row) => ({
        ...{ ...row, decision: row.decision as Decision, at: formatTime(row.at) },
        inForce: row.endedBy === null,
      }))
      return c.json({ items }, 200)
    })
    .openapi(picks, async (c) => {
      const row = await dispositionOr404(c, c.req.valid('param').id)
      const record = JSON.parse(row.record) as DispositionRecord
      const asked = c.req.valid('query')
      const decision = asked.decision ?? record.parts[0]!.decision
      const at = asked.at ?? deps.now()
      const { db } = c.get('ledger')
      const all = await unitsOf(db, row, record.serialCount)
      const taken = all.flatMap(([epc, part]) =>
        record.parts[part]!.decision === decision ? [epc] : [],
      )
      const lines = await pickList(db, row.tenant, { units: taken, at })
      if (!lines) {
        const detail = `more than ${bounds.pickUnitsMax} things are in the containers of its units`
        throw new Problem(422, [{ code: 'request/too-large', path: '', detail }])
      }
      const fileName = fileNameOf('pick-list', row.id, decision, at)
      const table = { columns, fileName, batches: batchesOf(lines) }
      const file = await fileAsked(c, table, asked)
      if (file) return file as never
      const takeCount = taken.length
      return c.json({ disposition: row.id, decision, at: formatTime(at), takeCount, lines }, 200)
    })

async function recommended(
  deps: Deps,
  c: Context<Env>,
  of: {
    rows: SerialLeg[]
    limit: number
    offset: number
    proposed?: (part: number) => Decision
  },
) {
  const { tenant } = c.get('identity')
  const { db } = c.get('ledger')
  const shown = of.rows.slice(0, of.limit)
  const epcs = shown.map(([epc]) => epc)
  const ids = await idsOf(db, tenant, epcs)
  const inForce = await decisionsOn(db, tenant, [...ids.values()])
  const lots = await lotsOf(db, tenant, epcs)
  const items: z.output<typeof recommendationSchema>[] = []
  const heard = { db, series: deps.series, kept: deps.kept }
  const passports = await passportsOf(heard, tenant, epcs)
  for (const [epc, part] of shown) {
    const passport = passports.get(epc)!
    const now = inForce.get(ids.get(epc) ?? -1)
    items.push({
      ...{ epc, lot: lots.get(epc) ?? null, decision: of.proposed?.(part) ?? null },
      inForce: now ? { ...now, decision: now.decision as Decision, at: formatTime(now.at) } : null,
      recommendation:
        typeof passport === 'string'
          ? null
          : {
              verdict: passport.verdict,
              reasons: passport.reasons.map(({ step, outcome, finding, detail, figures }) => ({
                ...{ step, outcome, finding, detail, figures: { ...figures } },
              })),
            },
    })
  }
  const next = of.rows.length > of.limit ? formatCursor([of.offset + of.limit]) : null
  return { items, next }
}

const unitColumns = columnsOf({
  ...{ epc: 'text', lot: 'text', part: 'integer', decision: 'code', disposition: 'text' },
  verdict: 'code',
})

/** What the record says of each unit; `verdict`: that its part was chosen by. */
function unitFile(
  db: LedgerQuery,
  { tenant, id, serialSet }: DispositionRow,
  of: { parts: DispositionRecord['parts']; offset: number },
): TableFile {
  const limit = bounds.pageMax
  async function* batches(): AsyncGenerator<Row[]> {
    for (let offset = of.offset; ; offset += limit) {
      const units = await readSerialSet(db, tenant, { serialSet, offset, limit })
      const lots = await lotsOf(
        db,
        tenant,
        units.map(([epc]) => epc),
      )
      yield units.map(([epc, part]) => {
        const { decision, disposition, verdict = null } = of.parts[part]!
        const lot = lots.get(epc) ?? null
        return { epc, lot, part: part + 1, decision, disposition, verdict }
      })
      if (units.length < limit) return
    }
  }
  return { columns: unitColumns, fileName: fileNameOf('decision-units', id), batches: batches() }
}

const columns = columnsOf({
  ...{ pick: 'code', outermost: 'text', container: 'text', units: 'integer', epc: 'text' },
})

async function* batchesOf(lines: readonly PickLine[]): AsyncGenerator<Row[]> {
  for (const line of lines) yield rowsOf(line)
}

function rowsOf({ pick, container, within, takeCount, leaveCount, take, leave }: PickLine): Row[] {
  const at = { outermost: within[0] ?? container ?? '', container: container ?? '' }
  if (pick === 'whole' || pick === 'leave')
    return [{ pick: `${pick} container`, ...at, units: takeCount + leaveCount, epc: '' }]
  return [
    ...take.map((epc) => ({ pick: 'take', ...at, units: 1, epc })),
    ...leave.map((epc) => ({ pick: 'leave', ...at, units: 1, epc })),
  ]
}
