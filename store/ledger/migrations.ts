// The migrations that make the ledger's tables, the same steps for SQLite and PostgreSQL, one file
// each in migrations/. A released migration is never edited: on SQLite it makes byte for byte the
// schema that it made then.
import type { Migration } from 'kysely/migration'
import { OperatorError } from '../../domain/refusal.ts'
import { createSpine } from './migrations/0001-spine.ts'
import { divideWork } from './migrations/0002-partitions.ts'
import { nameOnce } from './migrations/0003-identity.ts'
import { createQueries } from './migrations/0004-queries.ts'
import { createDeliveries } from './migrations/0005-deliveries.ts'
import { createSerialization } from './migrations/0006-serialization.ts'
import { createRecalls } from './migrations/0007-recalls.ts'
import { createScans } from './migrations/0008-scans.ts'
import { rememberBehaviour } from './migrations/0010-capture-behaviour.ts'
import { createLoads } from './migrations/0011-loads.ts'
import { createLimits } from './migrations/0012-limits.ts'
import { createProfileVersions } from './migrations/0014-rules.ts'
import { findRecallsByUnit } from './migrations/0016-recalls.ts'
import { createTransmissions } from './migrations/0017-transmissions.ts'
import { createCalibrations } from './migrations/0018-calibrations.ts'
import { watchSilence } from './migrations/0019-silence.ts'
import { createProfileChanges } from './migrations/0020-profile-changes.ts'
import { createCases } from './migrations/0021-cases.ts'
import { createAnomalyModels } from './migrations/0022-anomaly-models.ts'
import { findByKey } from './migrations/0023-names.ts'
import { createHandOverKeys } from './migrations/0024-hand-over-keys.ts'
import { watchClocks } from './migrations/0025-clocks.ts'
import { createPeople } from './migrations/0026-people.ts'
import { createQuality } from './migrations/0027-quality.ts'
import { createNotifications } from './migrations/0028-notifications.ts'
import { retireDevices } from './migrations/0029-retired.ts'
import { lookAhead } from './migrations/0030-silence-ahead.ts'
import { correctClocks } from './migrations/0032-clock-corrections.ts'
import { workOnDevices } from './migrations/0034-devices.ts'
import { keepBirths } from './migrations/0035-sparkplug-births.ts'
import { type Dialect, type Schema, type Words, words } from './migrations/words.ts'

export type { Dialect } from './migrations/words.ts'

/** In order. */
export const migrations: Record<string, (db: Schema, words: Words) => Promise<void>> = {
  '0001-spine': createSpine,
  '0002-partitions': divideWork,
  '0003-identity': nameOnce,
  '0004-queries': createQueries,
  '0005-deliveries': createDeliveries,
  '0006-serialization': createSerialization,
  '0007-recalls': createRecalls,
  '0008-scans': createScans,
  '0010-capture-behaviour': rememberBehaviour,
  '0011-loads': createLoads,
  '0012-limits': createLimits,
  '0014-rules': createProfileVersions,
  '0016-recalls': findRecallsByUnit,
  '0017-transmissions': createTransmissions,
  '0018-calibrations': createCalibrations,
  '0019-silence': watchSilence,
  '0020-profile-changes': createProfileChanges,
  '0021-cases': createCases,
  '0022-anomaly-models': createAnomalyModels,
  '0023-names': findByKey,
  '0024-hand-over-keys': createHandOverKeys,
  '0025-clocks': watchClocks,
  '0026-people': createPeople,
  '0027-quality': createQuality,
  '0028-notifications': createNotifications,
  '0029-retired': retireDevices,
  '0030-silence-ahead': lookAhead,
  '0032-clock-corrections': correctClocks,
  '0034-devices': workOnDevices,
  '0035-sparkplug-births': keepBirths,
}

export const migrationsFor = (dialect: Dialect): Record<string, Migration> =>
  Object.fromEntries(
    Object.entries(migrations).map(([name, up]) => [
      name,
      { up: (db) => up(db as Schema, words[dialect]) },
    ]),
  )

/**
 * What to say when migrating failed because a later release has migrated already: its tables are
 * not ours to guess at. Every change of what any store keeps comes with a migration here, so that
 * this one look keeps an older release off the whole data folder. Undefined for other errors.
 */
export function newerLedger(error: unknown, where: string): OperatorError | undefined {
  const said = error instanceof Error ? error.message : ''
  const name = /previously executed migration (\S+) is missing/.exec(said)?.[1]
  if (name === undefined) return undefined
  return new OperatorError(
    `the ledger ${where} was written by a newer release (its migration ${name} is not known here)`,
    'start that release again, or restore the backup made before the upgrade into an empty folder',
    error,
  )
}
