// Calibrations as device bodies tell them, and as devices show the newest. Judges nothing.
import { type Calibration, calibrationYearMs } from '../../domain/calibration.ts'
import {
  type Certificate,
  putCalibration,
  readCalibrations,
} from '../../store/ledger/calibrations.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { formatTime } from '../page.ts'

export interface ToldCalibration extends Pick<Certificate, 'certificate' | 'laboratory'> {
  calibratedAt?: number | undefined
  calibrationDue?: number | undefined
}

/** One that only says when the next is due speaks from the beginning. */
export async function keepCalibration(
  db: LedgerQuery,
  of: { tenant: string; device: string },
  { calibratedAt, calibrationDue, certificate, laboratory }: ToldCalibration,
): Promise<void> {
  if (calibratedAt === undefined && calibrationDue === undefined) return
  const since = calibratedAt ?? 0
  const dueAt = calibrationDue ?? since + calibrationYearMs
  await putCalibration(db, of, { calibratedAt: since, dueAt, certificate, laboratory })
}

/** What is shown of each device, by its id; nothing of those nobody told of. */
export async function shownCalibrations(
  db: LedgerQuery,
  tenant: string,
  devices: readonly string[],
): Promise<Map<string, { calibratedAt?: string; calibrationDue: string }>> {
  const known = await readCalibrations(db, tenant, devices)
  return new Map([...known].map(([device, all]) => [device, formatCalibration(all.at(-1)!)]))
}

const formatCalibration = ({ calibratedAt, dueAt }: Calibration) => ({
  ...(calibratedAt > 0 && { calibratedAt: formatTime(calibratedAt) }),
  calibrationDue: formatTime(dueAt),
})
