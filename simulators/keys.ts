// GS1 keys of the simulated companies, as canonical GS1 Digital Link URIs. GS1 keeps prefix 952 for
// demonstrations, so none of these numbers can ever belong to a real thing. Refuses to parse: that
// is the domain's work.
import { checkDigit } from '../domain/gs1/gs1.ts'

/** The company prefix of everybody in the simulated world. */
export const companyPrefix = '9521234'

const root = 'https://id.gs1.org'
const plain = /^[0-9A-Za-z]+$/

/** GTIN-14. Indicator 0 is the item itself, 1 to 8 are its packagings. */
export function gtin(indicator: number, itemReference: number): string {
  return withCheckDigit(`${indicator}${companyPrefix}${digits(itemReference, 5)}`)
}

/** Throws RangeError when the serial would need escaping in a URI: the simulated ones never do. */
export function sgtin(gtin14: string, serial: string): string {
  if (!plain.test(serial) || serial.length > 20) throw new RangeError(`serial ${serial}`)
  return `${root}/01/${gtin14}/21/${serial}`
}

/** Extension digit 0 to 9 and nine digits of serial reference. */
export function sscc(extension: number, serialReference: number): string {
  const body = `${digits(extension, 1)}${companyPrefix}${digits(serialReference, 9)}`
  return `${root}/00/${withCheckDigit(body)}`
}

export function gln(locationReference: number): string {
  return withCheckDigit(`${companyPrefix}${digits(locationReference, 5)}`)
}

export const sgln = (locationReference: number): string => `${root}/414/${gln(locationReference)}`

export const pgln = (partyReference: number): string => `${root}/417/${gln(partyReference)}`

/** The leading zero belongs to the AI 8003 format, N1 + N13 + X..16. */
export function grai(assetType: number, serial: string): string {
  if (!plain.test(serial) || serial.length > 16) throw new RangeError(`serial ${serial}`)
  return `${root}/8003/0${withCheckDigit(`${companyPrefix}${digits(assetType, 5)}`)}${serial}`
}

export function giai(assetReference: string): string {
  if (!plain.test(assetReference) || assetReference.length > 23)
    throw new RangeError(`asset reference ${assetReference}`)
  return `${root}/8004/${companyPrefix}${assetReference}`
}

const withCheckDigit = (body: string): string => body + checkDigit(body)

function digits(value: number, length: number): string {
  const text = String(value)
  if (!/^\d+$/.test(text) || text.length > length)
    throw new RangeError(`${value} does not fit into ${length} digits`)
  return text.padStart(length, '0')
}
