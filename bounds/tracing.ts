// Bounds of following units: their journeys, recalls and causes. Part of config-bounds.ts.

export const tracingBounds = {
  /**
   * Captures that are read together and applied in one transaction, and for how long one takes more
   * of them: whoever else wants to write waits so long.
   */
  captureTogetherMax: 256,
  captureTogetherMs: 100,
  /** Events whose persistent dispositions are remembered, some 100 bytes each. */
  toldEventsMax: 50_000,
  /** What is inside a container, shown page by page: numbers in memory. */
  contentMax: 200_000,
  /** Steps and things of one trace through transformations. */
  traceDepthMax: 50,
  traceDepthDefault: 10,
  traceNodesMax: 5000,
  /** Units of a lot that stand for it when a trace goes through their transformations. */
  traceMembersMax: 10_000,
  /** Conditions of one recall, and values of one condition. */
  recallConditionsMax: 20,
  recallValuesMax: 10_000,
  /** Events looked through for a condition that no index knows. */
  recallEventsMax: 200_000,
  /** Recalls of a tenant that are open at once: each is looked at again after captures. */
  recallsOpenMax: 100,
  /** Revisions name so many units that joined or left; the sets have all. */
  recallDiffMax: 50,
  /** Units looked at together, to let others come between. */
  recallPage: 20_000,
  /** Recalls are looked at again so often while captures come in, and rest ten times their work. */
  recallLookMs: 5000,
  /** Units of each side of a contrast; of more, an even sample is taken. */
  causeUnitsMax: 20_000,
  /** Different values that are compared. */
  causeAttributesMax: 20_000,
  /** Causes of one answer. */
  causesShownMax: 100,
  /** Cycles of an asset on one page, each of which counts all units inside; and places of one. */
  cyclesPerPageMax: 100,
  cyclePlacesMax: 100,
  /** Scans of one container's label that are kept: a scanner that does not stop has more. */
  armingsPerContainerMax: 1000,
  /** Of what is directly in a container and what is in that, a list looks at so many each. */
  cargoLookMax: 10,
  cargoLookBelowMax: 2,
  /** And so many levels down, or up: a crate in a pallet in a container on a lorry is four. */
  cargoDepthMax: 6,
  /** Events of a page of shipments: hardly any is named by more than a hundred. */
  journeyEventsMax: 50_000,
  /** A map of all shipments in a few answers. */
  positionsPageMax: 500,
  /** A serial number alone is looked for among so many products: one key each. */
  searchProductsMax: 1000,
} as const
