// What people state of a logger's clock, and take back: from then on its readings stand at the
// times that follow, and everything judged by them is judged anew. They stay as they were sent.
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { changedFrom } from '../../domain/clock-correction.ts'
import {
  type ClockCorrectionRow,
  insertClockCorrection,
  readClockCorrections,
  withdrawClockCorrection,
} from '../../store/ledger/clock-corrections.ts'
import { markDirty, marking } from '../../store/ledger/detectors.ts'
import { appendEvidence } from '../../store/ledger/evidence.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import type { Deps } from '../deps.ts'
import { formatTime, timeQuery } from '../page.ts'
import { conflict, notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { deviceOr404 } from './devices.ts'
import { deviceIdPattern } from './schemas.ts'

const path = '/api/v1/devices/{id}/clock-corrections'
const params = z.object({ id: z.string().regex(deviceIdPattern) })
const reason = z.string().trim().min(3).max(500)
const aheadSecondsMax = bounds.clockCorrectionMsMax / 1000

const statedSchema = z
  .strictObject({
    from: timeQuery.openapi({
      description: 'by the logger’s own clock: the first reading it is about, or earlier',
    }),
    to: timeQuery.optional().openapi({ description: 'exclusive; without it, to this day' }),
    aheadSeconds: z
      .number()
      .min(-aheadSecondsMax, `at most ${aheadSecondsMax / 86_400} days`)
      .max(aheadSecondsMax, `at most ${aheadSecondsMax / 86_400} days`)
      .refine((seconds) => Math.round(seconds * 1000) !== 0, 'a clock that is right needs none')
      .openapi({ description: 'how far its clock was ahead; negative: it was behind' }),
    reason,
  })
  .refine(({ from, to = Infinity }) => to > from, { error: 'must be after from', path: ['to'] })
  .openapi('ClockStatement', {
    example: {
      ...{ from: '2026-03-01T08:00:00+01:00', to: '2026-03-04T00:00:00+01:00' },
      ...{ aheadSeconds: 3720, reason: 'was set to the zone of the last trip' },
    },
  })
const correctionSchema = z
  .object({
    ...{ id: z.string(), from: z.string(), to: z.string().nullable() },
    aheadSeconds: z.number(),
    reason: z.string(),
    at: z.string(),
    by: z.string(),
    withdrawn: z.object({ at: z.string(), by: z.string(), reason: z.string() }).nullable(),
  })
  .openapi('ClockCorrection')
const told = (description: string) => ({
  description,
  content: { 'application/json': { schema: correctionSchema } },
})

const list = guarded(
  { noun: 'devices', verb: 'read' },
  {
    ...{ method: 'get', path },
    summary: 'What was stated of a logger’s clock',
    description: 'Those that were taken back too.',
    request: { params },
    responses: {
      200: {
        description: 'By their time',
        content: { 'application/json': { schema: z.object({ items: z.array(correctionSchema) }) } },
      },
    },
  },
)

const state = guarded(
  { noun: 'devices', verb: 'write' },
  {
    ...{ method: 'post', path },
    summary: 'State that a logger’s clock was wrong',
    description:
      'Its readings from then to then are judged, shown and counted at the right times, those that come later too; alerts are restated with the cause `clock`. 409 when another correction is about a part of that time, or when readings of it are gone.',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: statedSchema } } },
    },
    responses: { 201: told('In force; what follows is judged in a moment') },
  },
)

const withdraw = guarded(
  { noun: 'devices', verb: 'write' },
  {
    ...{ method: 'post', path: `${path}/{correction}/withdraw` },
    summary: 'Take back what was stated of a logger’s clock',
    description: 'Everything is judged as if it had never been stated; that it was stays listed.',
    request: {
      params: params.extend({ correction: z.string().max(100) }),
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z.strictObject({ reason }).openapi('ClockWithdrawal'),
          },
        },
      },
    },
    responses: { 200: told('As it stands now') },
  },
)

