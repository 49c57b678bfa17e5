// What a server knows after a world's packets and requests, in memory: the same bytes through the
// same decoders, containment and stories, without log, ledger and series store. Takes what worlds
// say and no more: no error declarations, no second opinion of a lot.
import type { Start } from '../../analytics/cases/homes.ts'
import type { Known } from '../../analytics/cases/known.ts'
import { locationTypes, placeOf } from '../../analytics/cases/known-places.ts'
import { readScan } from '../../api/scans.ts'
import type { EpcisEvent } from '../../domain/epcis/epcis.ts'
import { parseEpc } from '../../domain/gs1/gs1.ts'
import { type Containment, type Move, movesOf } from '../../domain/hierarchy.ts'
import type { KnownPlace } from '../../domain/suspicion.ts'
import { namedIn } from '../../ingest/capture/events.ts'
import { decodePublish } from '../../ingest/decode/decode.ts'
import { parseCaptureBody } from '../../ingest/epcis-document.ts'
import type { ScansBody } from '../../simulators/actions.ts'
import type { Emission } from '../../simulators/wire.ts'
import type { Unit } from '../../store/ledger/epcs.ts'
import type { FittedQuery } from '../../store/ledger/mounts.ts'
import { mentionRoles } from '../../store/ledger/schema.ts'
import { historiesOf } from '../../store/ledger/stays.ts'
import { namedBy } from '../../store/ledger/suspect-events.ts'
import type { SightingRow } from '../../store/ledger/suspects.ts'
import { saidIn } from '../../store/ledger/told.ts'
import type { Named } from '../../trace/facts.ts'
import { alikeOf, storyOf } from '../../trace/stories.ts'
import { type Channels, createChannels } from './channels.ts'

/** Whom was spoken of. */
export interface Marks {
  starts: Start[]
  /** Containers and units, by number. */
  asked: Set<number>
  sessions: Set<string>
}

export interface Facts {
  known: Known
  places: ReadonlyMap<string, KnownPlace>
  idOf(epc: string): number
  /** Takes what arrives; throws when a server would refuse it. */
  take(said: Emission): void
  /** Since it was asked for last. */
  marks(): Marks
}

interface Kept {
  ids: Map<string, number>
  epcs: string[]
  units: Map<string, Unit>
  events: Set<string>
  /** By number of the thing. */
  named: Map<number, Named[]>
  moves: Map<number, Move<number>[]>
  emptyings: Map<number, Move<number>[]>
  stays: Map<number, Containment<number>[]>
  children: Map<number, Set<number>>
  sightings: Map<string, SightingRow>
  seen: Record<'epc' | 'session', Map<string, SightingRow[]>>
  /** By GIAI. */
  devices: Map<string, string>
  /** Which containers got a logger when, by place. */
  fitted: Map<string, { parent: number; time: number }[]>
  markets: Map<string, readonly string[]>
  attributes: Map<string, Record<string, unknown>>
  places: Map<string, KnownPlace>
  channels: Channels
  spoke: Set<string>
  marks: Marks
}

export function createFacts(): Facts {
  const kept: Kept = {
    ...{ ids: new Map(), epcs: [], units: new Map(), events: new Set(), named: new Map() },
    ...{ moves: new Map(), emptyings: new Map(), stays: new Map(), children: new Map() },
    ...{ sightings: new Map(), seen: { epc: new Map(), session: new Map() } },
    ...{ devices: new Map(), fitted: new Map(), markets: new Map(), attributes: new Map() },
    places: new Map(),
    ...{ channels: createChannels(), spoke: new Set(), marks: noMarks() },
  }
  return {
    ...{ known: knownOf(kept), places: kept.places, idOf: (epc) => idOf(kept, epc) },
    take: (said) => (said.via === 'mqtt' ? publish(kept, said) : request(kept, said)),
    marks() {
      for (const start of mountedBy(kept)) kept.marks.starts.push(start)
      kept.spoke.clear()
      const { marks } = kept
      kept.marks = noMarks()
      return marks
    },
  }
}

const noMarks = (): Marks => ({ starts: [], asked: new Set(), sessions: new Set() })
const bytesOf = (body: unknown): Uint8Array => Buffer.from(JSON.stringify(body))

function publish(kept: Kept, { at, topic, body }: Emission & { via: 'mqtt' }): void {
  const [, tenant = '', source = ''] = topic.split('/')
  const envelope = { kind: 'publish', tenant, source, topic, recordTime: at } as const
  const context = { device: () => ({}) }
  const { device, readings } = decodePublish({ ...envelope, body: bytesOf(body) }, context)
  kept.spoke.add(device)
  for (const { channel, time, value } of readings)
    kept.channels.write(`${device}/${channel}`, time, value)
}

