// Values of Application Identifiers as people and programs read them: dates as ISO 8601, amounts
// with their decimals, places in degrees, temperatures in theirs. Adds no knowledge that is not in
// the value: names of countries or currencies are looked up elsewhere.

import { dashed, isoDate } from './dates.ts'
import { type AiEntry, aiEntry } from './dictionary.ts'
import { degreesOf } from './limits.ts'

/** Undefined where the value reads as it is. The value has been judged already. */
export function readableValue(ai: string, value: string): string | undefined {
  const entry = aiEntry(ai)
  if (!entry) return
  if (/^433[0-3]$/.test(ai))
    return `${degreesOf(value)} °${ai === '4330' || ai === '4332' ? 'F' : 'C'}`
  if (/^3[1-6]/.test(ai)) return `${decimal(value, ai)} ${unitOf(entry.title)}`
  if (/^39[025]/.test(ai)) return decimal(value, ai)
  if (/^39[13]/.test(ai)) return `${decimal(value.slice(3), ai)} (ISO 4217 ${value.slice(0, 3)})`
  if (ai.startsWith('394')) return `${decimal(value, ai)} %`
  if (ai === '4309') return placeOf(value)
  const names = entry.components.flatMap(({ linters }) => linters)
  if (names.includes('pcenc')) return unescaped(value)
  if (names.includes('yesno')) return value === '1' ? 'yes' : 'no'
  if (names.includes('pieceoftotal')) return `piece ${value.slice(-4, -2)} of ${value.slice(-2)}`
  return timeOf(entry, value)
}

/** UTF-8 in percent escapes, `+` for a space (GenSpecs §3.8.2); else as it stands. */
function unescaped(value: string): string {
  const spaced = value.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

/** The last digit of the AI says how many digits of the value are decimals. */
function decimal(digits: string, ai: string): string {
  const places = Number(ai.at(-1))
  const whole = digits.padStart(places + 1, '0')
  const end = whole.length - places
  const front = whole.slice(0, end).replace(/^0+(?=\d)/, '')
  return places ? `${front}.${whole.slice(end)}` : front
}

/** `NET WEIGHT (kg)` and `VOLUME (qt (US)), log`; `KG PER m²` has its unit in the words. */
function unitOf(title: string): string {
  const open = title.indexOf('(')
  return open < 0 ? title.toLowerCase() : title.slice(open + 1, title.lastIndexOf(')'))
}

/** GenSpecs §3.8.10: ten-millionths of a degree, from the south pole and from Greenwich east. */
function placeOf(value: string): string {
  const latitude = Number(value.slice(0, 10)) / 1e7 - 90
  const east = Number(value.slice(10)) / 1e7
  return `${latitude.toFixed(7)}, ${(east > 180 ? east - 360 : east).toFixed(7)}`
}

/** Dates and times of day, in the parts of the value; two dates are a span. 9999 is no time. */
function timeOf({ components }: AiEntry, value: string): string | undefined {
  const dates: string[] = []
  const clock: string[] = []
  let from = 0
  for (const { max, linters } of components) {
    const part = value.slice(from, from + max)
    from += part.length
    if (part === '') continue
    if (/^yymmd[d0]$/.test(linters[0] ?? '')) dates.push(isoDate(part) ?? part)
    else if (/^yyyymmd[d0]$/.test(linters[0] ?? '')) dates.push(dashed(part))
    else if (linters[0] === 'hhmi') clock.push(part.slice(0, 2), part.slice(2))
    else if (/^(hh|mi|ss)$/.test(linters[0] ?? '')) clock.push(part)
  }
  if (dates.length === 0) return
  if (clock.length === 1) clock.push('00')
  return dates.join('/') + (clock.length ? `T${clock.join(':')}` : '')
}
