// The bundle of a unit, lot, shipment, alert or recall: everything that concerns it as one EPCIS
// document, with a manifest by which a stranger can check that nothing is missing or changed. An
// Isotherm that captures it comes to the same units, stays and serial sets.
import { createHash } from 'node:crypto'
import { setImmediate as othersTurn } from 'node:timers/promises'
import { bounds } from '../../config.ts'
import type { EpcisEvent } from '../../domain/epcis/epcis.ts'
import type { Json } from '../../domain/epcis/fields.ts'
import { formatJsonDocument, formatXmlDocument } from '../../domain/epcis/format.ts'
import { eventHash } from '../../domain/epcis/hash.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { formatDigitalLink, parseEpc } from '../../domain/gs1/gs1.ts'
import type { Refusal, Result } from '../../domain/refusal.ts'
import { escapeText } from '../../domain/xml.ts'
import { readAlert, readSerialSet } from '../../store/ledger/alerts.ts'
import { epcsOf, idsOf } from '../../store/ledger/epcs.ts'
import type { StoredEvent } from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import type { MasterElement } from '../../store/ledger/master.ts'
import { readRecall } from '../../store/ledger/recalls.ts'
import { unitsOfLot } from '../../store/ledger/reports.ts'
import { concernedWith, tooLarge } from './concerned.ts'
import { readMasters, referencedBy } from './masters.ts'
import { findShipment } from './shipment.ts'

export type BundleQuestion =
  | { unit: string }
  | { lot: { gtin: string; lot: string } }
  | { shipment: string }
  | { alert: string }
  | { recall: string }

export interface Manifest {
  version: 1
  question: BundleQuestion
  /** RFC 3339: record time of the answer. */
  answeredAt: string
  /** SHA-256 of the sorted Digital Links of the units asked after, each ended by a line feed. */
  serialSetHash: string
  serialCount: number
  /** By event time, then eventID; `hash` is the CBV event hash (CBV 2.0 §8.9). */
  events: { eventID: string; hash: string; recordTime: string }[]
  /** SHA-256 of these hashes in this order, each ended by a line feed. */
  eventSetHash: string
  /** False: transformations lead further than a trace goes. */
  complete: boolean
}

export interface Bundle {
  manifest: Manifest
  /** EPCIS JSON, as captured. */
  events: Json[]
  masterData: MasterElement[]
  /** Epoch ms. */
  at: number
}

/** Refusals: request/not-found, request/too-large. `at`: record time, epoch ms. */
export async function collectBundle(
  db: LedgerQuery,
  tenant: string,
  { question, at }: { question: BundleQuestion; at: number },
): Promise<Result<Bundle>> {
  const subjects = await subjectsOf(db, tenant, question)
  if (!subjects.ok) return subjects
  const { ids: about, serials, until } = subjects.value
  const concerned = await concernedWith(db, tenant, { subjects: about, until })
  if (!concerned.ok) return concerned
  const parsed: EpcisEvent[] = []
  const events: Json[] = []
  const listed: Manifest['events'] = []
  for (const stored of concerned.value.events) {
    parsed.push(parseStored(stored))
    const event = { ...(JSON.parse(stored.body) as Json), eventID: stored.eventID }
    events.push(event)
    listed.push(entryOf(stored, event))
    await othersTurn()
  }
  const { elements: masterData } = await readMasters(db, tenant, referencedBy(parsed))
  const hashes = listed.map(({ hash }) => hash)
  const manifest: Manifest = {
    version: 1,
    question,
    answeredAt: new Date(at).toISOString(),
    serialSetHash: linesHash([...serials].sort()),
    serialCount: serials.length,
    events: listed,
    eventSetHash: linesHash(hashes),
    complete: concerned.value.complete,
  }
  return { ok: true, value: { manifest, events, masterData, at } }
}

const entryOf = (stored: StoredEvent, event: Json): Manifest['events'][number] => ({
  eventID: stored.eventID,
  hash: eventHash(event),
  recordTime: new Date(stored.recordTime).toISOString(),
})

const linesHash = (lines: readonly string[]): string => {
  const hash = createHash('sha256')
  for (const line of lines) hash.update(`${line}\n`)
  return hash.digest('hex')
}

const namespace = 'urn:isotherm:'