function request(kept: Kept, { at, path, body }: Emission & { via: 'http' }): void {
  const [, , noun, ...rest] = path.slice(1).split('/').map(decodeURIComponent)
  if (path === '/epcis/capture') capture(kept, body)
  else if (noun === 'scans') scan(kept, body as ScansBody, at)
  else if (noun === 'lots') {
    kept.markets.set(rest.join(' '), (body as { markets: readonly string[] }).markets)
  } else if (noun === 'devices') {
    const { id, giai } = body as { id: string; giai: string }
    kept.devices.set(giai, id)
  } else if (noun === 'master-data') {
    const [type, id] = rest as [string, string]
    const { attributes } = body as { attributes: Record<string, unknown> }
    kept.attributes.set(`${type} ${id}`, attributes)
    const isPlace = (locationTypes as readonly string[]).includes(type)
    if (isPlace) kept.places.set(id, placeOf({ id, attributes }))
  }
}

function idOf({ ids, epcs }: Kept, epc: string): number {
  const id = ids.get(epc) ?? epcs.push(epc)
  ids.set(epc, id)
  return id
}

function capture(kept: Kept, body: unknown): void {
  const parsed = parseCaptureBody(bytesOf(body))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  const touched = new Set<number>()
  for (const event of parsed.value.events) {
    if (event.errorDeclaration) throw new Error('worlds declare nothing in error')
    if (kept.events.has(event.eventID)) continue
    kept.events.add(event.eventID)
    name(kept, event)
    for (const child of move(kept, event)) touched.add(child)
    for (const { epc, from, to } of namedBy(event).values())
      kept.marks.starts.push({ id: idOf(kept, epc), from, to })
  }
  for (const child of touched) {
    const { stays } = historiesOf(child, kept.moves.get(child) ?? [], kept.emptyings)
    kept.stays.set(child, stays)
    for (const { parent } of stays) listIn(kept.children, parent, () => new Set()).add(child)
  }
}

function name(kept: Kept, event: EpcisEvent): void {
  const { eventID, type, eventTime, bizStep = null, disposition = null } = event
  const told = {
    ...{ id: kept.events.size, eventID, type, eventTime, bizStep, disposition, ...saidIn(event) },
    ...{ readPoint: event.readPoint ?? null, bizLocation: event.bizLocation ?? null },
    action: 'action' in event ? event.action : null,
  }
  for (const [role, epcs] of Object.entries(namedIn(event)))
    for (const epc of epcs) {
      const named = { event: told, role: mentionRoles[role as keyof typeof mentionRoles] }
      listIn(kept.named, idOf(kept, epc), () => []).push(named)
      if (!kept.units.has(epc)) kept.units.set(epc, { epc, ...gtinOf(epc) })
    }
  if (event.type === 'AssociationEvent' && event.action === 'ADD' && event.parentID !== undefined) {
    const parent = idOf(kept, event.parentID)
    listIn(kept.fitted, event.readPoint ?? '', () => []).push({ parent, time: eventTime })
  }
  if (event.type !== 'ObjectEvent' || event.action !== 'ADD') return
  for (const epc of event.epcList) {
    const unit = kept.units.get(epc)!
    if (eventTime >= (unit.commissionedAt ?? Infinity)) continue
    const { lot, expiry } = event
    const label = { ...(lot !== undefined && { lot }), ...(expiry !== undefined && { expiry }) }
    kept.units.set(epc, { epc, ...gtinOf(epc), ...label, commissionedAt: eventTime })
  }
}

function gtinOf(epc: string): { gtin?: string } {
  const key = parseEpc(epc)
  return key?.key === 'sgtin' ? { gtin: key.gtin } : {}
}

/** Whose stays may be others now. */
function move(kept: Kept, event: EpcisEvent): Set<number> {
  const touched = new Set<number>()
  for (const { child: childEpc, parent: parentEpc, ...rest } of movesOf(event)) {
    const parent = parentEpc === undefined ? undefined : idOf(kept, parentEpc)
    const child = childEpc === undefined ? undefined : idOf(kept, childEpc)
    const one = { ...rest, parent, child }
    if (child === undefined) {
      listIn(kept.emptyings, parent!, () => []).push(one)
      for (const each of kept.children.get(parent!) ?? []) touched.add(each)
    } else {
      listIn(kept.moves, child, () => []).push(one)
      touched.add(child)
    }
  }
  return touched
}

