// Transaction information and statement of a shipment (DSCSA): as data for a page, or as EPCIS 1.2
// XML. See trace/report/dscsa.ts for what is in them.
import { z } from '@hono/zod-openapi'
import { dscsaReport, readDscsa } from '../../trace/report/dscsa.ts'
import { dscsaDocument } from '../../trace/report/dscsa-events.ts'
import type { Deps } from '../deps.ts'
import { attachment, mediaAsked, reportProblem } from '../files/media.ts'
import { timeQuery } from '../page.ts'
import { invalid } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'

const text = z.string().nullable()
const partySchema = z.object({ id: text, name: text, address: text })
const productSchema = z.object({
  gtin: z.string(),
  name: text,
  strength: text,
  dosageForm: text,
  ndc: text,
  containerSize: text,
  manufacturer: text,
  lot: text,
  expiry: text,
  numberOfContainers: z.number(),
  serials: z.array(z.string()),
})
const reportSchema = z
  .object({
    transactionInformation: z.object({
      products: z.array(productSchema),
      transactionDate: z.string(),
      shipmentDate: text.openapi({ description: 'only when more than 24 hours later' }),
      seller: partySchema,
      buyer: partySchema,
      shipFrom: partySchema,
      shipTo: partySchema,
      references: z.array(z.object({ type: text, id: z.string() })),
      shippingEvents: z.array(z.string()),
    }),
    transactionStatement: z.object({
      affirmed: z.boolean(),
      text: z.string(),
      legalNotice: z.string(),
    }),
    missing: z.array(z.string()).openapi({
      description: 'what the law wants and nobody has told; the fields are null',
    }),
  })
  .openapi('DscsaReport')

const dscsa = guarded(
  { noun: 'reports', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/reports/dscsa',
    summary: 'DSCSA transaction information and statement of a shipment',
    description:
      'JSON: all fields for a page, what is missing by name. XML: EPCIS 1.2 with commissioning, packing and shipping events, master data and the statement; refused with every reason when master data is missing (unless incomplete=allow) or the length of a company prefix is not stated. Whoever sends the report makes the statement; affirm=false leaves it out.',
    request: {
      query: z.object({
        shipment: z.string().min(1).max(1000).openapi({
          description: 'SSCC, eventID of the shipping event, or id of a transaction in it',
        }),
        transactionDate: timeQuery.optional().openapi({
          description: 'when ownership changed; without it, when it was shipped',
        }),
        companyPrefixes: z.string().max(1000).optional().openapi({
          description:
            'GS1 company prefixes, by commas, beside those in URNs of events and in attributes companyPrefix of master data',
          example: '0361414,0399999',
        }),
        affirm: z.enum(['true', 'false']).default('true'),
        incomplete: z.enum(['refuse', 'allow']).default('refuse'),
      }),
    },
    responses: {
      200: {
        description: 'The report',
        content: {
          'application/json': { schema: reportSchema },
          'application/xml': { schema: z.string() },
        },
      },
    },
  },
)

export const dscsaReports = ({ now }: Pick<Deps, 'now'>) =>
  nounApp().openapi(dscsa, async (c) => {
    const media = mediaAsked(c, ['application/json', 'application/xml'])
    const query = c.req.valid('query')
    const prefixes = prefixesOf(query.companyPrefixes)
    const { db } = c.get('ledger')
    const { tenant } = c.get('identity')
    const source = await readDscsa(db, tenant, query.shipment)
    if (!source.ok) throw reportProblem(source.refusals)
    const affirmed = query.affirm === 'true'
    const { transactionDate } = query
    const of = { source: source.value, affirmed }
    const report = await dscsaReport(db, tenant, { ...of, transactionDate })
    if (media === 'application/json') return c.json(report, 200, attachment('dscsa.json'))
    const lacking = report.missing.map((what) => ({
      code: 'epcis/field-missing' as const,
      path: what.split(' of ').at(-1)!,
      detail: `master data does not tell the ${what}`,
    }))
    if (lacking.length > 0 && query.incomplete === 'refuse') throw reportProblem(lacking)
    const document = await dscsaDocument(db, tenant, { ...of, prefixes, at: now() })
    if (!document.ok) throw reportProblem(document.refusals)
    return c.body(document.value.xml, 200, {
      ...attachment('dscsa.xml'),
      'Content-Type': 'application/xml; charset=utf-8',
      'GS1-EPCIS-Version': '1.2.0',
      'Isotherm-Dropped': String(document.value.dropped.length),
    })
  })

function prefixesOf(text: string | undefined): string[] {
  const prefixes = text === undefined ? [] : text.split(',').map((one) => one.trim())
  if (prefixes.every((one) => /^\d{6,12}$/.test(one))) return prefixes
  throw invalid('want company prefixes of 6 to 12 digits, by commas', 'query/companyPrefixes')
}
