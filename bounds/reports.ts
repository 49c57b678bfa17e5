// Bounds of reports for authorities and partners. Part of config-bounds.ts.

export const reportBounds = {
  /** Units that one report speaks of: a full truck of single packs. */
  reportUnitsMax: 100_000,
  /** Events of a bundle and of a transaction document: as many as one capture takes. */
  reportEventsMax: 20_000,
  /** Characters of the events of one report; the document is made in memory. */
  reportCharsMax: 14 * 1024 * 1024,
  /** Events looked at for a report over a time, and rows that it has. */
  reportLookMax: 50_000,
  reportRowsMax: 100_000,
  /** A workbook is made in memory, and spreadsheets open no more at ease. */
  reportSheetRowsMax: 50_000,
  /** Rows of a table as Parquet, which is made on disk; CSV has no such bound. */
  fileRowsMax: 1_000_000,
  /** Which events name a thing: a pallet that is used for years has some thousand. */
  reportMentionsMax: 1_000_000,
  /** Groups of units with a passport each on a printed report: a passport takes some 15 ms. */
  reportGroupsMax: 100,
  /** Pieces of the curve on a page: as many as are seen. */
  reportPointsMax: 480,
} as const
