// People as the API tells them. Never a password, never a hash.
import { z } from '@hono/zod-openapi'
import { type PersonRow, rolesIn } from '../../store/ledger/people.ts'
import { type Likings, likingFields } from '../organisation.ts'
import { formatTime } from '../page.ts'

export const personSchema = z
  .object({
    id: z.string(),
    printedName: z.string().openapi({ description: 'as signatures show it (21 CFR 11.50)' }),
    email: z.string().nullable(),
    roles: z.array(z.string()),
    language: likingFields.language
      .nullable()
      .openapi({ description: 'null: as the organisation' }),
    zone: z.string().nullable(),
    unit: likingFields.unit.nullable(),
    status: z.enum(['active', 'disabled']),
    mustChange: z.boolean().openapi({ description: 'has to choose a password first' }),
    createdAt: z.string(),
    createdBy: z.string(),
  })
  .openapi('Person')

export const formatPerson = (row: PersonRow): z.output<typeof personSchema> => ({
  ...{ id: row.id, printedName: row.printedName, email: row.email, roles: rolesIn(row.roles) },
  ...ownLikings(row),
  status: row.status as 'active',
  mustChange: row.mustChange === 1,
  ...{ createdAt: formatTime(row.createdAt), createdBy: row.createdBy },
})

/** What a person chose; null: as the organisation has it. */
export const ownLikings = ({ language, zone, unit }: PersonRow) => ({
  language: language as Likings['language'] | null,
  zone,
  unit: unit as Likings['unit'] | null,
})

/** One for one person, however it is typed. */
export const loginName = (typed: string): string => typed.trim().normalize('NFKC').toLowerCase()
