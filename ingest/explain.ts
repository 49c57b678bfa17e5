// A packet that somebody wants to understand before it is sent: what the decoder makes of it, its
// body as text, and where in that text each refusal points. Keeps nothing, and decodes no otherwise
// than ingest does.
import { bounds } from '../config.ts'
import { placesIn } from '../domain/json-places.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Envelope } from '../store/log.ts'
import { type DecodeContext, type DecodedPublish, decodePublish } from './decode/decode.ts'
import { isGzip, plainBody } from './inflate.ts'
import { decodeJson } from './json.ts'
import { decodePack } from './senml.ts'

export interface Explained extends DecodedPublish {
  gzip: boolean
  /** `at` and `length` of refusals count in `text`. Null: neither UTF-8 nor CBOR, or too long. */
  text: string | null
  /** cbor: the text is the same pack written as JSON. */
  form: 'json' | 'cbor' | 'text' | 'bytes'
}

/** Never throws on input. */
export function explainPublish(envelope: Envelope, context: DecodeContext): Explained {
  const decoded = decodePublish(envelope, context)
  const gzip = isGzip(envelope.body)
  const { text, form } = writtenOut(envelope.body)
  const refusals = form === 'json' || form === 'cbor' ? placed(text ?? '', decoded.refusals) : []
  return {
    ...decoded,
    refusals: refusals.length > 0 ? refusals : decoded.refusals,
    gzip,
    text,
    form,
  }
}

function writtenOut(body: Uint8Array): Pick<Explained, 'text' | 'form'> {
  const plain = plainBody(body)
  if (!plain.ok) return { text: null, form: 'bytes' }
  const { value: bytes } = plain
  if (bytes.length > bounds.explainedBytesMax) return { text: null, form: 'bytes' }
  try {
    const text = strictUtf8.decode(bytes)
    return { text, form: decodeJson(bytes).ok ? 'json' : 'text' }
  } catch {
    const pack = decodePack(bytes)
    if (!pack.ok) return { text: null, form: 'bytes' }
    return { text: writeCbor(pack.value), form: 'cbor' }
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Byte strings and big numbers have no JSON of their own. */
function writeCbor(value: unknown): string {
  const plain = (_: string, each: unknown): unknown => {
    if (each instanceof Uint8Array) return Buffer.from(each).toString('base64url')
    return typeof each === 'bigint' ? String(each) : each
  }
  return JSON.stringify(value, plain, 2) ?? ''
}

function placed(text: string, refusals: readonly Refusal[]): Refusal[] {
  const pointers = refusals.map(({ path }) => path).filter((path) => path.startsWith('/'))
  const places = placesIn(text, pointers)
  // What is missing in the only reading is missing in all there is.
  places.set('', { at: 0, length: text.length })
  return refusals.map((refusal) => ({ ...places.get(refusal.path), ...refusal }))
}
