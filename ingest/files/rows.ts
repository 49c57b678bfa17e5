// One row of a file of another system becomes what it says as EPCIS: an event without its EPCs (its
// head) and the EPC it adds to it. Every fault is told with its column. Pure; groups nothing.
import { bounds } from '../../config.ts'
import * as cbv from '../../domain/epcis/cbv.ts'
import type { Refusal, RefusalCode, Result } from '../../domain/refusal.ts'
import type { CsvRecord } from './csv.ts'
import { type Moment, parseDate, parseMoment } from './dates.ts'
import {
  classEpc,
  epcOf,
  glnOf,
  gtinOf,
  paperOf,
  refuseCell,
  serialEpc,
  ssccOf,
  wordOf,
} from './keys.ts'
import { type Field, type Mapping, papers } from './mapping.ts'
import { notText } from './text.ts'

export type Json = Record<string, unknown>

/** What one row says. */
export interface RowFacts {
  /** The event without its EPCs. */
  head: Json
  /** Rows of one group are one event: the head, and for lots of a product the product too. */
  group: string
  /** The EPC that it names, or the lot and how much of it; undefined: all that is inside. */
  item: string | { epcClass: string; quantity: number; uom?: string } | undefined
}

export interface RefusedRow {
  line: number
  /** Its name in the file, or its number; '' when it is the whole row. */
  column: string
  code: RefusalCode
  detail: string
  row: string
}

/** What a row says, or why it is refused. */
export type RowReader = (record: CsvRecord) => RowFacts | RefusedRow[]

/**
 * A reader of rows. `header`: the cells of the first row when the mapping has one, else undefined.
 * Refuses columns that are not there or there twice.
 */
export function readRows(
  mapping: Mapping,
  header: readonly string[] | undefined,
): Result<RowReader> {
  const places = placesOf(mapping, header)
  if (!places.ok) return places
  const parsers = parsersOf(mapping)
  const memos = new Map<string, Map<string, Result<unknown>>>()
  /** What repeats in a column is read once. */
  const parsed = (name: Field, cell: string): Result<unknown> => {
    const parse = parsers[name]
    if (!parse) return { ok: true, value: cell }
    const memo = memos.get(name) ?? new Map<string, Result<unknown>>()
    memos.set(name, memo)
    const known = memo.get(cell)
    if (known) return known
    if (memo.size >= bounds.loadMemoMax) memo.clear()
    const result = parse(cell)
    memo.set(cell, result)
    return result
  }
  const constants = Object.keys({ ...mapping.constants, ...mapping.defaults }) as Field[]
  const named = new Set([...places.value.keys(), ...constants])
  const columnName = (name: Field): string => {
    const column = mapping.columns[name]
    return column === undefined ? name : String(column)
  }
  return {
    ok: true,
    value: (record) => {
      const refused: RefusedRow[] = []
      const { line, raw } = record
      const row = raw.slice(0, bounds.loadRowKeptChars)
      const refuse = (column: string, { code, detail }: Pick<Refusal, 'code' | 'detail'>): void => {
        refused.push({ line, column, code, detail, row })
      }
      const said = record.fault ?? widthFault(record, header)
      if (said !== undefined) {
        refuse('', { code: 'file/column', detail: said })
        return refused
      }
      const values: Values = {}
      for (const name of named) {
        const cell = cellOf(record, name, { mapping, places: places.value })
        if (!cell.ok) refuse(columnName(name), cell.refusals[0]!)
        else if (cell.value !== '') {
          const value = parsed(name, cell.value)
          if (value.ok) values[name] = value.value
          else refuse(columnName(name), value.refusals[0]!)
        }
      }
      if (refused.length > 0) return refused
      const facts = factsOf(values, mapping)
      if (facts.ok) return facts.value
      for (const one of facts.refusals)
        refuse(one.path === '' ? '' : columnName(one.path as Field), one)
      return refused
    },
  }
}

type Values = Partial<Record<Field, unknown>>
type Places = ReadonlyMap<Field, number>

