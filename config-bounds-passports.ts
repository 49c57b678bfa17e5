// Bounds of exposure passports. Part of config-bounds.ts.

export const passportBounds = {
  /** Readings and hours of one passport, some 100 bytes each: a year of a reading a minute. */
  passportReadingsMax: 600_000,
  /** Legs of one passport: a unit that was packed anew each hour for a year has some 9,000. */
  passportLegsMax: 10_000,
  /** Limits that one passport is asked for. */
  passportLimitsMax: 20,
} as const
