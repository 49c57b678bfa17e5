// What callers say of channels to people, and what they are told of them. Secrets are in no answer
// but the one that makes them.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { isZone } from '../../domain/local-time.ts'
import { channelKinds, languages } from '../../quality/notify/terms.ts'
import { isSecret } from '../../quality/standard-webhooks.ts'

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'want HH:MM')
const terms = {
  name: z.string().min(1).max(100),
  address: z.email().max(320).optional().openapi({ description: 'of e-mail' }),
  person: z.string().max(100).optional().openapi({
    description: 'instead of an address: theirs, with their language, unit and zone',
  }),
  url: z.string().max(2000).optional().openapi({
    description: 'of Slack, Teams, webhooks; of PagerDuty where another region is meant',
  }),
  routingKey: z
    .string()
    .regex(/^[A-Za-z0-9]{20,64}$/)
    .optional()
    .openapi({ description: 'of PagerDuty' }),
  language: z.enum(languages).optional(),
  unit: z.enum(['C', 'F']).optional(),
  zone: z.string().max(64).refine(isZone, 'is no time zone (IANA)').optional(),
  quietHours: z.strictObject({ from: localTime, to: localTime }).nullable().optional(),
  digest: z
    .union([z.literal('hourly'), z.strictObject({ dailyAt: localTime })])
    .nullable()
    .optional(),
  criticalAtOnce: z.boolean().optional().openapi({
    description: 'what is critical waits for no quiet hours and no digest',
  }),
  spacingMinutes: z
    .int()
    .min(0)
    .max(1440)
    .optional()
    .openapi({
      description: `between two messages; ${bounds.notifySpacingMs / 60_000} unless said otherwise, of webhook and mqtt 0`,
    }),
}
export const newSchema = z
  .strictObject({
    ...terms,
    via: z.enum(channelKinds),
    secret: z.string().refine(isSecret, 'want whsec_ and 24 to 64 bytes in base64').optional(),
  })
  .openapi('NewNotificationChannel', {
    example: { name: 'Quality on call', via: 'email', address: 'oncall@example.com' },
  })
export const changeSchema = z
  .strictObject({
    ...terms,
    name: terms.name.optional(),
    status: z.enum(['active', 'paused']).optional(),
  })
  .openapi('NotificationChannelChange', { example: { quietHours: { from: '22:00', to: '06:00' } } })
const stored = {
  id: z.string(),
  name: z.string(),
  via: z.enum(channelKinds),
  address: z.string().nullable(),
  person: z.string().nullable(),
  url: z
    .string()
    .nullable()
    .openapi({ description: 'of Slack, Teams and PagerDuty the host only' }),
  language: z.enum(languages),
  unit: z.enum(['C', 'F']),
  zone: z.string(),
  quietHours: z.object({ from: z.string(), to: z.string() }).nullable(),
  digest: z.union([z.literal('hourly'), z.object({ dailyAt: z.string() })]).nullable(),
  criticalAtOnce: z.boolean(),
  spacingMinutes: z.number(),
  status: z.enum(['active', 'paused', 'failing', 'disabled']),
  reason: z.string().nullable(),
  createdAt: z.string(),
  toldAt: z.string().nullable(),
  failingSince: z.string().nullable(),
  nextAttemptAt: z.string().nullable(),
}
export const channelSchema = z.object(stored).openapi('NotificationChannel')
export const createdSchema = z
  .object({
    ...stored,
    secret: z.string().optional().openapi({ description: 'of a webhook, shown once' }),
  })
  .openapi('CreatedNotificationChannel')