function placesOf(mapping: Mapping, header: readonly string[] | undefined): Result<Places> {
  const names = header?.map((cell) => clean(cell))
  const refusals: Refusal[] = []
  const places = new Map<Field, number>()
  if (names?.length === 1 && new Set(Object.values(mapping.columns)).size > 1) {
    const cut = `with the delimiter ${JSON.stringify(mapping.delimiter)} the header is one cell`
    return refuseCell('file/column', `${cut}: is the delimiter another?`)
  }
  for (const [name, column] of Object.entries(mapping.columns) as [Field, string | number][]) {
    if (typeof column === 'number') {
      places.set(name, column - 1)
      continue
    }
    const at = names?.indexOf(column) ?? -1
    const twice = at >= 0 && names!.indexOf(column, at + 1) >= 0
    const detail = twice ? `the column ${column} is there twice` : `there is no column ${column}`
    if (at < 0 || twice) refusals.push({ code: 'file/column', path: `columns/${name}`, detail })
    else places.set(name, at)
  }
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, value: places }
}

/** A row that is wider or narrower than its header has shifted cells: none of them is certain. */
const widthFault = ({ cells }: CsvRecord, header: readonly string[] | undefined) =>
  header === undefined || header.length === cells.length
    ? undefined
    : `the row has ${cells.length} cells, its header ${header.length}`

const clean = (cell: string): string => cell.replace(/^[\s\u{A0}\u{FEFF}]+|[\s\u{A0}]+$/gu, '')

/** '' when nobody says anything. */
function cellOf(
  { cells }: CsvRecord,
  name: Field,
  { mapping, places }: { mapping: Mapping; places: Places },
): Result<string> {
  const at = places.get(name)
  if (at === undefined)
    return { ok: true, value: mapping.constants[name] ?? mapping.defaults[name]! }
  const given = cells[at]
  if (given === undefined) return refuseCell('file/column', `the row has no column ${at + 1}`)
  const cell = clean(given)
  if (cell.length > bounds.loadCellCharsMax)
    return refuseCell('file/value', `longer than ${bounds.loadCellCharsMax} characters`)
  if (cell.includes('\0')) return refuseCell('file/value', 'holds a NUL character')
  if (cell.includes(notText))
    return refuseCell('file/value', `bytes that are no text in ${mapping.encoding}`)
  if (/^[=@]/.test(cell))
    return refuseCell('file/value', 'a formula, not a value: export the column as text')
  return {
    ok: true,
    value: mapping.values[name]?.[cell] ?? (cell || (mapping.defaults[name] ?? '')),
  }
}

type Parsers = Partial<Record<Field, (cell: string) => Result<unknown>>>

function parsersOf(mapping: Mapping): Parsers {
  const expiry = (cell: string): Result<string> => {
    const date = parseDate(cell, mapping.expiryFormat)
    if (date !== undefined) return { ok: true, value: date }
    return refuseCell('file/value', `${cell} is no date ${mapping.expiryFormat}`)
  }
  const decimal = (cell: string): Result<number> => {
    const right = mapping.decimal === ',' ? /^\d{1,12}(,\d{1,9})?$/ : /^\d{1,12}(\.\d{1,9})?$/
    const number = Number(cell.replace(',', '.'))
    if (right.test(cell) && number > 0) return { ok: true, value: number }
    return refuseCell(
      'file/value',
      `${cell} is no number above 0 with a decimal ${mapping.decimal}`,
    )
  }
  return {
    epc: epcOf,
    sscc: ssccOf,
    gtin: gtinOf,
    parent: epcOf,
    expiry,
    quantity: decimal,
    uom: matching(/^[A-Z0-9]{2,3}$/, 'a unit of UN/ECE Recommendation 20'),
    eventTimeZone: matching(/^[+-](?:0\d|1[0-4]):[0-5]\d$/, 'a zone ±hh:mm'),
    action: matching(/^(?:ADD|OBSERVE|DELETE)$/, 'ADD, OBSERVE or DELETE'),
    bizStep: (cell) => wordOf(cell, cbv.bizStep),
    disposition: (cell) => wordOf(cell, cbv.disposition),
    readPoint: (cell) => glnOf(cell, '414'),
    bizLocation: (cell) => glnOf(cell, '414'),
    sourceType: (cell) => wordOf(cell, cbv.sourceOrDestinationType),
    destinationType: (cell) => wordOf(cell, cbv.sourceOrDestinationType),
    ...Object.fromEntries(
      papers.map((paper) => [paper, (cell: string) => paperOf(cell, mapping.issuers[paper])]),
    ),
  }
}

