// Bodies as they came become plain bytes: gzip is seen by its magic number and inflated within a
// bound. Refuses bombs and damaged streams; what is not gzip passes through untouched.
import { gunzipSync } from 'node:zlib'
import { bounds } from '../config.ts'
import type { Result } from '../domain/refusal.ts'

/** RFC 1952 §2.3.1: no JSON and no CBOR pack starts with these two bytes. */
export const isGzip = (body: Uint8Array): boolean => body[0] === 0x1f && body[1] === 0x8b

/**
 * At most `bounds.inflatedBytesMax` bytes, else packet/too-large; a damaged stream is
 * packet/encoding.
 */
export function inflate(body: Uint8Array): Result<Uint8Array> {
  try {
    return { ok: true, value: gunzipSync(body, { maxOutputLength: bounds.inflatedBytesMax }) }
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    const detail = tooLarge
      ? `the gzip body grows beyond ${bounds.inflatedBytesMax} bytes`
      : `the gzip body is damaged: ${(error as Error).message}`
    const code = tooLarge ? 'packet/too-large' : 'packet/encoding'
    return { ok: false, refusals: [{ code, path: '', detail }] }
  }
}

/** A body without its gzip, if it came with one. */
export const plainBody = (body: Uint8Array): Result<Uint8Array> =>
  isGzip(body) ? inflate(body) : { ok: true, value: body }
