// Bounds of files of other systems, each with its reason; a part of config-bounds.ts. Numbers only.

export const loadBounds = {
  /** A file, or a part of one, in one request: about half a million rows. Clients send parts. */
  loadBytesMax: 64 * 1024 * 1024,
  /** A row with its line breaks; an open quote swallows no more than this. */
  loadRowCharsMax: 64 * 1024,
  loadColumnsMax: 500,
  /** A cell that the mapping names: no key, date or URI is longer. */
  loadCellCharsMax: 1000,
  /**
   * Rows whose groups are formed together and that are kept as one capture. Part of the rule of
   * grouping: another number would give other events.
   */
  loadWindowRows: 5000,
  /** EPCs of one event: who asks for one unit reads the whole event. As above. */
  loadEpcsPerEvent: 1000,
  /** Characters of the events of one capture. Not part of that rule. */
  loadDocumentChars: 4 * 1024 * 1024,
  /** Rows that the command line sends at once; a multiple of loadWindowRows. */
  loadPartRows: 50_000,
  /** Refused rows kept of a load; with more the mapping is wrong, and the load ends. */
  loadRefusedMax: 100_000,
  /** Characters kept of a refused row. */
  loadRowKeptChars: 4000,
  /** Mappings of a tenant. */
  mappingsMax: 1000,
  /** Pairs of one code table of a mapping. */
  mappingValuesMax: 1000,
  /** Values remembered of each column, so that what repeats is read once. */
  loadMemoMax: 5000,
} as const
