// What else may be told of a product, a lot or an element of master data: names to values, within
// bounds. Interprets none of them.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'

/** Names to values: for master data attribute URIs, urn:epcglobal:cbv:mda#name and the like. */
export const attributesSchema = z
  .record(z.string().min(1).max(300), z.unknown())
  .refine((value) => JSON.stringify(value).length <= bounds.attributesCharsMax, {
    error: `more than ${bounds.attributesCharsMax} characters`,
  })
