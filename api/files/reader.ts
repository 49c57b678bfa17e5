// For whom a file or a printed report is made: language, unit of temperature, zone of time, as
// asked for in the address.
import { z } from '@hono/zod-openapi'
import { reportLanguages } from '../../quality/report/words.ts'

/** Fields of a query; with their defaults they are a Reader. */
export const readerQuery = {
  language: z.enum(reportLanguages).default('en').openapi({ description: 'of workbooks and PDF' }),
  unit: z.enum(['C', 'F']).default('C').openapi({ description: 'of workbooks and PDF' }),
  zone: z.string().max(60).refine(isZone, 'is no time zone').default('UTC').openapi({
    description: 'IANA; of workbooks and PDF',
  }),
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