function scan(kept: Kept, { session, scans, place }: ScansBody, heardAt: number): void {
  // A session means nothing the day after.
  const own = `${Math.floor(heardAt / 86_400_000)} ${session}`
  for (const { text, time: told } of scans) {
    const time = Date.parse(told)
    const read = readScan(text, { time, now: heardAt })
    if (!read.ok) continue
    const { epc, said } = read.value
    if (kept.units.has(epc)) {
      kept.marks.starts.push({ id: idOf(kept, epc), from: -Infinity, to: Infinity })
      kept.marks.asked.add(idOf(kept, epc))
    } else kept.marks.sessions.add(own)
    const key = [epc, own, place, said.lot, said.expiry].join('\n')
    const row = kept.sightings.get(key) ?? {
      ...{ epc, session: own, place: place ?? '', lot: said.lot, expiry: said.expiry },
      ...{ firstAt: time, lastAt: time, firstHeardAt: heardAt, lastHeardAt: heardAt, times: 0 },
    }
    row.times++
    row.firstAt = Math.min(row.firstAt, time)
    row.lastAt = Math.max(row.lastAt, time)
    row.lastHeardAt = heardAt
    if (kept.sightings.has(key)) continue
    kept.sightings.set(key, row)
    for (const by of ['epc', 'session'] as const) listIn(kept.seen[by], row[by], () => []).push(row)
  }
}

/** What those who spoke are on, the last two each: store/ledger/suspect-events.ts. */
function* mountedBy({ spoke, devices, ids, stays }: Kept): Generator<Start> {
  for (const [giai, device] of devices) {
    if (!spoke.has(device)) continue
    const own = (stays.get(ids.get(giai) ?? 0) ?? []).filter(isMounting)
    for (const { parent: id, from, to } of own.sort((a, b) => b.from - a.from).slice(0, 2))
      yield { id, from, to }
  }
}

const isMounting = ({ relation }: Containment<number>): boolean => relation === 'association'

function knownOf(kept: Kept): Known {
  const staysOf = (child: number) => [...(kept.stays.get(child) ?? [])]
  const staysIn = (parent: number) =>
    [...(kept.children.get(parent) ?? [])].flatMap((child) =>
      staysOf(child).filter((stay) => stay.parent === parent),
    )
  const named = (epc: number) => kept.named.get(epc) ?? []
  const naming = (epc: number) => named(epc).map(({ event, role }) => ({ event: event.id, role }))
  return {
    names: async (all) => new Map(all.map((id) => [id, kept.epcs[id - 1]!])),
    stays: async ({ in: side, among }) =>
      among.flatMap(side === 'child' ? staysOf : staysIn).filter((stay) => !isMounting(stay)),
    stories: async (units) =>
      alikeOf(units, { naming, staysOf }).map((same) => storyOf(same, { named, staysOf })),
    units: async (epcs) =>
      new Map(epcs.flatMap((epc) => (kept.units.has(epc) ? [[epc, kept.units.get(epc)!]] : []))),
    markets: async ({ gtin, lot }) => kept.markets.get(`${gtin} ${lot}`),
    sightings: async ({ in: by, among }) =>
      among.flatMap((one) => kept.seen[by].get(one) ?? []).sort((a, b) => a.firstAt - b.firstAt),
    mounts: async (containers) =>
      new Map(containers.map((id) => [id, mountsOn(kept, staysIn(id).filter(isMounting))])),
    fittedWith: async (of) => fittedWith(kept, of),
    attributes: async ({ type, id }) => kept.attributes.get(`${type} ${id}`),
    readings: async ({ device, channel, from, to }) =>
      kept.channels.range(`${device}/${channel}`, from, to),
  }
}

const mountsOn = ({ epcs, devices }: Kept, stays: Containment<number>[]) =>
  stays
    .map(({ child, from, to }) => ({ device: devices.get(epcs[child - 1]!) ?? '', from, to }))
    .filter(({ device }) => device !== '')
    .sort((a, b) => a.from - b.from)

function fittedWith({ fitted }: Kept, { container, from, withinMs, limit }: FittedQuery): number[] {
  const far = ({ time }: { time: number }): number => Math.abs(time - from)
  for (const list of fitted.values()) {
    if (!list.some(({ parent, time }) => parent === container && time === from)) continue
    const near = list.filter((each) => each.parent !== container && far(each) <= withinMs)
    const sorted = near.sort((a, b) => far(a) - far(b) || a.parent - b.parent)
    return [...new Set(sorted.slice(0, limit).map(({ parent }) => parent))]
  }
  return []
}

function listIn<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
