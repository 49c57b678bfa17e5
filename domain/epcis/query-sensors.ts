// The sensor conditions of an EPCIS query (EPCIS 2.0 §8.2.7.1, TCR-53): they hold when one
// sensorReport satisfies all of them, together with the metadata of its sensorElement. An attribute
// counts wherever it sits (TCR-53 step 28); values compare over units of one quantity (step 26).

import { parseRfc3339 } from '../rfc3339.ts'
import { compareValues } from '../units-of-measure.ts'
import { isObject, type Json } from './fields.ts'
import {
  type Comparison,
  compares,
  type FieldName,
  type FieldTest,
  innerValuesOf,
  type Prefixes,
  testField,
  valuesOf,
} from './query-fields.ts'

export type NumberTest = {
  op: Comparison | 'EQ'
  /** One of them for EQ; the only one otherwise. */
  values: readonly number[]
  /** Rec 20; without it numbers compare as they stand. */
  unit?: string
}

export type SensorTest =
  | {
      /** Of sensorMetadata, of sensorReport, or wherever it sits. */
      in: 'any' | 'metadata' | 'report'
      attribute: string
      asks:
        | { kind: 'oneOf'; form: 'text' | 'id' | 'term' | 'hex'; oneOf: ReadonlySet<string> }
        | { kind: 'time'; from?: number; before?: number; at?: readonly number[] }
        | { kind: 'boolean'; is: boolean }
        | ({ kind: 'number' } & NumberTest)
    }
  | { in: 'element' | 'metadata' | 'report'; inner: boolean; name: FieldName; test: FieldTest }

/** How texts of events become comparable with those of the query. */
export interface Readers {
  id(text: string): string
  term(text: string): string
}

export function testSensors(
  elements: readonly unknown[],
  {
    tests,
    prefixes,
    readers,
  }: { tests: readonly SensorTest[]; prefixes: Prefixes; readers: Readers },
): boolean {
  return elements.filter(isObject).some((element) => {
    const metadata = isObject(element.sensorMetadata) ? element.sensorMetadata : {}
    const reports = Array.isArray(element.sensorReport) ? element.sensorReport.filter(isObject) : []
    const holds = (report: Json): boolean =>
      tests.every((test) => testOne(test, { element, metadata, report }, { prefixes, readers }))
    // An element that lost its reports may still have fields of its own.
    return (reports.length > 0 ? reports : [{}]).some(holds)
  })
}

/** A number as it stands with its unit; `difference` for what has no zero of its own. */
export function testNumber(
  test: NumberTest,
  { value, unit, difference = false }: { value: unknown; unit: unknown; difference?: boolean },
): boolean {
  if (typeof value !== 'number') return false
  return test.values.some((bound) => {
    const order = orderOf(value, bound, { test, unit, difference })
    if (order === undefined) return false
    return test.op === 'EQ' ? order === 0 : compares(test.op, order)
  })
}

interface Place {
  element: Json
  metadata: Json
  report: Json
}

function testOne(
  test: SensorTest,
  place: Place,
  { prefixes, readers }: { prefixes: Prefixes; readers: Readers },
): boolean {
  if ('test' in test) {
    const { name } = test
    const holder = place[test.in]
    // Standard members of an element are no extensions, but hold some themselves.
    const values = test.inner
      ? innerValuesOf(holder, { name, prefixes, all: false })
      : valuesOf(holder, name, prefixes)
    return testField(test.test, values)
  }
  const { metadata, report } = place
  const holders = test.in === 'any' ? [report, metadata] : [place[test.in]]
  const values = holders.map((holder) => holder[test.attribute]).filter((one) => one !== undefined)
  const { asks, attribute } = test
  switch (asks.kind) {
    case 'oneOf':
      return values.some(
        (value) => typeof value === 'string' && asks.oneOf.has(readAs(asks.form, value, readers)),
      )
    case 'time':
      return values.some((value) => typeof value === 'string' && within(parseRfc3339(value), asks))
    case 'boolean':
      return values.includes(asks.is)
    case 'number': {
      const difference = attribute === 'sDev'
      return values.some((value) => testNumber(asks, { value, unit: report.uom, difference }))
    }
  }
}

/** From is inclusive, before is not. */
export const within = (
  time: number,
  { from, before, at }: { from?: number; before?: number; at?: readonly number[] },
): boolean =>
  time >= (from ?? -Infinity) && time < (before ?? Infinity) && (at?.includes(time) ?? true)

function readAs(form: 'text' | 'id' | 'term' | 'hex', text: string, readers: Readers): string {
  switch (form) {
    case 'text':
      return text
    case 'id':
      return readers.id(text)
    case 'term':
      return readers.term(text)
    case 'hex':
      return text.toLowerCase()
  }
}

function orderOf(
  value: number,
  bound: number,
  { test, unit, difference }: { test: NumberTest; unit: unknown; difference: boolean },
): number | undefined {
  if (test.unit === undefined) return value - bound
  if (typeof unit !== 'string') return undefined
  return compareValues({ value, unit }, { value: bound, unit: test.unit }, difference)
}