const matching =
  (form: RegExp, what: string) =>
  (cell: string): Result<string> =>
    form.test(cell) ? { ok: true, value: cell } : refuseCell('file/value', `${cell} is not ${what}`)

/** What the fields of a row say together. Paths of refusals are fields. */
function factsOf(values: Values, mapping: Mapping): Result<RowFacts> {
  const moment = momentIn(values, mapping)
  if (!moment.ok) return moment
  const shape = shapeOf(values, mapping)
  if (!shape.ok) return shape
  const item = itemOf(values, mapping)
  if (!item.ok) return item
  const { event, takesAll } = shape.value
  if (item.value === undefined && !takesAll)
    return refuseField('', 'names nothing: want an EPC, an SSCC, or a GTIN with serial or quantity')
  const papersIn = papersOf(values)
  const source = partyIn(values, 'source')
  if (!source.ok) return source
  const destination = partyIn(values, 'destination')
  if (!destination.ok) return destination
  const head: Json = {
    ...event,
    ...moment.value,
    ...(values.readPoint !== undefined && { readPoint: { id: values.readPoint } }),
    ...(values.bizLocation !== undefined && { bizLocation: { id: values.bizLocation } }),
    ...(papersIn.length > 0 && { bizTransactionList: papersIn }),
    ...(source.value && { sourceList: [source.value] }),
    ...(destination.value && { destinationList: [destination.value] }),
  }
  const gtin = mapping.kind === 'serials' ? String(values.gtin ?? '') : ''
  return {
    ok: true,
    value: { head, group: JSON.stringify(head) + gtin, item: item.value },
  }
}

function momentIn(values: Values, mapping: Mapping): Result<Moment> {
  const cell = values.eventTime as string | undefined
  if (cell === undefined) return refuseField('eventTime', 'the row has no time')
  const zone = mapping.utcOffset === 'Z' ? '+00:00' : mapping.utcOffset
  const offset = (values.eventTimeZone as string | undefined) ?? zone
  const moment = parseMoment(cell, mapping.eventTimeFormat, offset)
  if (moment) return { ok: true, value: moment }
  const zoned = ['rfc3339', 'epoch-s', 'epoch-ms'].includes(mapping.eventTimeFormat)
  const zoneless =
    offset === undefined && !zoned ? '; its zone is told neither by a column nor by utcOffset' : ''
  return refuseField('eventTime', `${cell} is no time ${mapping.eventTimeFormat}${zoneless}`)
}

const steps = {
  serials: {
    ADD: ['commissioning', 'active'],
    OBSERVE: ['inspecting', undefined],
    DELETE: ['decommissioning', 'inactive'],
  },
  aggregation: {
    ADD: ['packing', 'in_progress'],
    OBSERVE: [undefined, undefined],
    DELETE: ['unpacking', 'in_progress'],
  },
} as const

