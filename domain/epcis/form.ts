// The form in which a kept event leaves: identifiers as Digital Links, as EPC URNs or as they came
// (the GS1-EPC-Format of EPCIS 2.0 §12.5), words of the CBV bare. Refuses to guess the length of a
// company prefix: without it there is no URN.

import { canonicalEpc, formatUrn, type Gs1Key, parseEpc } from '../gs1/gs1.ts'
import type { Refusal } from '../refusal.ts'
import * as cbv from './cbv.ts'
import { isObject, type Json, pointer } from './fields.ts'
import { declaredIn } from './hash.ts'

export type EpcForm = 'as-is' | 'link' | 'urn'

export interface EventForm {
  epcs?: EpcForm
  /** Digits of the company prefix in a key, where somebody knows them. */
  prefixLength?: (key: Gs1Key) => number | undefined
}

/** The event with every identifier and word in its form; faults get pointers below `path`. */
export function formEvent(
  event: Json,
  form: EventForm,
  { path, refusals }: { path: string; refusals: Refusal[] },
): Json {
  const prefixes = new Map([...cbv.standardPrefixes, ...declaredIn(event)])
  const forming: Forming = { form, prefixes, refusals }
  return formMembers(event, { path, forming, fields: eventFields })
}

interface Forming {
  form: EventForm
  prefixes: ReadonlyMap<string, string>
  refusals: Refusal[]
}

type Former = (value: unknown, path: string, forming: Forming) => unknown

function formMembers(
  value: Json,
  { path, forming, fields }: { path: string; forming: Forming; fields: Record<string, Former> },
): Json {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      Object.hasOwn(fields, name) ? fields[name]!(member, pointer(path, name), forming) : member,
    ]),
  )
}

const object =
  (fields: Record<string, Former>): Former =>
  (value, path, forming) =>
    isObject(value) ? formMembers(value, { path, forming, fields }) : value

const list =
  (item: Former): Former =>
  (value, path, forming) =>
    Array.isArray(value) ? value.map((one, i) => item(one, pointer(path, i), forming)) : value

const term =
  (vocabulary: cbv.Vocabulary): Former =>
  (value, _path, { prefixes }) =>
    typeof value === 'string' ? (cbv.parseTerm(vocabulary, value, prefixes) ?? value) : value

const epc: Former = (value, path, { form, prefixes, refusals }) => {
  if (typeof value !== 'string' || form.epcs === undefined || form.epcs === 'as-is') return value
  const full = cbv.expandCurie(value, prefixes)
  if (form.epcs === 'link') {
    const link = canonicalEpc(full)
    return link.ok ? link.value : value
  }
  const key = /^urn:/i.test(full) ? undefined : parseEpc(full)
  if (!key) return value
  const urn = formatUrn(key, form.prefixLength?.(key))
  if (urn.ok) return urn.value
  const [{ code, detail }] = urn.refusals as [Refusal]
  refusals.push({ code, path, detail: `${detail}, for ${value}` })
  return value
}

/** One unit in two syntaxes is there once when it has one. */
const epcs: Former = (value, path, forming) => {
  const formed = list(epc)(value, path, forming)
  const { epcs: form = 'as-is' } = forming.form
  return form !== 'as-is' && Array.isArray(formed) ? [...new Set(formed)] : formed
}
const quantities = list(object({ epcClass: epc }))
const place = object({ id: epc })
const dispositions = list(term(cbv.disposition))
const sensorFields = {
  deviceID: epc,
  type: term(cbv.measurementType),
  exception: term(cbv.alertType),
  component: term(cbv.component),
}

const eventFields: Record<string, Former> = {
  epcList: epcs,
  childEPCs: epcs,
  inputEPCList: epcs,
  outputEPCList: epcs,
  quantityList: quantities,
  childQuantityList: quantities,
  inputQuantityList: quantities,
  outputQuantityList: quantities,
  parentID: epc,
  readPoint: place,
  bizLocation: place,
  bizStep: term(cbv.bizStep),
  disposition: term(cbv.disposition),
  persistentDisposition: object({ set: dispositions, unset: dispositions }),
  // Ids of transactions are any URI, and stay what the partners agreed on.
  bizTransactionList: list(object({ type: term(cbv.bizTransactionType) })),
  sourceList: list(object({ type: term(cbv.sourceOrDestinationType), source: epc })),
  destinationList: list(object({ type: term(cbv.sourceOrDestinationType), destination: epc })),
  errorDeclaration: object({ reason: term(cbv.errorReason) }),
  sensorElementList: list(
    object({ sensorMetadata: object(sensorFields), sensorReport: list(object(sensorFields)) }),
  ),
}
