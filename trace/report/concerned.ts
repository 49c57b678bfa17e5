// All that concerns some things: the events that name them, the events of what they were in while
// they were in it, what they were made of and what was made of them. What follows from these events
// for the things themselves is what follows from all events. Decides nothing.
import { bounds } from '../../config.ts'
import type { Interval } from '../../domain/breach.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import {
  type Containment,
  intersect,
  mergePresence,
  movesOf,
  type Presence,
  presenceBelow,
} from '../../domain/hierarchy.ts'
import type { Result } from '../../domain/refusal.ts'
import { epcsOf, idsOf } from '../../store/ledger/epcs.ts'
import { readEventsById, type StoredEvent } from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { readMentions } from '../../store/ledger/mentions.ts'
import { eventTimesOf } from '../../store/ledger/reports.ts'
import { readStaysById } from '../../store/ledger/stays.ts'
import { traceLineage } from '../lineage.ts'

export interface Concerned {
  /** By event time, then eventID. Those declared in error too. */
  events: StoredEvent[]
  /** False: transformations lead further than a trace goes. */
  complete: boolean
}

/**
 * `subjects`: numbers of EPCs and classes. `until` (event time, epoch ms): whoever captures these
 * events finds in every container what was inside up to then, and nothing that had left it. Refusal
 * request/too-large beyond the bounds.
 */
export async function concernedWith(
  db: LedgerQuery,
  tenant: string,
  { subjects, until }: { subjects: readonly number[]; until?: number | undefined },
): Promise<Result<Concerned>> {
  const { things, complete } = await relativesOf(db, tenant, subjects)
  const told = new Set(things)
  const found = new Map<number, StoredEvent>()
  let [mentions, chars] = [0, 0]
  let around: Windows = await surroundingsOf(db, tenant, things)
  while (around.size > 0) {
    const within = await eventsWithin(db, tenant, around)
    mentions += within.mentions
    if (mentions > bounds.reportMentionsMax)
      return tooLarge(`events name these things ${mentions} times`)
    const fresh = [...within.events].filter((id) => !found.has(id))
    const count = found.size + fresh.length
    if (count > bounds.reportEventsMax)
      return tooLarge(`${count} events concern this, at most ${bounds.reportEventsMax} are told`)
    const more = await readEventsById(db, tenant, fresh)
    for (const event of more) {
      found.set(event.id!, event)
      chars += event.body.length
    }
    if (chars > bounds.reportCharsMax)
      return tooLarge(
        `the events have ${chars} characters, at most ${bounds.reportCharsMax} are told`,
      )
    around =
      until === undefined ? new Map() : await partings(db, tenant, { events: more, until, told })
  }
  const events = [...found.values()].sort(
    (a, b) =>
      a.eventTime - b.eventTime || (a.eventID < b.eventID ? -1 : Number(a.eventID > b.eventID)),
  )
  return { ok: true, value: { events, complete } }
}

export const tooLarge = <T>(detail: string): Result<T> => ({
  ok: false,
  refusals: [{ code: 'request/too-large', path: '', detail: `${detail}: ask for less` }],
})

/** When what is asked of a thing, by number. */
type Windows = Map<number, Interval[]>

/** The events that name a thing within its windows, the ends included. */
async function eventsWithin(
  db: LedgerQuery,
  tenant: string,
  around: Windows,
): Promise<{ events: Set<number>; mentions: number }> {
  const mentions = await readMentions(db, tenant, { epcs: [...around.keys()] })
  const times = await eventTimesOf(db, tenant, [...new Set(mentions.map(({ event }) => event))])
  const events = new Set<number>()
  for (const { epc, event } of mentions) {
    const time = times.get(event)
    const windows = around.get(epc)!
    if (time !== undefined && windows.some(({ from, to }) => from <= time && time <= to))
      events.add(event)
  }
  return { events, mentions: mentions.length }
}

/**
 * The moments at which what these events put somewhere left it again. `told`: things of which all
 * is told anyway.
 */