export const clockCorrections = (deps: Deps) =>
  nounApp()
    .openapi(list, async (c) => {
      const { tenant } = c.get('identity')
      const { id } = c.req.valid('param')
      const { db } = c.get('ledger')
      await deviceOr404(db, tenant, id)
      const rows = await readClockCorrections(db, { tenant, device: id })
      return c.json({ items: rows.map(formatCorrection) }, 200)
    })
    .openapi(state, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { id } = c.req.valid('param')
      const { from, to = Infinity, aheadSeconds, reason } = c.req.valid('json')
      const stated = { from, to, aheadMs: Math.round(aheadSeconds * 1000) }
      const at = deps.now()
      await refuseGone(deps, changedFrom(stated))
      const own = { ...stated, to: Number.isFinite(to) ? to : null }
      const row = { tenant, device: id, id: randomUUID(), ...own, reason, at, by }
      await c.get('ledger').transact(async (db) => {
        await deviceOr404(db, tenant, id)
        refuseOverlap(await readClockCorrections(db, { tenant, device: id }), stated)
        await insertClockCorrection(db, row)
        await change(db, { row, kind: 'device.clock-corrected', by, at })
      }, marking(tenant))
      await changed(deps, row)
      const standing = { withdrawnAt: null, withdrawnBy: null, withdrawnReason: null }
      return c.json(formatCorrection({ ...row, ...standing }), 201)
    })
    .openapi(withdraw, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { id: device, correction } = c.req.valid('param')
      const { reason } = c.req.valid('json')
      const at = deps.now()
      const { db } = c.get('ledger')
      await deviceOr404(db, tenant, device)
      const all = await readClockCorrections(db, { tenant, device })
      const known = all.find(({ id }) => id === correction)
      if (!known) throw notFound(`no clock correction ${correction}`, 'path/correction')
      await refuseGone(deps, changedFrom({ ...known, to: known.to ?? Infinity }))
      const row = await c.get('ledger').transact(async (db) => {
        if (!(await withdrawClockCorrection(db, known, { at, by, reason })))
          throw conflict('it was taken back already')
        await change(db, { row: known, kind: 'device.clock-correction-withdrawn', by, at, reason })
        return { ...known, withdrawnAt: at, withdrawnBy: by, withdrawnReason: reason }
      }, marking(tenant))
      await changed(deps, row)
      return c.json(formatCorrection(row), 200)
    })

type Stated = Omit<ClockCorrectionRow, 'withdrawnAt' | 'withdrawnBy' | 'withdrawnReason'>

/** In the transaction: what it is about is judged anew, and the evidence says who wanted that. */
async function change(
  db: LedgerQuery,
  of: { row: Stated; kind: string; by: string; at: number; reason?: string },
): Promise<void> {
  const { row, kind, by, at, reason } = of
  const { tenant, device, id, from, to, aheadMs } = row
  const since = changedFrom({ from, to: to ?? Infinity, aheadMs })
  await markDirty(db, tenant, { devices: [device], since, cause: 'clock' })
  const record = {
    ...{ device, correction: id, from: formatTime(from), to: to === null ? null : formatTime(to) },
    ...{ aheadSeconds: aheadMs / 1000, reason: reason ?? row.reason },
  }
  await appendEvidence(db, { tenant, kind, by, at, record })
}

/** Whoever reads, and whoever judges, looks at once. */
async function changed(deps: Deps, { tenant, device }: Stated): Promise<void> {
  await deps.clocksChanged?.()
  await deps.onDeviceChange?.(tenant, device)
}

/** Hours that were made of readings which are gone cannot be moved. */
async function refuseGone(deps: Deps, since: number): Promise<void> {
  const { readingsFrom } = await deps.kept()
  if (since >= readingsFrom) return
  throw conflict(
    `it would change what was before ${formatTime(readingsFrom)}, where readings are gone and only hours of them are kept`,
    '/from',
  )
}

function refuseOverlap(
  known: readonly ClockCorrectionRow[],
  { from, to }: { from: number; to: number },
): void {
  if (known.length >= bounds.clockCorrectionsMax)
    throw conflict(`more than ${bounds.clockCorrectionsMax} corrections of one clock`)
  const other = known.find(
    (one) => one.withdrawnAt === null && one.from < to && from < (one.to ?? Infinity),
  )
  if (!other) return
  const until = other.to === null ? 'to this day' : `to ${formatTime(other.to)}`
  throw conflict(
    `correction ${other.id} is about ${formatTime(other.from)} ${until} already: take it back first`,
    '/from',
  )
}

const formatCorrection = (row: ClockCorrectionRow) => ({
  ...{ id: row.id, from: formatTime(row.from), to: row.to === null ? null : formatTime(row.to) },
  ...{ aheadSeconds: row.aheadMs / 1000, reason: row.reason, at: formatTime(row.at), by: row.by },
  withdrawn:
    row.withdrawnAt === null
      ? null
      : {
          ...{ at: formatTime(row.withdrawnAt), by: row.withdrawnBy ?? '' },
          reason: row.withdrawnReason ?? '',
        },
})
