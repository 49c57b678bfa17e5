// North American coupon codes: AI 8110 (GS1 US: North American Coupon Application Guideline Using
// GS1 DataBar Expanded) and AI 8112 (GS1 AI (8112) Coupon Data Specification). Digits whose
// lengths stand in the digits before them. Says only whether such a code can be read.
import { type Fault, isoDate } from './dates.ts'

interface Cursor {
  value: string
  at: number
  fault: Fault | undefined
}

/** A length digit stands for itself plus `more`; `none` stands for no digits at all. */
interface Sized {
  allowed: string
  more?: number
  none?: string
}

const prefixSizes: Sized = { allowed: '0123456', more: 6 }
const amountSizes: Sized = { allowed: '12345' }

/** AI 8110. */
export function lintCoupon(value: string): Fault | undefined {
  const cursor = start(value)
  sized(cursor, 'company prefix', prefixSizes)
  digits(cursor, 'offer code', 6)
  sized(cursor, 'save value', amountSizes)
  purchase(cursor, '1st purchase')
  if (follows(cursor, '1')) {
    oneOf(cursor, 'additional purchase rules code', '0123')
    otherPurchase(cursor, '2nd purchase')
  }
  if (follows(cursor, '2')) otherPurchase(cursor, '3rd purchase')
  dates(cursor)
  if (follows(cursor, '5')) sized(cursor, 'serial number', { allowed: '0123456789', more: 6 })
  if (follows(cursor, '6')) sized(cursor, 'retailer', { allowed: '1234567', more: 6 })
  if (follows(cursor, '9')) {
    oneOf(cursor, 'save value code', '01256')
    oneOf(cursor, 'item the save value applies to', '012')
    oneOf(cursor, 'store coupon flag', '0123456789')
    oneOf(cursor, "don't multiply flag", '01')
  }
  return end(cursor)
}

/** AI 8112. */
export function lintPositiveOffer(value: string): Fault | undefined {
  const cursor = start(value)
  oneOf(cursor, 'format code', '01')
  sized(cursor, 'funder', prefixSizes)
  digits(cursor, 'offer code', 6)
  sized(cursor, 'serial number', { allowed: '0123456789', more: 6 })
  return end(cursor)
}

function start(value: string): Cursor {
  const letter = value.search(/[^0-9]/)
  const cursor: Cursor = { value, at: 0, fault: undefined }
  if (letter >= 0)
    cursor.fault = { code: 'gs1/charset', detail: 'want a digit', at: letter, length: 1 }
  return cursor
}

function end(cursor: Cursor): Fault | undefined {
  const { value, at } = cursor
  if (at < value.length) wrong(cursor, 'more than the coupon tells of', value.length - at)
  return cursor.fault
}

/** Only the first fault counts: what stands behind it has lost its place. */
function wrong(cursor: Cursor, detail: string, length: number): void {
  cursor.fault ??= { code: 'gs1/content', detail, at: cursor.at, length }
}

/** Marks what there is of a part that is cut off, or the whole when nothing is there. */
function cutOff(cursor: Cursor, name: string): void {
  const { value, at } = cursor
  const from = at >= value.length ? 0 : at
  cursor.fault ??= {
    code: 'gs1/content',
    detail: `the ${name} is cut off`,
    at: from,
    length: value.length - from,
  }
}

function digits(cursor: Cursor, name: string, count: number): string {
  const { value, at } = cursor
  if (value.length - at < count) cutOff(cursor, name)
  cursor.at += count
  return value.slice(at, at + count)
}

function oneOf(cursor: Cursor, name: string, allowed: string): string {
  const digit = cursor.value[cursor.at]
  if (digit === undefined) cutOff(cursor, name)
  else if (!allowed.includes(digit)) wrong(cursor, `${digit} is no ${name}`, 1)
  cursor.at++
  return digit ?? ''
}

function sized(cursor: Cursor, name: string, { allowed, more = 0, none }: Sized): void {
  const size = oneOf(cursor, `length of the ${name}`, allowed + (none ?? ''))
  if (size !== none) digits(cursor, name, Number(size) + more)
}

/** Requirement, its code and the family code. */
function purchase(cursor: Cursor, name: string): void {
  sized(cursor, `${name} requirement`, amountSizes)
  oneOf(cursor, `${name} requirement code`, '012349')
  digits(cursor, `${name} family code`, 3)
}

function otherPurchase(cursor: Cursor, name: string): void {
  purchase(cursor, name)
  sized(cursor, `${name} company prefix`, { ...prefixSizes, none: '9' })
}

/** Whether the optional field with this number comes now. */
function follows(cursor: Cursor, field: string): boolean {
  if (cursor.fault || cursor.value[cursor.at] !== field) return false
  cursor.at++
  return true
}

function dates(cursor: Cursor): void {
  let expiry: string | undefined
  if (follows(cursor, '3')) expiry = date(cursor, 'expiration date')
  if (!follows(cursor, '4')) return
  const first = date(cursor, 'start date')
  if (cursor.fault || expiry === undefined || first <= expiry) return
  cursor.at -= 14
  wrong(cursor, 'it expires before it starts', 14)
}

function date(cursor: Cursor, name: string): string {
  const text = digits(cursor, name, 6)
  // A coupon has no month as a whole.
  if (cursor.fault || (isoDate(text) && !text.endsWith('00'))) return text
  cursor.at -= 6
  wrong(cursor, `${text} is no ${name} YYMMDD`, 6)
  return text
}
