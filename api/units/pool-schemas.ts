// Routes and bodies of pools, as OpenAPI describes them.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { charsets } from '../../domain/pool.ts'
import { pageOf, pageQuery } from '../page.ts'
import { guarded } from '../route.ts'

const text = z.string().max(20)
const rangeSchema = z.strictObject({ from: text, to: text })
const serialsSchema = z.array(text).min(1).max(bounds.poolSerialsMax)
const shared = {
  name: z.string().trim().min(1).max(200),
  gtin: z.string().optional().openapi({ description: 'packs are numbered' }),
  ssccPrefix: z
    .string()
    .regex(/^\d{5,13}$/)
    .optional()
    .openapi({ description: 'SSCCs are numbered: extension digit and company prefix' }),
}

const bodySchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      ...shared,
      kind: z.literal('random'),
      charset: z
        .string()
        .max(82)
        .default('unambiguous')
        .openapi({ description: `${Object.keys(charsets).join(', ')}, or the characters` }),
      length: z.int().min(1).max(20).default(12),
    }),
    z.strictObject({
      ...shared,
      kind: z.literal('sequential'),
      prefix: z.string().max(19).default(''),
      digits: z.int().min(1).max(15),
      first: z.int().min(0).default(1),
    }),
    z.strictObject({
      ...shared,
      kind: z.literal('imported'),
      ranges: z.array(rangeSchema).min(1).max(bounds.poolRangesMax).optional(),
      serials: serialsSchema.optional(),
    }),
  ])
  .openapi('NewPool', {
    example: { kind: 'random', name: 'line 4', gtin: '09521234543213', length: 12 },
  })

export type NewPoolBody = z.output<typeof bodySchema>

const poolSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    gtin: z.string().optional(),
    ssccPrefix: z.string().optional(),
    kind: z.enum(['random', 'ranges', 'list']),
    charset: z.string().optional(),
    length: z.number().int().optional(),
    ranges: z.array(rangeSchema).optional(),
    size: z.string().nullable().openapi({ description: 'serials there are; null for a list' }),
    issuable: z
      .number()
      .int()
      .openapi({
        description:
          'how many may be given away: of random serials of packs fewer than size / 10,000 ' +
          '(EU 2016/161 Art. 4(b))',
      }),
    issued: z.number().int(),
    left: z.number().int(),
    returned: z.number().int(),
    guessProbability: z
      .number()
      .nullable()
      .openapi({ description: 'issued / size: that a guess is one of the serials given away' }),
    createdAt: z.string(),
  })
  .openapi('Pool')

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })
const params = z.object({ id: z.string().max(100) })
const key = z.object({ 'idempotency-key': z.string().max(200).optional() })
const answer = { description: 'The pool as it stands', content: json(poolSchema) }
const serialsBody = z.strictObject({ serials: serialsSchema }).openapi('PoolSerials')
const write = { noun: 'pools', verb: 'write' } as const
const read = { noun: 'pools', verb: 'read' } as const

export const create = guarded(write, {
  method: 'post',
  path: '/api/v1/pools',
  summary: 'Make a pool of serial numbers',
  description:
    'Refused when it might give a serial that another pool of the same GTIN or prefix may give.',
  request: { headers: key, body: { required: true, content: json(bodySchema) } },
  responses: { 201: answer },
})

export const get = guarded(read, {
  method: 'get',
  path: '/api/v1/pools/{id}',
  summary: 'Read a pool',
  request: { params },
  responses: { 200: answer },
})

export const list = guarded(read, {
  method: 'get',
  path: '/api/v1/pools',
  summary: 'List pools',
  request: { query: z.object({ ...pageQuery, gtin: z.string().optional() }) },
  responses: { 200: { description: 'A page of pools', content: json(pageOf(poolSchema)) } },
})

export const add = guarded(write, {
  method: 'post',
  path: '/api/v1/pools/{id}/serials',
  summary: 'Add serials to a list',
  description: 'All of them or none; `errors` names each that is taken.',
  request: { params, body: { required: true, content: json(serialsBody) } },
  responses: { 200: answer },
})

export const takeBack = guarded(write, {
  method: 'post',
  path: '/api/v1/pools/{id}/returns',
  summary: 'Take back numbers that were not used',
  description: 'They are not given away again: they may stand on a label that was thrown away.',
  request: { params, body: { required: true, content: json(serialsBody) } },
  responses: { 200: answer },
})

export const serial = guarded(read, {
  method: 'get',
  path: '/api/v1/pools/{id}/serials/{serial}',
  summary: 'What became of a number',
  request: { params: params.extend({ serial: z.string().max(100) }) },
  responses: {
    200: {
      description: 'A number of this pool that was given away',
      content: json(
        z.object({
          serial: z.string(),
          epc: z.string(),
          state: z.enum(['taken', 'allocated', 'commissioned', 'returned']),
          allocatedAt: z.string().nullable(),
          reference: z.string().nullable(),
        }),
      ),
    },
  },
})

export const allocation = guarded(write, {
  method: 'post',
  path: '/api/v1/pools/{id}/allocate',
  summary: 'Give numbers away',
  description:
    'Each once for ever. With an Idempotency-Key the same numbers come again, also after an ' +
    'answer that broke off.',
  request: {
    params,
    headers: key,
    body: {
      required: true,
      content: json(
        z
          .strictObject({
            count: z.int().min(1).max(bounds.allocationMax),
            as: z.enum(['json', 'ndjson', 'csv']).default('json'),
            reference: z.string().max(200).optional(),
          })
          .openapi('Allocation', { example: { count: 1000, as: 'ndjson', reference: 'order 17' } }),
      ),
    },
  },
  responses: {
    200: {
      description: 'The numbers',
      content: {
        ...json(z.object({ items: z.array(z.object({ serial: z.string(), epc: z.string() })) })),
        'application/x-ndjson': { schema: z.string() },
        'text/csv': { schema: z.string() },
      },
    },
  },
})
