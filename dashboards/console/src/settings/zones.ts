// Time zones that the browser knows, UTC first.

export const zones = (): string[] => [
  'UTC',
  ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC'),
]

/** Servers know zones by older names, too. */
export const zonesWith = (zone: string): string[] =>
  zones().includes(zone) ? zones() : [zone, ...zones()]
