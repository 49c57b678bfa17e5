// Cells of other systems become GS1 keys and words of EPCIS: bare digits by what their column
// says they are, everything else in any syntax that domain/gs1 reads. Refuses, and never mends,
// but for leading zeros of a GTIN whose check digit holds.
import * as cbv from '../../domain/epcis/cbv.ts'
import { checkDigitHolds } from '../../domain/gs1/ai.ts'
import { canonicalEpc, isAbsoluteUri, parseGtin } from '../../domain/gs1/gs1.ts'
import { escapeUri } from '../../domain/gs1/link.ts'
import type { RefusalCode, Result } from '../../domain/refusal.ts'

const host = 'https://id.gs1.org'

/** A refusal about one cell; its place is the column. */
export const refuseCell = (
  code: RefusalCode,
  detail: string,
): { ok: false; refusals: Refused[] } => ({
  ok: false,
  refusals: [{ code, path: '', detail }],
})
type Refused = { code: RefusalCode; path: string; detail: string }

/** 14 digits. Spaces are taken out; zeros that a spreadsheet took are put back. */
export function gtinOf(cell: string): Result<string> {
  const digits = cell.replace(/[ \u{A0}]/gu, '')
  const rounded = refuseRounded(digits)
  if (rounded) return rounded
  const isShort = /^\d{9,11}$/.test(digits) && checkDigitHolds(digits)
  return parseGtin(isShort ? digits.padStart(14, '0') : digits)
}

export function ssccOf(cell: string): Result<string> {
  const digits = cell.replace(/[ \u{A0}]/gu, '')
  const rounded = refuseRounded(digits)
  if (rounded) return rounded
  if (!/^\d+$/.test(digits)) return canonicalEpc(cell)
  if (digits.length !== 18)
    return refuseCell('gs1/length', `an SSCC has 18 digits, not ${digits.length}`)
  return canonicalEpc(`${host}/00/${digits}`)
}

/** A key in any syntax; 18 digits alone are an SSCC. */
export function epcOf(cell: string): Result<string> {
  const rounded = refuseRounded(cell)
  if (rounded) return rounded
  return /^[\d \u{A0}]+$/u.test(cell) ? ssccOf(cell) : canonicalEpc(cell)
}

export const serialEpc = (gtin: string, serial: string): Result<string> =>
  canonicalEpc(`${host}/01/${gtin}/21/${escapeUri(serial, 'path')}`)

/** The class of a product, or of a lot of it. */
export const classEpc = (gtin: string, lot: string | undefined): Result<string> =>
  canonicalEpc(`${host}/01/${gtin}${lot === undefined ? '' : `/10/${escapeUri(lot, 'path')}`}`)

/** 13 digits are a GLN: of a place (AI 414) or of a party (AI 417). */
export function glnOf(cell: string, ai: '414' | '417'): Result<string> {
  const rounded = refuseRounded(cell)
  if (rounded) return rounded
  const digits = cell.replace(/[ \u{A0}]/gu, '')
  if (!/^\d+$/.test(digits)) return canonicalEpc(cell)
  if (digits.length !== 13)
    return refuseCell('gs1/length', `a GLN has 13 digits, not ${digits.length}`)
  return canonicalEpc(`${host}/${ai}/${digits}`)
}

/** Bare word, CURIE, URI or URN of a vocabulary, in small letters and with _ where it was not. */
export function wordOf(cell: string, vocabulary: cbv.Vocabulary): Result<string> {
  const typed = cell.toLowerCase().replace(/[ -]+/g, '_')
  const word =
    cbv.parseTerm(vocabulary, cell, cbv.standardPrefixes) ??
    (vocabulary.words.has(typed) ? typed : undefined)
  if (word !== undefined) return { ok: true, value: word }
  return refuseCell('file/value', `${cell} is no word of the vocabulary and no URI`)
}

/** A paper's URI, or its number with the GLN of whoever gave it (CBV 2.0 §8.5.2). */
export function paperOf(cell: string, issuer: string | undefined): Result<string> {
  if (isAbsoluteUri(cell)) return { ok: true, value: cell }
  if (issuer === undefined)
    return refuseCell('file/value', `${cell} is no URI, and the mapping names no issuer of it`)
  return { ok: true, value: `urn:epcglobal:cbv:bt:${issuer}:${escapeUri(cell, 'path')}` }
}

/** What a spreadsheet made of many digits has lost the last ones. */
function refuseRounded(cell: string): ReturnType<typeof refuseCell> | undefined {
  if (!/^\d(?:[.,]\d+)?E\+?\d+$/i.test(cell)) return undefined
  const detail = `${cell} is a number that a spreadsheet rounded: its digits are lost; export the column as text`
  return refuseCell('file/value', detail)
}
