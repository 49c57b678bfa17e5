// RFC 3339 date-times as epoch ms. Refuses what has no offset: a time without a zone is not a time.
// Written over character codes, without a regular expression, because every reading passes here.

/**
 * Epoch ms of an RFC 3339 date-time (§5.6) such as `2026-03-01T12:34:56.789+01:00`, or NaN. The
 * offset or Z is required; `t` and `z` may be small; digits beyond the millisecond are cut. A leap
 * second is the second after it, as in POSIX time.
 */
export function parseRfc3339(text: string): number {
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  const hour = two(text, 11)
  const minute = two(text, 14)
  const second = two(text, 17)
  const wellFormed =
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(7) === 45 &&
    (text.charCodeAt(10) | 32) === 116 &&
    text.charCodeAt(13) === 58 &&
    text.charCodeAt(16) === 58
  if (!wellFormed || !(month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59))
    return Number.NaN
  if (!(second <= 60) || (day > 28 && day > daysInMonth(year, month))) return Number.NaN

  let at = 19
  let millisecond = 0
  if (text.charCodeAt(at) === 46) {
    const from = ++at
    for (let weight = 100; isDigit(text.charCodeAt(at)); at++) {
      millisecond += weight * (text.charCodeAt(at) - 48)
      weight = weight > 1 ? weight / 10 : 0
    }
    if (at === from) return Number.NaN
  }
  const time =
    daysFromEpoch(year, month, day) * 86_400_000 +
    hour * 3_600_000 +
    minute * 60_000 +
    second * 1000 +
    millisecond -
    offsetMs(text, at)
  // RFC 3339 §5.7: second 60 exists only as the last one of a UTC month.
  if (second === 60 && new Date(time - millisecond).toISOString().slice(8, 19) !== '01T00:00:00')
    return Number.NaN
  return time
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Two digits as a number; NaN when they are not there, which then runs through all arithmetic. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at)
  const ones = text.charCodeAt(at + 1)
  return isDigit(tens) && isDigit(ones) ? (tens - 48) * 10 + ones - 48 : Number.NaN
}

/** `Z` or `±hh:mm` from here to the end of the text. */
function offsetMs(text: string, at: number): number {
  const sign = text.charCodeAt(at)
  if ((sign | 32) === 122) return text.length === at + 1 ? 0 : Number.NaN
  if ((sign !== 43 && sign !== 45) || text.charCodeAt(at + 3) !== 58 || text.length !== at + 6)
    return Number.NaN
  const hours = two(text, at + 1)
  const minutes = two(text, at + 4)
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN
  return (sign === 43 ? 1 : -1) * (hours * 60 + minutes) * 60_000
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; years are counted from March. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1
  const monthFromMarch = month > 2 ? month - 3 : month + 9
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + dayOfYear - 719_468
}
