// How an organisation and its people like to see things: language, time zone, unit. Kept in the
// settings of the tenant and in the account of each person; a person's own choice comes first.
import { z } from '@hono/zod-openapi'

export const languages = ['en', 'de', 'fr', 'es'] as const

export interface Likings {
  language: (typeof languages)[number]
  /** IANA. */
  zone: string
  unit: 'C' | 'F'
}

export const likingFields = {
  language: z.enum(languages),
  zone: z
    .string()
    .max(100)
    .refine(isZone, { error: 'want a time zone of IANA, such as Europe/Berlin' })
    .openapi({ example: 'Europe/Berlin' }),
  unit: z.enum(['C', 'F']).openapi({ description: 'of temperatures, as people read them' }),
}

/** Of a tenant that set none. */
export const likingsOf = (settings: string | undefined): Likings => {
  const told = (settings === undefined ? {} : JSON.parse(settings)) as Partial<Likings>
  const { language = 'en', zone = 'UTC', unit = 'C' } = told
  return { language, zone, unit }
}

/** What this runtime can show times in. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined && !/^[+-]/.test(name)
  } catch {
    return false
  }
}