async function partings(
  db: LedgerQuery,
  tenant: string,
  {
    events,
    until,
    told,
  }: { events: readonly StoredEvent[]; until: number; told: ReadonlySet<number> },
): Promise<Windows> {
  const put = events
    .filter(({ eventTime }) => eventTime <= until)
    .flatMap((event) => movesOf(parseStored(event)))
    .filter(({ action, child }) => action === 'ADD' && child !== undefined)
  const ids = await idsOf(db, tenant, [
    ...new Set(put.flatMap(({ child, parent }) => [child!, parent!])),
  ])
  const among = new Set(put.map(({ child }) => ids.get(child!)!).filter((id) => !told.has(id)))
  const stays = await readStaysById(db, tenant, { in: 'child', among: [...among] })
  const staysOf = Map.groupBy(stays, ({ child }) => child)
  const left: Windows = new Map()
  const add = (id: number, at: number): void =>
    void left.set(id, [...(left.get(id) ?? []), { from: at, to: at }])
  for (const { child, parent, relation, eventTime: at } of put) {
    const id = ids.get(child!)!
    if (!among.has(id)) continue
    const stay = staysOf
      .get(id)
      ?.find(
        (one) =>
          one.relation === relation &&
          one.parent === ids.get(parent!) &&
          one.from <= at &&
          at < one.to,
      )
    // Put elsewhere at the same moment: it never was inside.
    if (!stay) add(id, at)
    else if (stay.to <= until) {
      add(id, stay.to)
      if (stay.endedBy === 'emptied') add(stay.parent, stay.to)
    }
  }
  return left
}

/** The things, what they were made of, and what was made of them. */
async function relativesOf(
  db: LedgerQuery,
  tenant: string,
  subjects: readonly number[],
): Promise<{ things: number[]; complete: boolean }> {
  const epcs = [...(await epcsOf(db, tenant, subjects)).values()]
  const things = new Set(subjects)
  let complete = true
  for (const direction of ['back', 'forward'] as const) {
    const depth = bounds.traceDepthMax
    const lineage = await traceLineage(db, tenant, { epcs, direction, depth })
    const ids = await idsOf(
      db,
      tenant,
      lineage.nodes.map(({ epc }) => epc),
    )
    for (const id of ids.values()) things.add(id)
    complete &&= lineage.complete
  }
  return { things: [...things], complete }
}

/**
 * Each thing at all times, and each container and each logger on one while a thing was inside. The
 * ends count, and so do the moments at which a container went into its own and left it: without
 * these it would not be known where the thing was.
 */
async function surroundingsOf(
  db: LedgerQuery,
  tenant: string,
  things: readonly number[],
): Promise<Windows> {
  const above: Presence<number> = new Map(things.map((id) => [id, always]))
  const around: Windows = new Map(things.map((id) => [id, always]))
  const add = (id: number, windows: readonly Interval[]): void => {
    if (around.get(id) !== always) around.set(id, [...(around.get(id) ?? []), ...windows])
  }
  let fresh: Presence<number> = above
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.size > 0; depth++) {
    const stays = await readStaysById(db, tenant, { in: 'child', among: [...fresh.keys()] })
    const met = meeting(stays, fresh, 'child')
    for (const stay of met) for (const id of [stay.child, stay.parent]) add(id, endsOf(stay))
    // The arithmetic of going down, with the ends exchanged.
    const turned = met.map((stay) => ({ ...stay, child: stay.parent, parent: stay.child }))
    const level = presenceBelow(fresh, turned)
    for (const [id, windows] of level) add(id, windows)
    fresh = mergePresence(above, level)
  }
  const on = { in: 'parent', among: [...above.keys()], relation: 'association' } as const
  for (const stay of meeting(await readStaysById(db, tenant, on), above, 'parent'))
    add(stay.child, endsOf(stay))
  return around
}

const always: Interval[] = [{ from: -Infinity, to: Infinity }]

const meeting = (
  stays: readonly Containment<number>[],
  presence: Presence<number>,
  end: 'child' | 'parent',
): Containment<number>[] =>
  stays.filter((stay) => intersect(presence.get(stay[end]) ?? [], [stay]).length > 0)

const endsOf = ({ from, to }: Interval): Interval[] => [
  { from, to: from },
  ...(Number.isFinite(to) ? [{ from: to, to }] : []),
]
