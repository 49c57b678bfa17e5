// Request bodies: read within a bound, inflated within a bound, and told apart by media type. Never
// trusts Content-Length, never parses what is too large.
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Context, MiddlewareHandler } from 'hono'
import { bounds } from '../config.ts'
import { decodeJson } from '../ingest/json.ts'
import type { Env } from './identity.ts'
import { Problem } from './problem.ts'

const gunzipBounded = promisify(gunzip)

export interface BodyRules {
  bytesMax: number
  /** Media types that are read; any when absent. `+json` suffixes count as application/json. */
  types?: readonly string[]
}

/**
 * The bytes of the body, inflated when they came as Content-Encoding: gzip. Problem 413, 415 or
 * 400.
 */
export async function readBody(c: Context, rules: BodyRules): Promise<Uint8Array> {
  const type = mediaType(c.req.header('Content-Type'))
  if (rules.types && !rules.types.includes(type)) {
    const detail = `want ${rules.types.join(' or ')}, not ${type || 'a body without Content-Type'}`
    throw new Problem(415, [{ code: 'request/media-type', path: 'header/content-type', detail }])
  }
  const encoding = (c.req.header('Content-Encoding') ?? 'identity').trim().toLowerCase()
  if (encoding !== 'identity' && encoding !== 'gzip') {
    const refusal = {
      code: 'request/media-type',
      path: 'header/content-encoding',
      detail: `want gzip or nothing, not ${encoding}`,
    } as const
    throw new Problem(415, [refusal], { 'Accept-Encoding': 'gzip' })
  }
  const bytes = await readBounded(c, rules.bytesMax)
  const plain = encoding === 'gzip' ? await inflateBounded(bytes, rules.bytesMax) : bytes
  c.set('body', plain)
  return plain
}

/**
 * Reads a JSON body and leaves it to the validators of the route. Malformed: 400 with the position.
 */
export const jsonBodyOf =
  (bytesMax: number): MiddlewareHandler<Env> =>
  async (c, next) => {
    const bytes = await readBody(c, { bytesMax, types: ['application/json'] })
    const json = decodeJson(bytes)
    if (!json.ok) throw new Problem(400, json.refusals)
    const { url, method, headers } = c.req.raw
    c.req.raw = new Request(url, { method, headers, body: bytes as Uint8Array<ArrayBuffer> })
    await next()
  }

function mediaType(header: string | undefined): string {
  const type = (header ?? '').split(';')[0]!.trim().toLowerCase()
  return /^application\/[\w.-]+\+json$/.test(type) && type !== 'application/ld+json'
    ? 'application/json'
    : type
}

async function readBounded(c: Context, bytesMax: number): Promise<Uint8Array> {
  if (Number(c.req.header('Content-Length') ?? 0) > bytesMax) throw tooLarge(bytesMax)
  const body = c.req.raw.body
  if (!body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  // Leaving the loop early cancels the stream: the rest of the body is not read.
  for await (const chunk of body) {
    length += chunk.byteLength
    if (length > bytesMax) throw tooLarge(bytesMax)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function inflateBounded(bytes: Uint8Array, bytesMax: number): Promise<Uint8Array> {
  const maxOutputLength = Math.max(bytesMax, bounds.inflatedBytesMax)
  try {
    return await gunzipBounded(bytes, { maxOutputLength })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(maxOutputLength)
    const detail = `the gzip body is damaged: ${(error as Error).message}`
    throw new Problem(400, [{ code: 'packet/encoding', path: '', detail }])
  }
}

function tooLarge(bytesMax: number): Problem {
  const detail = `the body is larger than ${bytesMax} bytes`
  // Without "Connection: close": it would reset the connection under a client that still sends,
  // and the client would not see this answer. The adapter drops the rest of the body, or the
  // connection if it is long.
  return new Problem(413, [{ code: 'request/too-large', path: '', detail }])
}
