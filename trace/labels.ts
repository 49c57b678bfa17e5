// Symbols for labels: GS1 DataMatrix and GS1-128 with the element string, QR Code with the Digital
// Link (GenSpecs §5.6.3, §5.4, §5.9). What is drawn is checked first as a scanner's reader would
// check it: refuses what could not be read back. Knows no layout beyond a symbol and its text.

import { type Element, refuseCombination, refuseRepeats } from '../domain/gs1/ai.ts'
import { fnc1, formatBracketed, formatRaw, parseElementString } from '../domain/gs1/element.ts'
import { formatElementString, type Gs1Key, parseGs1 } from '../domain/gs1/gs1.ts'
import { formatLink } from '../domain/gs1/link.ts'
import type { Refusal, Result } from '../domain/refusal.ts'

export const symbols = ['datamatrix', 'qr', 'gs1-128'] as const
export type LabelSymbol = (typeof symbols)[number]

export interface LabelRequest {
  /** A GS1 key in any syntax. */
  epc: string
  symbol: LabelSymbol
  format: 'svg' | 'png'
  /** What the label says beside the key; instead of what stands in `epc`. */
  lot?: string
  /** YYYY-MM-DD. */
  expiry?: string
  /** Below what the Digital Link of a QR Code stands, without a slash at its end. */
  resolver?: string
  /** 1 to 10: pixels of a bar of GS1-128, half the pixels of a module of the others. */
  scale?: number
  /** Whether the human readable interpretation stands below the symbol. */
  text?: boolean
}

export interface Label {
  mediaType: 'image/svg+xml' | 'image/png'
  body: string | Uint8Array
  /** What a scanner reads, GS for FNC1, or the link. */
  content: string
  /** With brackets, for people. */
  text: string
}

/** GenSpecs §5.4.4.2: data characters of a GS1-128 symbol, FNC1 separators among them. */
const gs1128CharsMax = 48

/** The symbol, or every reason (gs1/*) why there is none. `path` of a refusal: the field's name. */
export async function drawLabel(request: LabelRequest): Promise<Result<Label>> {
  const key = parseGs1(request.epc)
  if (!key.ok) return refused(key.refusals, 'epc')
  const elements = elementsOf(key.value, request)
  if (!elements.ok) return elements
  const content = contentOf(elements.value, request)
  if (!content.ok) return content
  const text = formatBracketed(elements.value)
  const body = await draw(content.value, text, request)
  const mediaType = request.format === 'svg' ? 'image/svg+xml' : 'image/png'
  return { ok: true, value: { mediaType, body, content: content.value, text } }
}

/**
 * Key first, then what has a predefined length, then the lot: so a single FNC1 stands within a
 * pack's element string (GenSpecs §7.8.4). The serial comes last, as it is read out by people.
 */
function elementsOf(key: Gs1Key, { lot, expiry }: LabelRequest): Result<Element[]> {
  const own = read(formatElementString(key))
  if (!own.ok) return refused(own.refusals, 'epc')
  const facts: Element[] = []
  const date = expiry ?? ('expiry' in key ? key.expiry : undefined)
  for (const [name, ai, value] of [
    ['expiry', '17', date?.replace(/^\d\d(\d\d)-(\d\d)-(\d\d)$/, '$1$2$3')],
    ['lot', '10', lot ?? (key.key === 'sgtin' ? key.lot : undefined)],
  ] as const) {
    if (value === undefined) continue
    const element = read(`(${ai})${value.replaceAll('(', '\\(')}`)
    if (!element.ok) return refused(element.refusals, name)
    // A lot's key says its lot already.
    const again = own.value.some((one) => one.ai === ai && one.value === value)
    if (!again) facts.push(...element.value)
  }
  const [first, ...rest] = own.value
  const all = [first!, ...facts, ...rest]
  const refusals = [...refuseRepeats(all), ...refuseCombination(all)]
  return refusals.length > 0 ? refused(refusals, 'epc') : { ok: true, value: all }
}

const read = (text: string): Result<Element[]> => parseElementString(text)

function contentOf(
  elements: readonly Element[],
  { symbol, resolver }: LabelRequest,
): Result<string> {
  if (symbol === 'qr') {
    const link = formatLink(elements, resolver)
    return link.ok ? link : refused(link.refusals, 'epc')
  }
  const raw = formatRaw(elements)
  const length = raw.length - 1
  if (symbol === 'gs1-128' && length > gs1128CharsMax) {
    const detail = `GS1-128 has at most ${gs1128CharsMax} characters, this label ${length}`
    return refused([{ code: 'gs1/length', path: '', detail }], 'symbol')
  }
  return { ok: true, value: raw }
}

async function draw(
  content: string,
  text: string,
  { symbol, format, scale = 3, text: shown = true }: LabelRequest,
): Promise<string | Uint8Array> {
  // Some 700 KB of encoders: only for who draws.
  const { default: bwip } = await import('bwip-js/node')
  const { bcid, padding, ...settings } = drawings[symbol]
  const options = {
    bcid,
    ...settings,
    // Behind a caret bwip-js knows FNC1; no AI holds a caret (GenSpecs §7.11).
    text: symbol === 'qr' ? content : content.replaceAll(fnc1, '^FNC1'),
    parsefnc: symbol !== 'qr',
    scale,
    padding,
    backgroundcolor: 'FFFFFF',
    ...(shown && { includetext: true, alttext: text, textsize: 7, textyoffset: -1 }),
  }
  return format === 'svg' ? bwip.toSVG(options) : bwip.toBuffer(options)
}

/** Padding makes the quiet zones: 1 module, 4 modules, 10 modules (GenSpecs §5.12). */
const drawings = {
  datamatrix: { bcid: 'datamatrix', padding: 4 },
  qr: { bcid: 'qrcode', eclevel: 'M', padding: 8 },
  'gs1-128': { bcid: 'code128', height: 12, padding: 10 },
} as const

const refused = (
  refusals: readonly Refusal[],
  path: string,
): { ok: false; refusals: Refusal[] } => ({
  ok: false,
  refusals: refusals.map((refusal) => ({ ...refusal, path })),
})
