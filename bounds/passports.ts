// Bounds of exposure passports. Part of config-bounds.ts.

export const passportBounds = {
  /** Readings and hours of one passport, some 100 bytes each: a year of a reading a minute. */
  passportReadingsMax: 600_000,
  /** Legs of one passport: a unit that was packed anew each hour for a year has some 9,000. */
  passportLegsMax: 10_000,
  /** Limits that one passport is asked for. */
  passportLimitsMax: 20,
  /** Keys of hand-overs of one tenant: all are looked through for each signature. */
  handOverKeysMax: 1000,
  /** Readings of one look for units beyond a limit: 5,000 loggers for a month, every 5 minutes. */
  exposureReadingsMax: 50_000_000,
  /** Loggers whose days are asked for at once: a parameter of a statement each. */
  extremesDevicesMax: 500,
  /** Readings and hours remembered of what passports read: some 100 MB. */
  seriesMemoryMax: 4_000_000,
  /** Two years: a longer span is read past the memory, which it would fill. */
  seriesMemoryHoursMax: 17_568,
} as const
