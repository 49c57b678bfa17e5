// What device bodies look like, in and out. Shapes only.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { channels } from '../../domain/reading.ts'
import { timeQuery } from '../page.ts'
import type { ToldCalibration } from './calibrations.ts'

/** Safe as a level of an MQTT topic and as a path segment. */
export const deviceIdPattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/

/** What is told of a device beside a sentence, so that others may word it. */
export const toldFigures = z.record(z.string(), z.union([z.number(), z.string()])).openapi({
  description: 'what the sentence says, each named with its unit',
  example: { hours: 37 },
})

const idSchema = z
  .string()
  .regex(deviceIdPattern, 'must be 1-64 of A-Z a-z 0-9 . _ -')
  .openapi({ example: 'logger-1' })
const giaiSchema = z.string().min(1).max(500).openapi({
  description: 'Digital Link, EPC URN or element string',
  example: 'https://id.gs1.org/8004/952123400001',
})
const secondsSchema = z.number().min(1).max(86_400).openapi({ example: 300 })

const channelSchema = z
  .strictObject({ unit: z.string().min(1).max(32), min: z.number(), max: z.number() })
  .refine((channel) => channel.min < channel.max, { error: 'min must be below max', path: ['min'] })
const channelsSchema = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'a channel is named by 1-64 of A-Z a-z 0-9 _ -')
      .refine((name) => !Object.hasOwn(channels, name) && name !== 'time' && name !== 'seq', {
        error: 'is a name of its own already',
      }),
    channelSchema,
  )
  .refine((declared) => Object.keys(declared).length <= bounds.channelsPerDeviceMax, {
    error: `at most ${bounds.channelsPerDeviceMax} channels`,
  })
  .openapi({ example: { co2: { unit: 'ppm', min: 0, max: 100000 } } })

const uncertaintySchema = z.number().min(0).max(50).openapi({
  description: 'expanded uncertainty of its temperatures, °C: limits are judged so far inwards',
  example: 0.3,
})

/** A line of a certificate of calibration. */
export const certificateLine = z.string().trim().min(1).max(200)

const calibratedSchema = timeQuery.optional().openapi({
  description: 'when it was calibrated; each calibration that is told stays',
})
const dueSchema = timeQuery.optional().openapi({
  description: 'when the next is due; a year later when only calibratedAt is told',
})

const change = {
  calibratedAt: calibratedSchema,
  calibrationDue: dueSchema,
  giai: giaiSchema.optional(),
  loggingIntervalSeconds: secondsSchema.optional(),
  uncertaintyC: uncertaintySchema.optional(),
  channels: channelsSchema.optional(),
}
const inOrder = {
  error: 'must be after calibratedAt',
  path: ['calibrationDue'],
}
const isInOrder = ({ calibratedAt = 0, calibrationDue = Infinity }: ToldCalibration): boolean =>
  calibrationDue > calibratedAt

export const changeSchema = z
  .strictObject(change)
  .refine(isInOrder, inOrder)
  .openapi('DeviceChange')
export const newDeviceSchema = z
  .strictObject({
    ...{ id: idSchema, ...change },
    certificate: certificateLine.optional().openapi({ description: 'its number' }),
    laboratory: certificateLine.optional().openapi({ description: 'who calibrated it' }),
  })
  .refine(isInOrder, inOrder)
  .refine(
    ({ certificate, calibratedAt }) => certificate === undefined || calibratedAt !== undefined,
    {
      ...{ error: 'needs calibratedAt', path: ['certificate'] },
    },
  )
  .refine(
    ({ laboratory, calibratedAt }) => laboratory === undefined || calibratedAt !== undefined,
    {
      ...{ error: 'needs calibratedAt', path: ['laboratory'] },
    },
  )
  .openapi('NewDevice')

export const retirementSchema = z
  .strictObject({
    reason: z.string().trim().min(1).max(1000),
    force: z.boolean().default(false).openapi({
      description: 'also when it is on a container, which nobody watches from then on',
    }),
  })
  .openapi('Retirement', { example: { reason: 'probe broken, sent to the maker' } })

const stored = {
  id: idSchema,
  giai: giaiSchema.nullable(),
  loggingIntervalSeconds: secondsSchema.nullable(),
  uncertaintyC: uncertaintySchema.optional(),
  calibratedAt: z.string().optional(),
  calibrationDue: z.string().optional(),
  channels: z.record(z.string(), z.object({ unit: z.string(), min: z.number(), max: z.number() })),
  createdAt: z.string(),
  formerTokenUntil: z.string().optional().openapi({
    description: 'until then the token before its present one is, or was, good as well',
  }),
  retired: z
    .object({ at: z.string(), by: z.string(), reason: z.string() })
    .optional()
    .openapi({ description: 'out of service: it has no token; what it sent stays' }),
}
const mqtt = z.object({
  username: z.string(),
  topics: z.object({
    readings: z.string().openapi({ example: 'v1/default/logger-1/readings' }),
    senml: z.string(),
    status: z.string(),
    commands: z.string(),
  }),
})
const token = z.string().openapi({ description: 'bearer token and MQTT password' })

export const deviceSchema = z.object(stored).openapi('Device')
export const createdSchema = z.object({ ...stored, token, mqtt }).openapi('CreatedDevice')
export const rotationQuery = z.object({
  overlapHours: z.coerce.number().min(0).max(bounds.tokenOverlapHoursMax).default(0).openapi({
    description: 'so long the old token is good as well; 0: it is dead at once',
  }),
})
export const rotatedSchema = z.object({
  id: idSchema,
  token,
  formerUntil: z.string().nullable().openapi({ description: 'the old token is good until then' }),
})
export const deviceStateSchema = z
  .object({
    ...stored,
    mqtt,
    latest: z
      .array(z.object({ channel: z.string(), time: z.string(), value: z.number() }))
      .nullable()
      .openapi({
        description: 'newest reading of each channel; null while the series store is away',
      }),
    kept: z
      .array(
        z.object({
          channel: z.string(),
          from: z.string(),
          to: z.string(),
          count: z.number().int(),
        }),
      )
      .nullable()
      .openapi({ description: 'what is stored of each channel' }),
  })
  .openapi('DeviceState')
