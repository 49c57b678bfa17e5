// Bounds of what people do with findings, each with its reason; a part of config-bounds.ts. Numbers
// only.

export const qualityBounds = {
  /** Alerts shown with a group of the inbox; the others are counted, and asked for by its id. */
  inboxAlertsShown: 20,
  /** Groups of a page of the inbox: each comes with its alerts. */
  inboxPageMax: 200,
  /** Alerts that one step moves at once: those of a group, in one transaction. */
  groupStepsMax: 500,
  /** Alerts that are alike are looked for so far back, and at most so many are told. */
  similarDaysMax: 365,
  similarMax: 200,
  /** Units of one disposition: a pallet, not a warehouse; signed in one transaction. */
  dispositionUnitsMax: 100_000,
  /** Parts of one disposition. */
  dispositionPartsMax: 20,
  /** Units or containers that one part names: as many as a disposition has. */
  dispositionNamesMax: 100_000,
  /** A proposal: 100,000 Digital Links of some 100 characters, with room. */
  dispositionBytesMax: 16 * 1024 * 1024,
  /** Units named by one event of a disposition: half a megabyte. */
  dispositionEventUnits: 10_000,
  /** Units that are named when somebody else decided on them meanwhile; the rest is counted. */
  dispositionChangedShown: 50,
  /** Units of proposals that a page of a list looks at, to say on which somebody decided since. */
  dispositionListUnits: 50_000,
  /** Passports beside a page of a disposition: each is worked out when it is asked for. */
  recommendationsMax: 100,
  /** Units of a set whose passports are looked at together. */
  recommendedPage: 20_000,
  /** Passports that differ, of one set: each takes some 20 ms. */
  recommendedPassportsMax: 5000,
  /** Sets whose recommendations are remembered to say what changed, and their units in all. */
  recommendedRemembered: 20,
  recommendedUnitsRemembered: 500_000,
  /** Units in containers that a pick list looks at. */
  pickUnitsMax: 200_000,
  /** Documents of decisions captured at one look, and how often is looked for those left over. */
  outboxLookMax: 100,
  outboxLookMs: 5000,
  /** Revisions of an investigation: each is its whole record. */
  investigationRevisionsMax: 2000,
  /** Characters of a text that a person writes. */
  qualityTextMax: 10_000,
} as const
