// The pick list of a disposition: per container which units to take and which to leave, and a whole
// container as one line. From where the units are at a moment; says nothing of why.
import { bounds } from '../config.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import { epcsOf, idsOf } from '../store/ledger/epcs.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { readStaysById } from '../store/ledger/stays.ts'

export interface PickLine {
  /** whole: take it as it is. part: open it. leave: touch nothing in it. loose: in no container. */
  pick: 'whole' | 'part' | 'leave' | 'loose'
  container: string | null
  /** Containers around it, the outermost first. */
  within: string[]
  /** Units at any depth below a whole one or one to leave; directly in one to open. */
  takeCount: number
  leaveCount: number
  /** Directly in it, ascending; none of a whole one or one to leave. */
  take: string[]
  leave: string[]
}

/** What is where: everything around the units, and everything in these. */
export interface Contents {
  /** In nothing themselves. Ascending. */
  roots: readonly string[]
  /** Ascending. */
  children: ReadonlyMap<string, readonly string[]>
}

/** Undefined: more is there than a list holds. `units`: that are to be taken; `at`: epoch ms. */
export async function pickList(
  db: LedgerQuery,
  tenant: string,
  { units, at }: { units: readonly string[]; at: number },
): Promise<PickLine[] | undefined> {
  const contents = await contentsAround(db, tenant, { units, at })
  return contents && pickLines(contents, new Set(units))
}

export function pickLines({ roots, children }: Contents, taken: ReadonlySet<string>): PickLine[] {
  const totals = new Map<string, Total>()
  for (const root of roots) totalOf(root, { children, taken, totals })
  const lines: PickLine[] = []
  const loose: string[] = []
  const open = (node: string, within: string[]): void => {
    const { units, take } = totals.get(node)!
    const inside = children.get(node) ?? []
    const line = { container: node, within, takeCount: take, leaveCount: units - take }
    if (take === 0) lines.push({ ...line, pick: 'leave', take: [], leave: [] })
    else if (take === units) lines.push({ ...line, pick: 'whole', take: [], leave: [] })
    else {
      const own = inside.filter(isUnit)
      const mine = own.filter((epc) => taken.has(epc))
      const others = own.filter((epc) => !taken.has(epc))
      const counts = { takeCount: mine.length, leaveCount: others.length }
      if (own.length > 0)
        lines.push({ ...line, ...counts, pick: 'part', take: mine, leave: others })
      for (const child of inside) if (children.has(child)) open(child, [...within, node])
    }
  }
  for (const root of roots) {
    if (children.has(root)) {
      if (totals.get(root)!.take > 0) open(root, [])
      // One that is a unit itself, with units in it.
    } else if (taken.has(root)) loose.push(root)
  }
  if (loose.length > 0)
    lines.push({
      ...{ pick: 'loose', container: null, within: [], take: loose, leave: [] },
      ...{ takeCount: loose.length, leaveCount: 0 },
    })
  return lines
}

interface Total {
  units: number
  take: number
}

/** Units in it at any depth, itself included when it is one. */
function totalOf(
  node: string,
  to: {
    children: Contents['children']
    taken: ReadonlySet<string>
    totals: Map<string, Total>
  },
): Total {
  const known = to.totals.get(node)
  if (known) return known
  const unit = isUnit(node)
  const total = { units: Number(unit), take: Number(unit && to.taken.has(node)) }
  // Before its contents: events may say that a thing is in itself.
  to.totals.set(node, total)
  for (const child of to.children.get(node) ?? []) {
    const { units, take } = totalOf(child, to)
    total.units += units
    total.take += take
  }
  return total
}

const isUnit = (epc: string): boolean => parseEpc(epc)?.key === 'sgtin'

async function contentsAround(
  db: LedgerQuery,
  tenant: string,
  { units, at }: { units: readonly string[]; at: number },
): Promise<Contents | undefined> {
  const inside = { window: { from: at, to: at + 1 }, relation: 'aggregation' } as const
  const ids = [...(await idsOf(db, tenant, units)).values()]
  const roots = new Set<number>()
  const above = new Set(ids)
  let level = ids
  for (let depth = 0; depth < bounds.containmentDepthMax && level.length > 0; depth++) {
    const stays = await readStaysById(db, tenant, { in: 'child', among: level, ...inside })
    const held = new Set(stays.map(({ child }) => child))
    for (const id of level) if (!held.has(id)) roots.add(id)
    level = [...new Set(stays.map(({ parent }) => parent))].filter((id) => !above.has(id))
    for (const id of level) above.add(id)
  }
  const children = new Map<number, Set<number>>()
  const seen = new Set(roots)
  level = [...roots]
  for (let depth = 0; depth < bounds.containmentDepthMax && level.length > 0; depth++) {
    const stays = await readStaysById(db, tenant, { in: 'parent', among: level, ...inside })
    level = []
    for (const { child, parent } of stays) {
      // Two containers may claim a unit: it is picked once.
      if (seen.has(child)) continue
      seen.add(child)
      level.push(child)
      const siblings = children.get(parent)
      if (siblings) siblings.add(child)
      else children.set(parent, new Set([child]))
    }
    if (seen.size > bounds.pickUnitsMax) return undefined
  }
  const epcs = await epcsOf(db, tenant, [...seen])
  const named = (of: Iterable<number>): string[] => [...of].map((id) => epcs.get(id)!).sort()
  return {
    roots: named(roots),
    children: new Map([...children].map(([id, own]) => [epcs.get(id)!, named(own)])),
  }
}
