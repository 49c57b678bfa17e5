// The bytes of a capture become its events: EPCIS in JSON, XML 2.0 or XML 1.x, told apart by their
// first character, so that what is kept in the log reads back without its headers. Keeps nothing.
import { bounds } from '../config.ts'
import type { EpcisEvent } from '../domain/epcis/epcis.ts'
import type { MasterDataElement } from '../domain/epcis/master-data.ts'
import { type ParsedDocument, type ParsedEvent, parseEpcisEvents } from '../domain/epcis/parse.ts'
import { readXmlDocument } from '../domain/epcis/xml-read.ts'
import type { Refusal, RefusalCode, Result } from '../domain/refusal.ts'
import { decodeJson } from './json.ts'
import { decodeXml, isXml } from './xml.ts'

/** EPCIS 2.0 §12.6: all events or none, or those that are right. */
export type CaptureBehaviour = 'rollback' | 'proceed'

export interface CaptureDocument {
  /** With `proceed`, those that are right. */
  events: EpcisEvent[]
  /** With `proceed`, why others are not among them. Paths are pointers into the JSON form. */
  refused: Refusal[]
  /** What is taken all the same. */
  warnings: Refusal[]
  masterData: MasterDataElement[]
}

export interface CaptureReading {
  behaviour?: CaptureBehaviour
  /** Of Content-Type. */
  charset?: string | undefined
  /** False: only what is right and wrong; events without eventID have ''. */
  identify?: boolean
}

/**
 * Refusals have codes epcis/* or packet/encoding; of XML they carry the pointer into the same
 * document as JSON.
 */
export function parseCaptureBody(
  bytes: Uint8Array,
  { behaviour = 'rollback', charset, identify = true }: CaptureReading = {},
): Result<CaptureDocument> {
  const limits = { ...documentLimits, identify }
  const parsed = isXml(bytes) ? parseXml(bytes, { charset, limits }) : parseJson(bytes, limits)
  if (!parsed.ok) return parsed
  const { events, refusals, warnings, masterData } = parsed.value
  const refused = events.flatMap((one) => one.refusals ?? [])
  const fatal = behaviour === 'rollback' ? [...refusals, ...refused] : refusals
  if (fatal.length > 0) return { ok: false, refusals: fatal }
  const right = events.flatMap(({ event }) => event ?? [])
  return { ok: true, value: { events: right, refused, warnings, masterData } }
}

const documentLimits = {
  eventsMax: bounds.captureEventsMax,
  epcsPerEventMax: bounds.epcsPerEventMax,
}
type Limits = typeof documentLimits & { identify: boolean }

function parseJson(bytes: Uint8Array, limits: Limits): Result<ParsedDocument> {
  const json = decodeJson(bytes, bounds.captureMarksMax)
  if (json.ok) return { ok: true, value: parseEpcisEvents(json.value, limits) }
  const codeOf = (code: RefusalCode): RefusalCode =>
    code === 'packet/too-many-readings' ? 'epcis/too-many-events' : 'epcis/json'
  const refusals = json.refusals.map((one) => ({ ...one, code: codeOf(one.code) }))
  return { ok: false, refusals }
}

function parseXml(
  bytes: Uint8Array,
  { charset, limits }: { charset: string | undefined; limits: Limits },
): Result<ParsedDocument> {
  const reader = readXmlDocument()
  const root = decodeXml(bytes, { take: reader.take, charset })
  if (!root.ok) return root
  const read = reader.finish(root.value)
  if (!read.ok) return read
  const parsed = parseEpcisEvents(read.value.document, limits)
  return {
    ok: true,
    value: { ...parsed, events: withRefusals(parsed.events, read.value.refusals) },
  }
}

/** What JSON could not say of an event is a fault of the event. */
function withRefusals(events: ParsedEvent[], refusals: Refusal[]): ParsedEvent[] {
  if (refusals.length === 0) return events
  return events.map((one) => {
    const own = refusals.filter(({ path }) => `${path}/`.startsWith(`${one.path}/`))
    if (own.length === 0) return one
    return { path: one.path, refusals: [...own, ...(one.refusals ?? [])] }
  })
}
