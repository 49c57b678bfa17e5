// What the units of a recall went through in a time, each as its passport says it, all at once:
// trace/exposures.ts counts them, api/serial-sets.ts answers. Recommends no verdict.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import type { Interval } from '../../domain/breach.ts'
import type { Limit } from '../../domain/exposure.ts'
import { readSerialSet } from '../../store/ledger/alerts.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import { exposuresOf } from '../../trace/exposures.ts'
import type { PassportFrom } from '../../trace/told-lives.ts'
import type { Deps } from '../deps.ts'
import { columnsOf } from '../files/files.ts'
import { fileNameOf } from '../files/names.ts'
import { timeQuery } from '../page.ts'
import { invalid, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { fileFormatAsked, type Row } from '../rows.ts'
import {
  readSerialPage,
  type SerialSetShown,
  serialPlace,
  serialSetDescription,
  serialSetFile,
  serialSetFiles,
  serialSetHeaders,
  serialSetPage,
  serialSetQuery,
} from '../serial-sets.ts'
import { formatAccount } from '../units/passport-format.ts'
import { limitsQuery } from '../units/passports.ts'
import { recallRevision } from './serials.ts'

const exposureSchema = z
  .object({
    epc: z.string(),
    minutes: z.number().openapi({ description: 'of which something is known' }),
    unknownMinutes: z.number(),
    minC: z.number().nullable(),
    maxC: z.number().nullable(),
    meanC: z.number().nullable(),
    mktC: z.number().nullable(),
    kineticMinutes: z.number(),
    freezeThawCycles: z.number().int(),
  })
  .catchall(z.union([z.string(), z.number(), z.null()]))
  .openapi('RecalledExposure', { description: 'With a number of minutes for each limit asked for' })

const list = guarded(
  { noun: 'recalls', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/recalls/{id}/exposures',
    summary: 'List what the units of a recall went through',
    description: `As their passports count it, of all of them in the same time. ${serialSetDescription}`,
    request: {
      params: z.object({ id: z.string().max(200) }),
      query: z.object({
        ...serialSetQuery,
        from: timeQuery.openapi({ description: 'inclusive' }),
        to: timeQuery.openapi({ description: 'exclusive' }),
        limits: limitsQuery.optional().openapi({
          ...{ type: 'string', example: 'above:8,below:2' },
          description: 'a column of minutes for each, named as it is asked for',
        }),
      }),
    },
    responses: {
      200: {
        description: 'The units of one revision',
        content: {
          'application/json': {
            schema: serialSetPage(exposureSchema).extend({ recall: z.string() }),
          },
          ...serialSetFiles,
        },
      },
    },
  },
)

export const recallExposures = ({ series, kept }: Deps) =>
  nounApp().openapi(list, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const { id } = c.req.valid('param')
    const { limit, from, to, limits = [], ...query } = c.req.valid('query')
    if (from >= to) throw invalid('must be after from', 'query/to')
    const place = serialPlace(query)
    const stands = await recallRevision(db, tenant, { id, revision: place.revision })
    // A file is counted as a whole, before it begins: each logger is read once.
    const { offset, count } =
      fileFormatAsked(c) === 'json'
        ? { offset: place.offset, count: limit }
        : { offset: 0, count: stands.serialCount }
    const part = { serialSet: stands.serialSet, offset, limit: count }
    const epcs = (await readSerialSet(db, tenant, part)).map(([epc]) => epc)
    const asked = { epcs, window: { from, to }, limits }
    const rowAt = await countRows({ db, series, kept }, tenant, asked)
    const set: SerialSetShown<Row> = {
      ...{ ...stands, fileName: fileNameOf('recall-exposures', id, from, to) },
      columns: [...columns, ...columnsOf(Object.fromEntries(limits.map(columnOf)))],
      read: async (first, count) =>
        epcs.slice(first - offset, first - offset + count).map((_, i) => rowAt(first - offset + i)),
    }
    const file = await serialSetFile(c, set, query)
    if (file) return file as never
    const page = await readSerialPage(set, { offset, limit })
    return c.json({ ...page, recall: id }, 200, serialSetHeaders(set))
  })

const nameOf = ({ side, limitC }: Limit): string => `${side}:${limitC}`
const columnOf = (limit: Limit) => [nameOf(limit), 'number' as const]
const columns = columnsOf({
  ...{ epc: 'text', minutes: 'number', unknownMinutes: 'number', minC: 'celsius' },
  ...{ maxC: 'celsius', meanC: 'celsius', mktC: 'celsius', kineticMinutes: 'number' },
  freezeThawCycles: 'integer',
})

type ExposureRow = z.output<typeof exposureSchema>

/** The row of each unit, made when it is shown. */
async function countRows(
  from: PassportFrom,
  tenant: string,
  { epcs, ...asked }: { epcs: readonly string[]; window: Interval; limits: readonly Limit[] },
): Promise<(place: number) => ExposureRow> {
  const ids = await idsOf(from.db, tenant, epcs)
  const units = epcs.map((epc) => ids.get(epc) ?? -1)
  const exposures = await exposuresOf(from, tenant, { units, ...asked })
  if (!exposures) {
    const detail = `more than ${bounds.exposureReadingsMax} readings: ask for a shorter time`
    throw new Problem(422, [{ code: 'request/too-large', path: 'query', detail }])
  }
  const { wayOf, accountOf, isFrozen } = exposures
  return (place) => {
    const way = wayOf[place]!
    const { zones, ...row } = formatAccount(accountOf(way), isFrozen(way))
    const beyond = zones.map(({ minutes }, n) => [nameOf(asked.limits[n]!), minutes] as const)
    return { epc: epcs[place]!, ...row, ...Object.fromEntries(beyond) }
  }
}
