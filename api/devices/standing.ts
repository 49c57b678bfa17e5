// How each of many loggers stands, for lists: when it was last heard, its battery, what it is
// mounted on and the worst that is known of it without going through its readings. A few questions
// for a page of loggers; the health of one (health.ts) looks at two weeks of what it said.

import { z } from '@hono/zod-openapi'
import type { Interval } from '../../domain/breach.ts'
import { calibrationFindings } from '../../domain/calibration.ts'
import { clockFindings } from '../../domain/clock.ts'
import { sessionFindings } from '../../domain/edge-session.ts'
import { type HealthFinding, healthCodes, healthKinds, lookAt } from '../../domain/health.ts'
import { severities } from '../../domain/profile/profile.ts'
import { readCalibrations } from '../../store/ledger/calibrations.ts'
import { readClocksOf } from '../../store/ledger/clocks.ts'
import { readEdgeRecordsOf } from '../../store/ledger/edge-sessions.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import type { Device } from '../../store/ledger/registry.ts'
import { mountedNow } from '../../store/ledger/trace.ts'
import type { Latest } from '../../store/series.ts'
import type { Deps } from '../deps.ts'
import { formatTime } from '../page.ts'
import { newestOf } from '../positions.ts'
import { toldFigures } from './schemas.ts'

export const standingSchema = {
  heardAt: z.string().nullable().optional().openapi({
    description: 'with `about`: event time of its newest reading',
  }),
  batteryPercent: z.number().nullable().optional(),
  container: z.string().nullable().optional().openapi({
    description: 'with `about`: what it is mounted on now',
  }),
  finding: z
    .object({
      kind: z.enum(healthKinds),
      severity: z.enum(severities as [string, ...string[]]),
      code: z.enum(healthCodes),
      figures: toldFigures,
      detail: z.string().openapi({ description: 'the same as an English sentence' }),
    })
    .nullable()
    .optional()
    .openapi({
      description:
        'with `about`: the worst of its clock, calibration, batteries and edge node; what its readings say is told by its health',
    }),
}

/** As the health of a logger looks back. */
const spanMs = 14 * 86_400_000

/** By id; heard of nothing while the series store is away. */
export async function standingOf(
  deps: Deps,
  db: LedgerQuery,
  { tenant, devices }: { tenant: string; devices: readonly Device[] },
) {
  const now = deps.now()
  const ids = devices.map(({ id }) => id)
  const window = { from: now - spanMs, to: now }
  const latest = await newestOf(deps, tenant, ids)
  const on = await mountedNow(db, tenant, { devices: ids, now })
  const clocks = await readClocksOf(db, { tenant, devices: ids }, window)
  const calibrations = await readCalibrations(db, tenant, ids)
  const sessions = await readEdgeRecordsOf(db, { tenant, ids })
  const told = devices.map(({ id, retired }) => {
    const rows = latest.get(id) ?? []
    const heard = rows.reduce<number | null>((last, { time }) => Math.max(last ?? time, time), null)
    const used = heard !== null && heard >= window.from
    const found = retired
      ? []
      : [
          ...clockFindings(clocks.get(id) ?? []),
          ...calibrationFindings(calibrations.get(id) ?? [], { asOf: now, used }),
          ...sessionFindings(sessions.get(id) ?? [], window),
          ...batteryFindings(rows, window),
        ]
    return [
      id,
      {
        heardAt: heard === null ? null : formatTime(heard),
        batteryPercent: rows.find(({ channel }) => channel === 'battery')?.value ?? null,
        container: on.get(id) ?? null,
        finding: worstOf(found),
      },
    ] as const
  })
  return new Map(told)
}

/** Of the newest levels alone: how fast one falls is a matter of two weeks of readings. */
function batteryFindings(rows: readonly Latest[], window: Interval): HealthFinding[] {
  return rows.flatMap(({ channel, ...newest }) =>
    lookAt({ channel, points: [newest], window, gapMs: Infinity }).filter(
      ({ kind }) => kind === 'battery',
    ),
  )
}

function worstOf(found: readonly HealthFinding[]) {
  const worst = found.toSorted(
    (a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity) || b.to - a.to,
  )[0]
  if (!worst) return null
  const { kind, severity, code, figures, detail } = worst
  return { kind, severity, code, figures, detail }
}
