// Bounds of forecasts and of lane risk. Part of config-bounds.ts.

export const forecastBounds = {
  /** Readings of a channel that a forecast looks at: three days of one every 5 s. */
  forecastReadingsMax: 52_000,
  /** Event time between two looks ahead of a channel: what comes in minutes is seen in time. */
  forecastEveryMs: 240_000,
  /** Channels that wait for a look; more wait for their next reading. */
  forecastsWaitingMax: 5000,
  /** Devices of which is remembered what was said, some 500 bytes each. */
  forecastDevicesMax: 100_000,
  /** Older readings say nothing of what is to come; loggers send hourly at least. */
  forecastStaleMs: 3_600_000,
  /** Monitored containers that lane risk is worked out from at once. */
  laneMountsMax: 5000,
} as const
