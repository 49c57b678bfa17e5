// The codes of the scanner test: letters and signs that keyboard layouts put elsewhere, and a field
// of no fixed length before another, between which FNC1 stands. GS1 keeps prefix 952 for examples.
import { gs } from './burst.ts'

const gtin = '09521234543213'
const serial = 'yZaQwM-/1'

export const lot = 'LzA7'
export const epc = `https://id.gs1.org/01/${gtin}/21/${encodeURIComponent(serial)}`

/** What readers send of them, without symbology identifier: first without a lot, then with it. */
export const contents = [`01${gtin}21${serial}`, `01${gtin}10${lot}${gs}21${serial}`] as const
