// Reports for authorities and partners. What is in them, trace decides; here they are asked for and
// leave in the form that the caller wants.
import { z } from '@hono/zod-openapi'
import {
  type BundleQuestion,
  collectBundle,
  formatBundle,
  formatBundleXml,
} from '../../trace/report/bundle.ts'
import { epcOf } from '../alerts/alerts.ts'
import type { Deps } from '../deps.ts'
import { attachment, mediaAsked, reportProblem } from '../files/media.ts'
import { invalid, Problem } from '../problem.ts'
import { gtinOf } from '../profiles/products.ts'
import { guarded, nounApp } from '../route.ts'
import { dscsaReports } from './dscsa.ts'
import { sheetReports } from './sheets.ts'

const document = { schema: z.record(z.string(), z.unknown()) }
const text = { schema: z.string() }
const name = z.string().min(1).max(1000)

const bundle = guarded(
  { noun: 'reports', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/reports/bundle',
    summary: 'All that concerns a unit, lot, shipment, alert or recall, as one EPCIS document',
    description:
      'Own events, events of containers while it was inside, transformations up and down, and the master data they refer to. `isotherm:manifest` holds the hashes of the events and of the serial set. Captured elsewhere, it leads to the same units and stays. Give exactly one of the parameters; `lot` with `gtin`.',
    request: {
      query: z.object({
        unit: name.optional().openapi({ description: 'an EPC in any GS1 syntax' }),
        gtin: z.string().max(14).optional(),
        lot: z.string().min(1).max(20).optional(),
        shipment: name.optional().openapi({
          description: 'SSCC, eventID of the shipping event, or id of a transaction in it',
        }),
        alert: name.optional(),
        recall: name.optional(),
      }),
    },
    responses: {
      200: {
        description: 'An EPCISDocument',
        content: {
          'application/json': document,
          'application/ld+json': document,
          'application/xml': text,
        },
      },
    },
  },
)

export const reports = (deps: Pick<Deps, 'now'>) =>
  bundles(deps).route('/', dscsaReports(deps)).route('/', sheetReports(deps))

const bundles = ({ now }: Pick<Deps, 'now'>) =>
  nounApp().openapi(bundle, async (c) => {
    const media = mediaAsked(c, ['application/json', 'application/ld+json', 'application/xml'])
    const question = questionOf(c.req.valid('query'))
    const { db } = c.get('ledger')
    const { tenant } = c.get('identity')
    const found = await collectBundle(db, tenant, { question, at: now() })
    if (!found.ok) throw reportProblem(found.refusals)
    const xml = media === 'application/xml'
    const headers = attachment(`bundle-${Object.keys(question)[0]}.${xml ? 'xml' : 'jsonld'}`)
    if (xml) {
      const written = formatBundleXml(found.value)
      if (!written.ok) throw new Problem(406, written.refusals)
      return c.body(written.value, 200, {
        ...headers,
        'Content-Type': 'application/xml; charset=utf-8',
      })
    }
    const formed = formatBundle(found.value)
    if (!formed.ok) throw new Problem(406, formed.refusals)
    return c.body(JSON.stringify(formed.value), 200, { ...headers, 'Content-Type': media })
  })

function questionOf(query: {
  unit?: string | undefined
  gtin?: string | undefined
  lot?: string | undefined
  shipment?: string | undefined
  alert?: string | undefined
  recall?: string | undefined
}): BundleQuestion {
  const { unit, gtin, lot, shipment, alert, recall } = query
  const asked: BundleQuestion[] = []
  if (unit !== undefined) asked.push({ unit: epcOf(unit, 'query/unit') })
  if (lot !== undefined) {
    if (gtin === undefined) throw invalid('a lot is one of a product: want gtin too', 'query/gtin')
    asked.push({ lot: { gtin: gtinOf(gtin, 'query/gtin'), lot } })
  }
  if (shipment !== undefined) asked.push({ shipment })
  if (alert !== undefined) asked.push({ alert })
  if (recall !== undefined) asked.push({ recall })
  if (asked.length !== 1)
    throw invalid('want one of unit, lot, shipment, alert and recall', 'query')
  return asked[0]!
}