/** The kind of the event, its step and what it tells of a lot. */
function shapeOf(values: Values, { kind }: Mapping): Result<{ event: Json; takesAll: boolean }> {
  const action = (values.action ?? (kind === 'shipments' ? 'OBSERVE' : 'ADD')) as
    | 'ADD'
    | 'OBSERVE'
    | 'DELETE'
  const isAdded = action === 'ADD'
  if (kind === 'shipments' && isAdded)
    return refuseField('action', 'a shipment is OBSERVE, or DELETE when units end')
  const step = (values.bizStep ?? (kind === 'shipments' ? 'shipping' : steps[kind][action][0])) as
    | string
    | undefined
  const state = (values.disposition ??
    (values.bizStep !== undefined || kind === 'shipments'
      ? dispositionAfter(step)
      : steps[kind][action][1])) as string | undefined
  const why = { ...(step && { bizStep: step }), ...(state && { disposition: state }) }
  if (kind === 'aggregation') {
    if (values.parent === undefined) return refuseField('parent', 'the row has no parent')
    const event = { type: 'AggregationEvent', action, parentID: values.parent, ...why }
    return { ok: true, value: { event, takesAll: action === 'DELETE' } }
  }
  const ilmd = {
    ...(values.lot !== undefined && { 'cbvmda:lotNumber': values.lot }),
    ...(values.expiry !== undefined && { 'cbvmda:itemExpirationDate': values.expiry }),
  }
  const withIlmd = kind === 'serials' && isAdded && Object.keys(ilmd).length > 0
  const event = { type: 'ObjectEvent', action, ...why, ...(withIlmd && { ilmd }) }
  return { ok: true, value: { event, takesAll: false } }
}

const dispositionAfter = (step: string | undefined): string | undefined =>
  step === 'shipping'
    ? 'in_transit'
    : step === 'receiving'
      ? 'in_progress'
      : step === 'commissioning'
        ? 'active'
        : undefined

function itemOf(values: Values, { kind }: Mapping): Result<RowFacts['item']> {
  const { gtin, serial, lot, quantity, uom } = values as Partial<Record<Field, string>>
  const given = (['epc', 'sscc', 'serial', 'quantity'] as const).filter(
    (name) => values[name] !== undefined,
  )
  if (given.length > 1)
    return refuseField(given[1]!, `the row names two things: ${given.join(' and ')}`)
  const whole = values.epc ?? values.sscc
  if (whole !== undefined) return { ok: true, value: whole as string }
  if (given.length === 0) {
    if (gtin === undefined) return { ok: true, value: undefined }
    return refuseField(kind === 'serials' ? 'serial' : 'quantity', `nothing says which of ${gtin}`)
  }
  if (gtin === undefined) return refuseField('gtin', 'a serial or a quantity of which product?')
  if (serial !== undefined) return atField('serial', serialEpc(gtin, serial))
  const epcClass = classEpc(gtin, lot)
  if (!epcClass.ok) return atField('lot', epcClass)
  return {
    ok: true,
    value: { epcClass: epcClass.value, quantity: Number(quantity), ...(uom && { uom }) },
  }
}

const paperTypes = {
  purchaseOrder: 'po',
  despatchAdvice: 'desadv',
  invoice: 'inv',
  billOfLading: 'bol',
}

const papersOf = (values: Values): Json[] =>
  papers.flatMap((paper) =>
    values[paper] === undefined ? [] : [{ type: paperTypes[paper], bizTransaction: values[paper] }],
  )

/** A GLN is a party (AI 417), but for the type location a place (AI 414). */
function partyIn(values: Values, name: 'source' | 'destination'): Result<Json | undefined> {
  const cell = values[name] as string | undefined
  if (cell === undefined) return { ok: true, value: undefined }
  const type = (values[`${name}Type`] ?? 'owning_party') as string
  const id = glnOf(cell, type === 'location' ? '414' : '417')
  if (!id.ok) return atField(name, id) as Result<never>
  return { ok: true, value: { type, [name]: id.value } }
}

const refuseField = (path: Field | '', detail: string): { ok: false; refusals: Refusal[] } => ({
  ok: false,
  refusals: [{ code: 'file/value', path, detail }],
})

const atField = <T>(path: Field, result: Result<T>): Result<T> =>
  result.ok ? result : { ok: false, refusals: result.refusals.map((one) => ({ ...one, path })) }
