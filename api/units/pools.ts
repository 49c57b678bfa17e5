// Pools of serial numbers: made, read, and numbers given away as JSON, CSV or NDJSON, streamed. The
// same Idempotency-Key gets the same numbers for ever. Tells no secret, and no number that was not
// given away.
import { randomBytes } from 'node:crypto'
import {
  charsets,
  type Numbered,
  poolKeyBytes,
  type SerialSpace,
  sizeOf,
} from '../../domain/pool.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { listPools, type Pool, readPool } from '../../store/ledger/pools.ts'
import { addSerials, createPool } from '../../trace/pools.ts'
import type { Deps } from '../deps.ts'
import { idOf, randomId, serially } from '../once.ts'
import { cutPage, formatTime, parseCursor, textPlace } from '../page.ts'
import { notFound, Problem, type ProblemStatus } from '../problem.ts'
import { gtinOf } from '../profiles/products.ts'
import { nounApp } from '../route.ts'
import { create, get, list, type NewPoolBody } from './pool-schemas.ts'

export const pools = ({ now }: Deps) =>
  nounApp()
    .openapi(create, async (c) => {
      const { tenant, id: caller } = c.get('identity')
      const body = c.req.valid('json')
      const asked = c.req.valid('header')['idempotency-key']
      const pool = {
        tenant,
        id: asked === undefined ? randomId('pool') : idOf('pool', `${tenant}\n${caller}\n${asked}`),
        name: body.name,
        of: numberedOf(body),
        space: spaceOf(body),
        createdAt: now(),
      }
      c.set('created', `/api/v1/pools/${pool.id}`)
      const made = await c.get('ledger').transact(async (db) => {
        // The id follows from the Idempotency-Key: whoever asks again finds what he made.
        const known = await readPool(db, tenant, pool.id)
        if (known) return { ok: true as const, value: sameOrConflict(known.pool, pool) }
        const created = await createPool(db, pool, randomBytes(poolKeyBytes))
        if (!created.ok || !('serials' in body) || !body.serials) return created
        return addSerials(db, created.value, body.serials)
      }, serially)
      if (!made.ok) throw new Problem(statusOf(made.refusals), made.refusals)
      return c.json(formatPool(made.value), 201, { Location: `/api/v1/pools/${pool.id}` })
    })
    .openapi(get, async (c) => {
      const { id } = c.req.valid('param')
      const open = await readPool(c.get('ledger').db, c.get('identity').tenant, id)
      if (!open) throw notFound(`no pool ${id}`, 'path/id')
      return c.json(formatPool(open.pool), 200)
    })
    .openapi(list, async (c) => {
      const { limit, cursor, gtin } = c.req.valid('query')
      const after = parseCursor(cursor, textPlace)?.[0]
      const rows = await listPools(c.get('ledger').db, c.get('identity').tenant, {
        limit: limit + 1,
        ...(after !== undefined && { after }),
        ...(gtin !== undefined && { prefix: gtinOf(gtin, 'query/gtin') }),
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.id])
      return c.json({ items: items.map(formatPool), next }, 200)
    })

/** 404, 422, 409 or 400, by what was refused. */
export function statusOf(refusals: readonly Refusal[]): ProblemStatus {
  const codes = new Set(refusals.map(({ code }) => code))
  if (codes.has('request/not-found')) return 404
  if (codes.has('request/conflict')) return 422
  return codes.has('pool/exhausted') || codes.has('unit/serial-taken') ? 409 : 400
}

function sameOrConflict(known: Pool, wanted: Pick<Pool, 'name' | 'of' | 'space'>): Pool {
  const text = ({ name, of, space }: Pick<Pool, 'name' | 'of' | 'space'>): string =>
    JSON.stringify([name, of, space])
  if (text(known) === text(wanted)) return known
  const detail = `this key was used for another pool, ${known.id}`
  throw new Problem(422, [{ code: 'request/conflict', path: 'header/idempotency-key', detail }])
}

function numberedOf(body: NewPoolBody): Numbered {
  const { gtin, ssccPrefix } = body
  if (gtin !== undefined && ssccPrefix === undefined)
    return { key: 'sgtin', gtin: gtinOf(gtin, '/gtin') }
  if (ssccPrefix !== undefined && gtin === undefined) return { key: 'sscc', prefix: ssccPrefix }
  const detail = 'want either gtin or ssccPrefix'
  throw new Problem(400, [{ code: 'request/invalid', path: '/gtin', detail }])
}

function spaceOf(body: NewPoolBody): SerialSpace {
  if (body.kind === 'imported')
    return body.ranges ? { kind: 'ranges', ranges: body.ranges } : { kind: 'list' }
  if (body.kind === 'sequential') {
    const { prefix, digits, first } = body
    const from = String(first).padStart(digits, '0')
    return { kind: 'ranges', ranges: [{ from: prefix + from, to: prefix + '9'.repeat(digits) }] }
  }
  const given = Object.hasOwn(charsets, body.charset)
    ? charsets[body.charset as keyof typeof charsets]
    : body.charset
  return { kind: 'random', charset: given, length: body.length }
}

export function formatPool({ id, name, of, space, issuable, issued, returned, createdAt }: Pool) {
  const size = sizeOf(space)
  const guess = space.kind === 'random' ? Number(issued) / Number(size) : null
  return {
    id,
    name,
    ...(of.key === 'sgtin' ? { gtin: of.gtin } : { ssccPrefix: of.prefix }),
    ...space,
    size: size === undefined ? null : String(size),
    issuable,
    issued,
    left: issuable - issued,
    returned,
    guessProbability: guess,
    createdAt: formatTime(createdAt),
  }
}
