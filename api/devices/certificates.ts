// The calibrations of a logger with what their certificates say, and how its errors changed from
// one to the next. Each that was told stays; limits are judged by the uncertainty of the device,
// which is told with it.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { calibrationYearMs } from '../../domain/calibration.ts'
import { driftsOf, errorOf } from '../../domain/calibration-drift.ts'
import { putCalibration, readCertificates } from '../../store/ledger/calibrations.ts'
import { markDirty, marking } from '../../store/ledger/detectors.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import type { Deps } from '../deps.ts'
import { formatTime, timeQuery } from '../page.ts'
import { guarded, nounApp } from '../route.ts'
import { deviceOr404, inService } from './devices.ts'
import { certificateLine, deviceIdPattern } from './schemas.ts'

const celsius = z.number().min(-273.15).max(1000)
const pointSchema = z.strictObject({
  referenceC: celsius,
  readC: celsius.openapi({ description: 'what the logger read there, as found' }),
  uncertaintyC: z.number().min(0).max(50).optional().openapi({
    description: 'expanded, of the laboratory',
  }),
})
const toldSchema = z
  .strictObject({
    calibratedAt: timeQuery,
    calibrationDue: timeQuery
      .optional()
      .openapi({ description: 'when the next is due; a year later when not told' }),
    certificate: certificateLine.optional().openapi({ description: 'its number' }),
    laboratory: certificateLine.optional(),
    points: z.array(pointSchema).max(bounds.calibrationPointsMax).optional(),
  })
  .refine(({ calibratedAt, calibrationDue = Infinity }) => calibrationDue > calibratedAt, {
    error: 'must be after calibratedAt',
    path: ['calibrationDue'],
  })
  .openapi('CalibrationTold', {
    example: {
      ...{ calibratedAt: '2026-02-10T00:00:00Z', certificate: 'D-K-15070-01-00 2026-0815' },
      laboratory: 'Klimalab GmbH',
      points: [{ referenceC: 5, readC: 5.12, uncertaintyC: 0.1 }],
    },
  })

const calibrationsSchema = z
  .object({
    items: z.array(
      z.object({
        calibratedAt: z.string().nullable().openapi({ description: 'null: nobody said when' }),
        calibrationDue: z.string(),
        certificate: z.string().nullable(),
        laboratory: z.string().nullable(),
        points: z.array(
          z.object({
            ...{ referenceC: z.number(), readC: z.number() },
            uncertaintyC: z.number().nullable(),
            errorC: z.number().openapi({ description: 'read minus reference' }),
          }),
        ),
      }),
    ),
    drifts: z
      .array(
        z.object({
          ...{ referenceC: z.number(), from: z.string(), to: z.string() },
          ...{ changeC: z.number(), perYearC: z.number() },
          significant: z.boolean().openapi({
            description: 'more than the uncertainties of both together (root of squares)',
          }),
        }),
      )
      .openapi({ description: 'of the error at points within 1 °C of each other' }),
  })
  .openapi('DeviceCalibrations')

const path = '/api/v1/devices/{id}/calibrations'
const params = z.object({ id: z.string().regex(deviceIdPattern) })
const content = { 'application/json': { schema: calibrationsSchema } }

const get = guarded(
  { noun: 'devices', verb: 'read' },
  {
    ...{ method: 'get', path },
    summary: 'List the calibrations of a logger, newest first, and its drift between them',
    request: { params },
    responses: { 200: { description: 'All that were told', content } },
  },
)

const post = guarded(
  { noun: 'devices', verb: 'write' },
  {
    ...{ method: 'post', path },
    summary: 'Tell of a calibration of a logger',
    description:
      'One of the same moment is told anew: what is not told now stays. What the logger said is judged anew by the due dates.',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: toldSchema } } },
    },
    responses: { 201: { description: 'All that were told', content } },
  },
)

export const deviceCalibrations = (deps: Deps) =>
  nounApp()
    .openapi(get, async (c) => {
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      const { id } = await deviceOr404(db, tenant, c.req.valid('param').id)
      return c.json(await shown(db, tenant, id), 200)
    })
    .openapi(post, async (c) => {
      const { tenant } = c.get('identity')
      const { id } = c.req.valid('param')
      const { calibrationDue, ...told } = c.req.valid('json')
      const dueAt = calibrationDue ?? told.calibratedAt + calibrationYearMs
      const all = await c.get('ledger').transact(async (db) => {
        inService(await deviceOr404(db, tenant, id))
        await putCalibration(db, { tenant, device: id }, { ...told, dueAt })
        await markDirty(db, tenant, { devices: [id], since: 0, cause: 'device' })
        return shown(db, tenant, id)
      }, marking(tenant))
      await deps.onDeviceChange?.(tenant, id)
      return c.json(all, 201)
    })

async function shown(
  db: LedgerQuery,
  tenant: string,
  device: string,
): Promise<z.output<typeof calibrationsSchema>> {
  const all = await readCertificates(db, { tenant, device })
  const items = all.toReversed().map(({ calibratedAt, dueAt, points, ...said }) => ({
    calibratedAt: calibratedAt > 0 ? formatTime(calibratedAt) : null,
    calibrationDue: formatTime(dueAt),
    ...{ certificate: said.certificate ?? null, laboratory: said.laboratory ?? null },
    points: points.map((point) => ({
      ...{ ...point, uncertaintyC: point.uncertaintyC ?? null },
      errorC: errorOf(point),
    })),
  }))
  const drifts = driftsOf(all).map((drift) => ({
    ...drift,
    ...{ from: formatTime(drift.from), to: formatTime(drift.to) },
  }))
  return { items, drifts }
}
