// Ledger queries: what an EPCIS query needs of master data before events can be decided: which
// places are below others (WD_…), which elements have an attribute (HASATTR_…, EQATTR_…). Of master
// data as it stands now.
import { bounds } from '../../config.ts'
import { standardPrefixes } from '../../domain/epcis/cbv.ts'
import { type EventQuery, masterDataNeeds, withMasterData } from '../../domain/epcis/query.ts'
import { parseFieldName } from '../../domain/epcis/query-fields.ts'
import { comparableId } from '../../domain/epcis/query-match.ts'
import type { LedgerQuery } from './ledger.ts'
import { listMasterData, type MasterElement } from './master.ts'

/** The query with the answers in it: findEvents decides it alone then. */
export async function answerMasterData(
  db: LedgerQuery,
  tenant: string,
  query: EventQuery,
): Promise<EventQuery> {
  const needs = masterDataNeeds(query)
  if (needs.descendantsOf.length === 0 && needs.attributes.length === 0) return query
  const children = new Map<string, string[]>()
  const elements = needs.attributes.map(() => new Set<string>())
  for await (const element of allElements(db, tenant)) {
    const id = idOf(element.id)
    const below = element.children.map(idOf)
    if (below.length > 0) children.set(id, [...(children.get(id) ?? []), ...below])
    for (const [i, need] of needs.attributes.entries())
      if (hasAttribute(element, need)) elements[i]!.add(id)
  }
  const descendants = new Map(needs.descendantsOf.map((id) => [id, allBelow(id, children)]))
  return withMasterData(query, { descendants, elements })
}

async function* allElements(db: LedgerQuery, tenant: string): AsyncGenerator<MasterElement> {
  let after: readonly [string, string] | undefined
  for (;;) {
    const limit = bounds.pageMax
    const page = await listMasterData(db, tenant, { limit, ...(after && { after }) })
    yield* page
    const last = page.at(-1)
    if (!last || page.length < limit) return
    after = [last.type, last.id]
  }
}

/** Each once, even where partners have made a circle of their sites. */
function allBelow(id: string, children: ReadonlyMap<string, string[]>): Set<string> {
  const below = new Set<string>()
  const open = [id]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const child of children.get(next) ?? [])
      if (!below.has(child)) {
        below.add(child)
        open.push(child)
      }
  return below
}

function hasAttribute(
  { attributes }: MasterElement,
  need: { attributes: readonly string[]; values: ReadonlySet<string> | undefined },
): boolean {
  return Object.entries(attributes).some(([name, value]) => {
    const key = parseFieldName(name, standardPrefixes)?.key ?? name
    if (value === null || value === undefined || !need.attributes.includes(key)) return false
    const values = Array.isArray(value) ? value : [value]
    return need.values === undefined || values.some((one) => need.values!.has(String(one)))
  })
}

const idOf = (text: string): string => comparableId(text, standardPrefixes)
