// What a file of another system means: which column is which field of which events. A closed
// vocabulary, so that a mapping says the same tomorrow. Reads no file.
import { z } from 'zod'
import { bounds } from '../../config.ts'
import { checkDigitHolds } from '../../domain/gs1/ai.ts'
import { dateFormats } from './dates.ts'
import { encodings } from './text.ts'

/** What a row may say. Which of them a kind needs: ingest/files/rows.ts. */
export const fields = [
  // what the row is about: an EPC in any syntax, or its parts
  'epc',
  'sscc',
  'gtin',
  'serial',
  'lot',
  'quantity',
  'uom',
  'expiry',
  'parent',
  // when, why, where
  'eventTime',
  'eventTimeZone',
  'action',
  'bizStep',
  'disposition',
  'readPoint',
  'bizLocation',
  // from whom to whom, and by which papers
  'source',
  'sourceType',
  'destination',
  'destinationType',
  'purchaseOrder',
  'despatchAdvice',
  'invoice',
  'billOfLading',
] as const
export type Field = (typeof fields)[number]

export const kinds = ['serials', 'aggregation', 'shipments'] as const

/** Fields that name papers: a number alone means nothing without whoever gave it (CBV 2.0 §8.5). */
export const papers = ['purchaseOrder', 'despatchAdvice', 'invoice', 'billOfLading'] as const

const isGln = (text: string): boolean => /^\d{13}$/.test(text) && checkDigitHolds(text)
const field = z.enum(fields)
const cell = z.string().min(1).max(bounds.loadCellCharsMax)

export const mappingSchema = z
  .strictObject({
    kind: z.enum(kinds),
    delimiter: z.enum([',', ';', '\t', '|']).default(','),
    encoding: z.enum(encodings).default('utf-8'),
    header: z.boolean().default(true),
    columns: z.partialRecord(
      field,
      z.union([z.string().min(1).max(200), z.int().min(1).max(bounds.loadColumnsMax)]),
    ),
    constants: z.partialRecord(field, cell).default({}),
    defaults: z.partialRecord(field, cell).default({}),
    values: z
      .partialRecord(
        field,
        z
          .record(z.string().max(200), cell)
          .refine(
            (table) => Object.keys(table).length <= bounds.mappingValuesMax,
            'too many values',
          ),
      )
      .default({}),
    eventTimeFormat: z.enum(dateFormats).default('rfc3339'),
    expiryFormat: z.enum(dateFormats).default('yyyy-mm-dd'),
    utcOffset: z
      .string()
      .regex(/^(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/, 'want Z or ±hh:mm')
      .optional(),
    decimal: z.enum(['.', ',']).default('.'),
    issuers: z
      .partialRecord(z.enum(papers), z.string().refine(isGln, 'want a GLN: 13 digits'))
      .default({}),
  })
  .superRefine((mapping, context) => {
    for (const name of Object.keys(mapping.columns))
      if (name in mapping.constants)
        context.addIssue({
          code: 'custom',
          path: ['constants', name],
          message: 'is a column already: a value for empty cells goes into defaults',
        })
    if (!mapping.header)
      for (const [name, column] of Object.entries(mapping.columns))
        if (typeof column === 'string')
          context.addIssue({
            code: 'custom',
            path: ['columns', name],
            message: 'a file without header has columns by position, from 1',
          })
  })

/** As it is kept, with all that was left out. */
export type Mapping = z.output<typeof mappingSchema>
