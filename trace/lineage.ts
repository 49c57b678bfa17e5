// What was made of a thing, and what it was made of: through transformations, those of its
// containers while it was inside, and those that name the lot it is of. A graph with bounds;
// each thing is looked at once, so cycles end. Says what may be connected: which units of a lot
// went into a transformation that names the lot, nobody recorded.
import { bounds } from '../config.ts'
import { formatDigitalLink, parseEpc } from '../domain/gs1/gs1.ts'
import { epcsOf, idsOf, readUnits } from '../store/ledger/epcs.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import {
  lotRowsOf,
  readTransformations,
  transformationsOfLots,
} from '../store/ledger/transformations.ts'
import { storiesOf } from './stories.ts'

export type Direction = 'forward' | 'back'

export interface LineageNode {
  epc: string
  /** Steps from where the trace began. */
  depth: number
}

/** `from` went into `to`. */
export interface LineageEdge {
  from: string
  to: string
  /** possible: the event names the lot of the unit, not the unit. */
  kind: 'certain' | 'possible'
  eventID: string
  /** Epoch ms. */
  eventTime: number
}

export interface Lineage {
  nodes: LineageNode[]
  edges: LineageEdge[]
  /** False: there is more beyond the depth or the bound. */
  complete: boolean
}

/** Things that no event names have no lineage. */
export async function traceLineage(
  db: LedgerQuery,
  tenant: string,
  of: { epcs: readonly string[]; direction: Direction; depth: number },
): Promise<Lineage> {
  const ids = await idsOf(db, tenant, of.epcs)
  const depths = new Map([...ids.values()].map((id) => [id, 0]))
  const steps = new Map<string, Step>()
  let fresh = [...depths.keys()]
  let complete = true
  for (let depth = 1; fresh.length > 0; depth++) {
    const found = await stepsFrom(db, tenant, { things: fresh, direction: of.direction })
    fresh = []
    for (const step of found) {
      if (!depths.has(step.next)) {
        if (depth > of.depth || depths.size >= bounds.traceNodesMax) {
          complete = false
          continue
        }
        depths.set(step.next, depth)
        fresh.push(step.next)
      }
      steps.set(`${step.thing} ${step.next} ${step.eventID} ${step.kind}`, step)
    }
  }
  const names = await epcsOf(db, tenant, [...depths.keys()])
  const forward = of.direction === 'forward'
  const edges = [...steps.values()].map(({ thing, next, eventID, eventTime, kind }) => {
    const [from, to] = forward ? [thing, next] : [next, thing]
    return { from: names.get(from)!, to: names.get(to)!, kind, eventID, eventTime }
  })
  const nodes = [...depths].map(([id, depth]) => ({ epc: names.get(id)!, depth }))
  return { nodes, edges, complete }
}

interface Step {
  thing: number
  next: number
  kind: LineageEdge['kind']
  eventID: string
  eventTime: number
}

/** What takes part in which transformations, by the number of the event. */
type Taking = Map<number, { thing: number; kind: LineageEdge['kind'] }[]>

async function stepsFrom(
  db: LedgerQuery,
  tenant: string,
  { things, direction }: { things: readonly number[]; direction: Direction },
): Promise<Step[]> {
  const taking: Taking = new Map()
  const take = (event: number, thing: number, kind: LineageEdge['kind']): void => {
    const known = taking.get(event)
    if (known) known.push({ thing, kind })
    else taking.set(event, [{ thing, kind }])
  }
  const role = direction === 'forward' ? 'input' : 'output'
  const names = await epcsOf(db, tenant, things)
  const lots = await lotClassesOf(db, tenant, names)
  for (const { units, facts } of await storiesOf(db, tenant, [...things, ...lots.keys()]))
    for (const { type, role: played, event } of facts) {
      if (type !== 'TransformationEvent' || played !== role) continue
      for (const unit of units) {
        if (names.has(unit)) take(event.id, unit, 'certain')
        for (const member of lots.get(unit) ?? []) take(event.id, member, 'possible')
      }
    }
  const list = direction === 'forward' ? 'inputEPCList' : 'outputEPCList'
  for (const [thing, epc] of names) {
    const members = await membersOf(db, tenant, epc)
    if (members.length === 0) continue
    for (const event of await transformationsOfLots(db, tenant, { lots: members, role: list }))
      take(event, thing, 'certain')
  }
  const steps: Step[] = []
  for (const [event, taken] of taking)
    for (const { eventID, eventTime, inputs, outputs } of await readTransformations(db, tenant, [
      event,
    ]))
      for (const next of direction === 'forward' ? outputs : inputs)
        for (const { thing, kind } of taken) steps.push({ thing, next, kind, eventID, eventTime })
  return steps
}

/** Numbers in `lots` of what an EPC class of a lot stands for. */
async function membersOf(db: LedgerQuery, tenant: string, epc: string): Promise<number[]> {
  const key = parseEpc(epc)
  if (key?.key !== 'lgtin') return []
  return (await lotRowsOf(db, tenant, [key])).map(({ id }) => id)
}

/** The EPC classes of the lots of units, where events speak of them, with these units. */
async function lotClassesOf(
  db: LedgerQuery,
  tenant: string,
  names: ReadonlyMap<number, string>,
): Promise<Map<number, number[]>> {
  const units = await readUnits(db, tenant, [...names.values()])
  const classes = new Map<string, number[]>()
  for (const [id, epc] of names) {
    const { gtin, lot } = units.get(epc) ?? {}
    if (parseEpc(epc)?.key !== 'sgtin' || gtin === undefined || lot === undefined) continue
    const known = formatDigitalLink({ key: 'lgtin', gtin, lot })
    classes.set(known, [...(classes.get(known) ?? []), id])
  }
  const ids = await idsOf(db, tenant, [...classes.keys()])
  return new Map([...ids].map(([epc, id]) => [id, classes.get(epc)!]))
}