/** An EPCISDocument with the member isotherm:manifest. */
export function formatBundle({ events, masterData, manifest, at }: Bundle): Result<Json> {
  const document = formatJsonDocument(events, { creationDate: at, masterData })
  if (!document.ok) return document
  const { '@context': context, ...said } = document.value
  const contexts = [...(context as unknown[]), { isotherm: namespace }]
  return { ok: true, value: { '@context': contexts, ...said, 'isotherm:manifest': manifest } }
}

/** XML 2.0; the manifest is JSON in an element after the body. Refusals epcis/xml. */
export function formatBundleXml({ events, masterData, manifest, at }: Bundle): Result<string> {
  const told = escapeText(JSON.stringify(manifest))
  const foreignXml = `<isotherm:manifest xmlns:isotherm="${namespace}">${told}</isotherm:manifest>`
  const form = { version: '2.0', creationDate: at, masterData, foreignXml } as const
  const document = formatXmlDocument(events, form)
  return document.ok ? { ok: true, value: document.value.text } : document
}

interface Subjects {
  ids: number[]
  /** Canonical Digital Links of the units. */
  serials: string[]
  /** When they were together in what is asked after; undefined when they need not have been. */
  until?: number
}

async function subjectsOf(
  db: LedgerQuery,
  tenant: string,
  question: BundleQuestion,
): Promise<Result<Subjects>> {
  if ('unit' in question) {
    const ids = [...(await idsOf(db, tenant, [question.unit])).values()]
    if (ids.length === 0) return absent('unit', `no event names ${question.unit}`)
    return { ok: true, value: { ids, serials: unitsAmong([question.unit]) } }
  }
  if ('lot' in question) return lotSubjects(db, tenant, question.lot)
  if ('shipment' in question) {
    const shipment = await findShipment(db, tenant, question.shipment)
    if (!shipment.ok) return shipment
    const ids = [...shipment.value.members.keys()]
    const epcs = await epcsOf(db, tenant, ids)
    const until = shipment.value.shippings.at(-1)!.event.eventTime
    return { ok: true, value: { ids, serials: unitsAmong([...epcs.values()]), until } }
  }
  if ('alert' in question) {
    const alert = await readAlert(db, tenant, question.alert)
    if (!alert) return absent('alert', `no alert ${question.alert}`)
    const around = [alert.container]
    const set = await setSubjects(db, tenant, { serialSet: alert.serialSet, around })
    return set.ok ? { ok: true, value: { ...set.value, until: alert.to ?? Infinity } } : set
  }
  const recall = await readRecall(db, tenant, question.recall)
  if (!recall) return absent('recall', `no recall ${question.recall}`)
  return setSubjects(db, tenant, { serialSet: recall.serialSet, around: [] })
}

async function lotSubjects(
  db: LedgerQuery,
  tenant: string,
  { gtin, lot }: { gtin: string; lot: string },
): Promise<Result<Subjects>> {
  const limit = bounds.reportUnitsMax + 1
  const units = await unitsOfLot(db, tenant, { gtin, lot, limit })
  if (units.length === limit) return tooLarge(`lot ${lot} has more than ${limit - 1} units`)
  const name = formatDigitalLink({ key: 'lgtin', gtin, lot })
  const ids = [...units, ...(await idsOf(db, tenant, [name])).values()]
  if (ids.length === 0) return absent('lot', `no event names lot ${lot} of ${gtin}`)
  const serials = [...(await epcsOf(db, tenant, units)).values()]
  return { ok: true, value: { ids, serials } }
}

async function setSubjects(
  db: LedgerQuery,
  tenant: string,
  of: { serialSet: string; around: readonly string[] },
): Promise<Result<Subjects>> {
  const limit = bounds.reportUnitsMax + 1
  const page = { serialSet: of.serialSet, offset: 0, limit }
  const serials = (await readSerialSet(db, tenant, page)).map(([epc]) => epc)
  if (serials.length === limit) return tooLarge(`the set has more than ${limit - 1} units`)
  const ids = await idsOf(db, tenant, [...serials, ...of.around])
  return { ok: true, value: { ids: [...ids.values()], serials } }
}

const unitsAmong = (epcs: readonly string[]): string[] =>
  epcs.filter((epc) => parseEpc(epc)?.key === 'sgtin')

const absent = (name: string, detail: string): { ok: false; refusals: Refusal[] } => ({
  ok: false,
  refusals: [{ code: 'request/not-found', path: `query/${name}`, detail }],
})
