// Bounds of what looks for diversion and counterfeits, each with its reason.

export const caseBounds = {
  /** Rows of one session about one unit: other places and labels than these tell nothing more. */
  sightingWaysMax: 16,
  /** Sessions that looked at one shipment, or units that one session looked at. */
  sightingsMax: 20_000,
  /** Marks taken at once: each may be a capture that names 100,000 units. */
  suspectsAtOnce: 20,
  /** Units of one event that were never in a container and are looked at each by itself. */
  looseUnitsMax: 1000,
  /** Units of a shipment that are looked at: more is no pallet but a store. */
  suspectUnitsMax: 20_000,
  /** Readings of a logger of a shipment, all channels: 60 days of one a minute. */
  shipmentReadingsMax: 600_000,
  /** Loggers beside those of a shipment that are compared with them, and readings of each. */
  loggersBesideMax: 6,
  readingsBesideMax: 20_000,
  /** Readings kept while several shipments are looked at: some 30 MB. */
  readingsAtOnceMax: 500_000,
  /** They were put on so nearly at the same time: a vehicle is loaded in that. */
  loadedWithinMs: 2 * 3_600_000,
  /** Findings of a subject that are kept; each detector's strongest first. */
  findingsMax: 2000,
  /** Places with fences of a tenant. */
  placesMax: 20_000,
  /** A shipment is looked at again after so long, however much comes in. */
  suspectsEveryMs: 2000,
  /** A logger under way is looked at again after so long: its readings are read anew. */
  deviceLookMs: 10 * 60_000,
} as const
