// What sessions of the lab look like, in and out. Shapes only.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { labChecks } from '../domain/lab/grades.ts'
import { faultKinds } from '../domain/lab/lab.ts'
import { deviceIdPattern } from './devices/schemas.ts'

const faultSchema = z
  .strictObject({
    kind: z.enum(faultKinds).openapi({
      description:
        'disconnect: its MQTT connections are cut, and CONNECT is refused with return code 3 for `forSeconds`. withhold: its next packet of QoS 1 or 2 is kept, is not acknowledged, and the connection is cut. 429, 503: its next request to POST /api/v1/readings, and all within Retry-After, are refused.',
    }),
    afterSeconds: z
      .number()
      .min(0)
      .max(bounds.labMinutesMax * 60)
      .openapi({ description: 'from the beginning of the session' }),
    forSeconds: z
      .number()
      .min(0)
      .max(3600)
      .optional()
      .openapi({ description: '60 when left out; means nothing for withhold' }),
  })
  .openapi('LabFault')

export const labAskSchema = z
  .strictObject({
    device: z.string().regex(deviceIdPattern),
    minutes: z.number().min(1).max(bounds.labMinutesMax),
    faults: z.array(faultSchema).max(bounds.labFaultsMax).default([]),
  })
  .refine(({ minutes, faults }) => faults.every((fault) => fault.afterSeconds < minutes * 60), {
    error: 'a fault must begin before the session ends',
    path: ['faults'],
  })
  .openapi('LabAsk', {
    example: {
      device: 'logger-1',
      minutes: 30,
      faults: [
        { kind: 'disconnect', afterSeconds: 300, forSeconds: 600 },
        { kind: 'withhold', afterSeconds: 1200 },
      ],
    },
  })

const count = z.number().int()

export const labSessionSchema = z
  .object({
    id: z.string(),
    device: z.string(),
    state: z.enum(['running', 'ended', 'stopped', 'full', 'lost']).openapi({
      description:
        'full: more was sent than a session remembers, so it ended early; lost: a process of the server that the logger spoke to ended, so nobody knows all that it did',
    }),
    startedBy: z.string(),
    from: z.string(),
    to: z.string().openapi({ description: 'when it ends, or ended' }),
    faults: z.array(
      z.object({
        kind: z.enum(faultKinds),
        afterSeconds: z.number(),
        forSeconds: z.number(),
      }),
    ),
    happened: z
      .array(z.object({ kind: z.enum(faultKinds), from: z.string(), to: z.string() }))
      .openapi({ description: 'faults as the device met them' }),
    seen: z.object({ connects: count, packets: count, values: count, refusals: count }),
    score: count.nullable().openapi({
      description: 'of 100, over the checks that could be judged so far; null when none could',
    }),
    checks: z.array(
      z.object({
        check: z.enum(labChecks),
        points: count.nullable().openapi({ description: 'null: not judged' }),
        of: count,
        findings: z.array(
          z.object({
            finding: z.string(),
            values: z.record(z.string(), z.union([z.number(), z.string()])),
            detail: z.string(),
            remedy: z.string().nullable(),
          }),
        ),
      }),
    ),
  })
  .openapi('LabSession')
