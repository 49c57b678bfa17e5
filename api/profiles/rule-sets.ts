// The ready rule sets, as a profile may name them. Read only: they come with the release.
import { z } from '@hono/zod-openapi'
import { formatMkt, formatRule } from '../../domain/profile/profile.ts'
import { type RuleSet, ruleSets } from '../../domain/profile/rule-sets.ts'
import { pageOf } from '../page.ts'
import { guarded, nounApp } from '../route.ts'

const setSchema = z
  .object({
    name: z.string().openapi({ description: 'what "ruleSet" of a profile says' }),
    title: z.string(),
    source: z.string(),
    rangeC: z.object({ min: z.number(), max: z.number() }),
    rules: z.array(z.record(z.string(), z.unknown())),
    mkt: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('RuleSet')

const list = guarded(
  { noun: 'products', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/rule-sets',
    summary: 'List the ready rule sets with their sources',
    responses: {
      200: {
        description: 'All of them',
        content: { 'application/json': { schema: pageOf(setSchema) } },
      },
    },
  },
)

export const ruleSetList = () =>
  nounApp().openapi(list, (c) => {
    const items = Object.entries(ruleSets).map(([name, set]) => formatSet(name, set))
    return c.json({ items, next: null }, 200)
  })

const formatSet = (name: string, { title, source, rangeC, rules, mkt }: RuleSet) => ({
  name,
  title,
  source,
  rangeC,
  rules: rules.map(formatRule),
  ...(mkt && { mkt: formatMkt(mkt) }),
})
