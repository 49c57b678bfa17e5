// What passports recommend for all units of an alert or a recall: counted for the page that
// decides by verdict, and worked out again before what it proposes is taken and before it is
// signed. Whoever asks for the same set at once shares one answer. It decides nothing (I10).
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import type { Recommended, RecommendedUnit } from '../../domain/recommended.ts'
import { readAlert } from '../../store/ledger/alerts.ts'
import type { LedgerQuery, LedgerView } from '../../store/ledger/ledger.ts'
import { readRecall } from '../../store/ledger/recalls.ts'
import { verdictsOfSet } from '../../trace/set-verdicts.ts'
import type { Deps } from '../deps.ts'
import { notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { recommendedCountsSchema } from './schemas.ts'

const params = z.object({ id: z.string().max(200) })
const counts = <K extends 'alerts' | 'recalls'>(noun: K) =>
  guarded({ noun: 'dispositions', verb: 'read' } as const, {
    method: 'get',
    path: `/api/v1/${noun}/{id}/recommended-counts` as `/api/v1/${K}/{id}/recommended-counts`,
    summary: `Count what passports recommend for the units of ${noun}`,
    description:
      'Of the revision that stands. A proposal with parts by verdict names it as `recommended`: when something else is recommended by then, 409. 422 when its units went through too much that differs.',
    request: { params },
    responses: {
      200: {
        description: 'Counts, and the hash that pins which unit has which verdict',
        content: { 'application/json': { schema: recommendedCountsSchema } },
      },
    },
  })
const ofAlert = counts('alerts')
const ofRecall = counts('recalls')

export const recommendedCounts = (deps: Deps) =>
  nounApp()
    .openapi(ofAlert, async (c) => {
      const named = { kind: 'alert' as const, id: c.req.valid('param').id }
      return c.json(await countsOf(deps, c.get('ledger'), c.get('identity').tenant, named), 200)
    })
    .openapi(ofRecall, async (c) => {
      const named = { kind: 'recall' as const, id: c.req.valid('param').id }
      return c.json(await countsOf(deps, c.get('ledger'), c.get('identity').tenant, named), 200)
    })

interface SubjectNamed {
  kind: 'alert' | 'recall'
  id: string
}

async function countsOf(deps: Deps, ledger: LedgerView, tenant: string, named: SubjectNamed) {
  const set = await setOf(ledger.db, tenant, named)
  if (!set) throw notFound(`no ${named.kind} ${named.id}`, 'path/id')
  const { serialSet, ...about } = set
  const found = await ask(deps, ledger, { tenant, serialSet })
  if (!found) throw tooMuch()
  const { units: _, ...recommended } = found
  return { ...about, recommended }
}

/** Of the set that stands now; undefined: there is no such subject, or it is too much. */
export async function recommendedNow(
  deps: Deps,
  ledger: LedgerView,
  { tenant, named }: { tenant: string; named: SubjectNamed },
): Promise<Recommended | undefined> {
  const set = await setOf(ledger.db, tenant, named)
  return set && ask(deps, ledger, { tenant, serialSet: set.serialSet })
}

/** The verdicts that this hash stands for, if this process told them of late. */
export const recommendedBefore = (
  deps: Deps,
  of: { tenant: string; hash: string },
): readonly RecommendedUnit[] | undefined =>
  memoryOf(deps).told.get(`${of.tenant}\n${of.hash}`)?.units

export function tooMuch(): Problem {
  const detail =
    'its units went through too much that differs: choose them by container or by a list'
  return new Problem(422, [{ code: 'request/too-large', path: '', detail }])
}

async function setOf(db: LedgerQuery, tenant: string, { kind, id }: SubjectNamed) {
  if (kind === 'alert') {
    const alert = await readAlert(db, tenant, id)
    if (!alert) return undefined
    const { revision, serialSetHash, serialCount, serialSet } = alert
    return { revision, serialSetHash, serialCount, serialSet }
  }
  const recall = await readRecall(db, tenant, id)
  if (!recall) return undefined
  const { serialSetHash, serialCount } = recall.body as {
    serialSetHash: string
    serialCount: number
  }
  return { revision: recall.revision, serialSetHash, serialCount, serialSet: recall.serialSet }
}

interface Memory {
  /** Under way, by set. */
  asked: Map<string, Promise<Recommended | undefined>>
  /** The last of each tenant: one after the other, for each takes seconds of a large set. */
  last: Map<string, Promise<unknown>>
  /** By hash, the one told last at the end. */
  told: Map<string, Recommended>
}

const memories = new WeakMap<Deps, Memory>()

function memoryOf(deps: Deps): Memory {
  const known = memories.get(deps)
  if (known) return known
  const memory: Memory = { asked: new Map(), last: new Map(), told: new Map() }
  memories.set(deps, memory)
  return memory
}

function ask(
  deps: Deps,
  ledger: LedgerView,
  { tenant, serialSet }: { tenant: string; serialSet: string },
): Promise<Recommended | undefined> {
  const { asked, last, told } = memoryOf(deps)
  const name = `${tenant}\n${serialSet}`
  const known = asked.get(name)
  if (known) return known
  const before = last.get(tenant) ?? Promise.resolve()
  const answer = before.then(async () => {
    // What came after this began is for whoever asks from here on.
    asked.delete(name)
    const from = { db: ledger.db, series: deps.series, kept: deps.kept }
    const found = await verdictsOfSet(from, tenant, serialSet)
    if (found) remember(told, `${tenant}\n${found.hash}`, found)
    return found
  })
  asked.set(name, answer)
  const ended = answer.catch(() => undefined)
  last.set(tenant, ended)
  ended.then(() => {
    if (last.get(tenant) === ended) last.delete(tenant)
  })
  return answer
}

function remember(told: Memory['told'], name: string, found: Recommended): void {
  told.delete(name)
  told.set(name, found)
  let units = [...told.values()].reduce((sum, each) => sum + each.units.length, 0)
  for (const [oldest, each] of told) {
    if (told.size <= bounds.recommendedRemembered && units <= bounds.recommendedUnitsRemembered)
      return
    units -= each.units.length
    told.delete(oldest)
  }
}
