// Who may stand in a record as the one who did it: people by their printed names, keys by the names
// they were given, those that count no more too. For whoever may see the people; tells no right.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { listPeople } from '../../store/ledger/people.ts'
import { listKeys } from '../../store/ledger/registry.ts'
import { guarded, nounApp } from '../route.ts'

const callersSchema = z
  .object({
    items: z.array(z.object({ id: z.string(), name: z.string(), kind: z.enum(['person', 'key']) })),
    complete: z.boolean().openapi({
      description: `false: there are more than ${bounds.pageMax} people or keys`,
    }),
  })
  .openapi('Callers')

const list = guarded(
  { noun: 'people', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/callers',
    summary: 'Names of people and keys by the ids that records have of them',
    responses: {
      200: {
        description: 'All of them',
        content: { 'application/json': { schema: callersSchema } },
      },
    },
  },
)

export const callers = () =>
  nounApp().openapi(list, async (c) =>
    c.json(await namesOf(c.get('ledger').db, c.get('identity').tenant), 200),
  )

async function namesOf(db: LedgerQuery, tenant: string): Promise<z.output<typeof callersSchema>> {
  const limit = bounds.pageMax
  const people = await listPeople(db, tenant, { limit: limit + 1 })
  const keys = await listKeys(db, tenant, { limit: limit + 1 })
  return {
    items: [
      ...people
        .slice(0, limit)
        .map(({ id, printedName }) => ({ id, name: printedName, kind: 'person' as const })),
      ...keys.slice(0, limit).map(({ id, name }) => ({ id, name, kind: 'key' as const })),
    ],
    complete: Math.max(people.length, keys.length) <= limit,
  }
}
