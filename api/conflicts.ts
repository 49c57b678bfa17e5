// Conflicts: where captured events contradict each other about what is inside what. Nobody closes
// one by hand: an event, a correction or an error declaration makes it right.
import { z } from '@hono/zod-openapi'
import { canonicalEpc } from '../domain/gs1/gs1.ts'
import { type Conflict, listConflicts } from '../store/ledger/conflicts.ts'
import { idsOf } from '../store/ledger/epcs.ts'
import {
  cutPage,
  formatEnd,
  formatTime,
  numberPlace,
  pageOf,
  pageQuery,
  parseCursor,
} from './page.ts'
import { Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const conflictSchema = z
  .object({
    id: z.number().int(),
    kind: z.enum(['double-parent', 'cycle']).openapi({
      description:
        'double-parent: put into a second container without having left the first; cycle: inside itself',
    }),
    child: z.string(),
    parent: z.string().openapi({ description: 'where it was put last' }),
    otherParent: z.string().nullable().openapi({ description: 'the one that it never left' }),
    members: z.array(z.string()).openapi({ description: 'all that are on the ring' }),
    from: z.string(),
    to: z.string().nullable().openapi({ description: 'null: it lasts' }),
    recordTime: z.string().openapi({ description: 'when it was found' }),
    resolvedAt: z.string().nullable().openapi({ description: 'when an event made it right' }),
  })
  .openapi('Conflict')

const list = guarded(
  { noun: 'conflicts', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/conflicts',
    summary: 'List contradictions about containment, newest first',
    request: {
      query: z.object({
        ...pageQuery,
        state: z.enum(['open', 'resolved', 'all']).default('open'),
        epc: z.string().max(1000).optional().openapi({ description: 'only of this child' }),
      }),
    },
    responses: {
      200: {
        description: 'A page of conflicts',
        content: { 'application/json': { schema: pageOf(conflictSchema) } },
      },
    },
  },
)

export const conflicts = () =>
  nounApp().openapi(list, async (c) => {
    const { limit, cursor, state, epc: text } = c.req.valid('query')
    const { db } = c.get('ledger')
    const { tenant } = c.get('identity')
    const epc = text === undefined ? undefined : canonicalEpc(text)
    if (epc && !epc.ok) throw new Problem(400, epc.refusals)
    const number = epc && ((await idsOf(db, tenant, [epc.value])).get(epc.value) ?? 0)
    const before = parseCursor(cursor, numberPlace)?.[0]
    const rows = await listConflicts(db, tenant, {
      limit: limit + 1,
      ...(state !== 'all' && { open: state === 'open' }),
      ...(number !== undefined && { epc: number }),
      ...(before !== undefined && { before }),
    })
    const { items, next } = cutPage(rows, limit, (row) => [row.id])
    return c.json({ items: items.map(formatConflict), next }, 200)
  })

const formatConflict = ({ from, to, recordTime, resolvedAt, ...conflict }: Conflict) => ({
  ...conflict,
  from: formatTime(from),
  to: formatEnd(to),
  recordTime: formatTime(recordTime),
  resolvedAt: resolvedAt === null ? null : formatTime(resolvedAt),
})
