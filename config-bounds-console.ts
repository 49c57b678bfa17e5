// Bounds of lists that the console asks for. Part of config-bounds.ts.

export const consoleBounds = {
  /** A map of all shipments in a few answers; each asks the series store once per logger. */
  positionsPageMax: 500,
  /** A serial number alone is looked for among so many products: one key each. */
  searchProductsMax: 1000,
} as const
