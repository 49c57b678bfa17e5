// Every bound that no setting changes, each with its reason. Numbers only. Those of one part each
// are in the files beside it.
import { analyticsBounds } from './bounds/analytics.ts'
import { caseBounds } from './bounds/cases.ts'
import { deviceBounds } from './bounds/devices.ts'
import { forecastBounds } from './bounds/forecasts.ts'
import { loadBounds } from './bounds/loads.ts'
import { passportBounds } from './bounds/passports.ts'
import { peopleBounds } from './bounds/people.ts'
import { qualityBounds } from './bounds/quality.ts'
import { reportBounds } from './bounds/reports.ts'
import { strangerBounds } from './bounds/strangers.ts'
import { tellingBounds } from './bounds/telling.ts'
import { tracingBounds } from './bounds/tracing.ts'

export const bounds = {
  /** A PUBLISH or any other control packet: a day of minute readings as JSON is about 150 KB. */
  packetBytesMax: 1024 * 1024,
  /** A gzip body may grow to so much; beyond, it is a bomb. */
  inflatedBytesMax: 8 * 1024 * 1024,
  /** Readings in one packet; more is a file, and files have their own way in. */
  readingsPerPacketMax: 20_000,
  /**
   * Refusals listed for one packet or file; a body of a million faults must not become a million
   * rows.
   */
  refusalsPerInputMax: 1000,
  /** Longer names are no channel: lookups stay cheap whatever a packet calls its fields. */
  channelNameCharsMax: 64,
  /**
   * Colons, commas and opening brackets in a JSON body, outside of texts: 20,000 readings of one
   * object each have 240,000.
   */
  jsonMarksMax: 400_000,
  /** Elements and attributes of an XML body: a tree of millions takes seconds and gigabytes. */
  xmlNodesMax: 400_000,
  /** The 64 levels of extensions that an event may have, and what stands around it. */
  xmlDepthMax: 80,
  /** Of one element: more is an attack on whoever compares their names. */
  xmlAttributesMax: 100,
  /** Items of a CBOR body: 20,000 records of seven labels are 300,000. */
  cborItemsMax: 400_000,
  /** Levels of a CBOR body. A SenML pack needs two; unknown labels may hold a little more. */
  cborDepthMax: 16,
  /** Levels of a topic: ours have four, Sparkplug five; Aedes walks a trie as deep as the topic. */
  topicLevelsMax: 16,
  topicBytesMax: 1024,
  clientIdBytesMax: 256,
  /**
   * A CONNECT comes from somebody unknown: names, a password and a small will fit, nothing else.
   */
  connectBytesMax: 16 * 1024,
  /**
   * Silence and connect time are counted in sweeps over all connections, not by a timer for each.
   */
  sweepMs: 250,
  /**
   * Bytes of packets that have not wholly come, all connections: beyond it the greediest is closed.
   */
  partialBytesMax: 64 * 1024 * 1024,
  /** Filters of one SUBSCRIBE and of one session. */
  subscriptionsMax: 256,
  /** Sessions kept for absent clients; who stayed away longest is forgotten first. */
  sessionsMax: 20_000,
  connectTimeoutMs: 10_000,
  /**
   * A client without keep-alive (0) or with a longer one is closed after this silence times 1.5.
   */
  keepAliveMaxSeconds: 3600,
  connectionsMax: 20_000,
  /**
   * Connections the system may hold for us to take: after a power cut all loggers come back at
   * once.
   */
  listenBacklog: 4096,
  /** Packets that a client may pipeline behind its CONNECT before it is answered. */
  connectQueueMax: 1000,
  /** Bytes received but not yet durable, all connections: beyond it sockets are not read. */
  unackedBytesMax: 32 * 1024 * 1024,
  /** Bytes a subscriber may leave unread before it is closed. */
  subscriberBacklogBytesMax: 4 * 1024 * 1024,
  /** QoS 1/2 packets kept for an absent clean=false session. */
  offlineQueueMax: 1000,
  offlineBytesMax: 4 * 1024 * 1024,
  inflightInboundMax: 100,
  retainedMax: 10_000,
  retainedBytesMax: 32 * 1024 * 1024,
  drainTimeoutMs: 5000,

  /** A packet that brokers tell each other is in base64 within JSON, and NATS takes 1 MiB. */
  announcedBytesMax: 512 * 1024,
  /** Two brokers that got the same client id within this time may not have heard of each other. */
  takeoverRaceMs: 1000,

  /** As the client of another broker: a dead one is noticed after one and a half of these. */
  upstreamKeepAliveMs: 30_000,
  /** Waits before the next try, growing from first to last: short, because a broker that has just
   * started may not know our subscription any more. */
  upstreamRetryMs: [50, 2000],
  /** Each has its own window of unacknowledged packets at the other broker: 32 at EMQX. */
  upstreamConnectionsMax: 64,
  /** Filters of one SUBSCRIBE. */
  upstreamTenantsMax: 256,

  /** Group commit: wait at most so long for company, or until so much is there. */
  commitWindowMs: 2,
  commitBytes: 32 * 1024,
  commitBytesMax: 1024 * 1024,
  /**
   * A saved cursor waits at most so long for a commit to ride along with; lost, it costs a replay.
   */
  cursorWindowMs: 200,
  /** Waits after a failed commit (full disk), growing from first to last. */
  commitRetryMs: [50, 2000],

  /**
   * Shares of a bound of the log at which senders are told to wait, and at which they may go on.
   * Above the first there must be room for what they already sent.
   */
  logPressShare: 0.9,
  logRelieveShare: 0.75,
  /** Not yet durable: beyond it appends are refused, for senders did not heed the pressure. */
  logPendingBytesMax: 64 * 1024 * 1024,

  /**
   * Batches of the log kept decoded, because followers read the same ones shortly after each other.
   */
  readCacheBytesMax: 4 * 1024 * 1024,

  /** What one step of a follower takes. */
  followCountMax: 4096,
  followBytesMax: 2 * 1024 * 1024,
  followRetryMs: [100, 2000],
  /** When a read found nothing where something should be, it is tried again after so long. */
  followLookMs: 20,
  /** Steps of the recorder may be larger: a store takes much at once better than little often. */
  recordCountMax: 8192,
  /** Rows of one write; as many are decoded meanwhile. Two requests of influxLinesMax. */
  recordRows: 10_000,
  /** A step begins at most so often: each costs a durable transaction, however little it takes. */
  recordEveryMs: 100,
  detectEveryMs: 100,
  /** Envelopes a step works through before it lets acknowledgements leave: a few milliseconds. */
  followSlice: 256,
  /** Packets decoded by one follower and kept for the other, and what such a packet may hold. */
  decodedKeptMax: 8192,
  decodedReadingsMax: 16,
  trimEveryMs: 5000,
  /** Batches dropped in one transaction, so that commits never wait long behind a trim. */
  trimBatchesMax: 1000,

  /** NATS: how long opening waits for a leader, which a cluster elects within some seconds. */
  natsOpenMs: 10_000,
  /** Waits between two tries to connect. */
  natsReconnectMs: 250,
  /** A dead connection is noticed after two to three of these. */
  natsPingMs: 2500,
  /** A request without an answer for so long is sent again; what was stored is not stored twice. */
  natsRequestMs: 2000,
  /** Waits after a publish that was not stored, growing from first to last. */
  natsRetryMs: [20, 500],
  /** How long a stream recognizes what comes again; NATS keeps the ids in memory. */
  natsDuplicateWindowMs: 120_000,
  /** A batch waits so long for company: each costs servers and readers more than one of LMDB. */
  natsWindowMs: 5,
  /** What a batch may hold, unless a single envelope is larger. */
  natsBatchBytesMax: 192 * 1024,
  /** Tickets not yet durable, a power of two: 8 bytes each. */
  natsTicketsMax: 2 ** 18,
  /** Batches of one partition that are fetched before they are asked for, and kept for others. */
  natsAheadMax: 16,
  natsAheadBytesMax: 1024 * 1024,
  natsCacheBytesMax: 2 * 1024 * 1024,
  /** Streams are asked for their ends and sizes so often, in case a tick was lost. */
  natsPollMs: 1000,
  /** A cursor is told so often, while it moves. */
  natsCursorEveryMs: 50,
  /** A lease that is not renewed for so long is free; the wait for work of a dead process. */
  natsLeaseMs: 4000,
  natsLeaseEveryMs: 1000,
  /** Topics listened to are told so often, and believed so long. */
  natsHeedEveryMs: 5000,
  natsHeedMs: 15_000,
  /** Runs of parts and writers remembered by who listens to what others append. */
  natsForeignWritersMax: 1000,

  /** DuckDB: what the hot table may hold before it is sorted away. */
  hotRowsMax: 2_000_000,
  seriesMemory: '192MB',
  /** Beyond so many unsorted rows a write waits for the sorting: reads scan all of them. */
  hotRowsFactorMax: 4,
  /** Rows of one sorted table: more did not sort within seriesMemory beside a writer (measured). */
  sortedRowsMax: 8_000_000,
  /** Reads of the series store that may wait for one another; beyond, callers back off. */
  seriesReadsMax: 256,
  seriesPointsMax: 100_000,
  /** How often readings past their time are looked for. */
  retentionEveryMs: 6 * 3_600_000,
  /**
   * A store that drops readings by itself must do so so much later than we do: their hours are made
   * before.
   */
  retentionMarginDays: 2,
  /** Hours of one write, and readings of one channel read at once to make them. */
  hoursPerWrite: 5000,
  hoursReadings: 20_000,

  /** InfluxDB: lines of one request, and requests under way; more of either gained nothing. */
  influxLinesMax: 5000,
  influxWritesMax: 2,
  influxReadsMax: 8,
  /** A request without an answer for so long is given up; its lines may be stored all the same. */
  influxTimeoutMs: 10_000,
  /** Longest wait a server may ask for with Retry-After. */
  influxRetryAfterMs: 60_000,
  /** While InfluxDB is away it is asked this often whether it is back. */
  influxProbeMs: 5000,
  /** Series whose newest reading is remembered, some 300 bytes each; beyond, all are looked up. */
  influxSeriesMax: 200_000,
  /** Statements of one InfluxQL request: 0.4 ms each on the server. */
  influxStatementsMax: 100,
  /** Points of one answer; what is longer comes in pages. */
  influxPageMax: 20_000,
  /** Late readings of a series that are closer than this are looked up with one statement. */
  influxLookupGapMs: 600_000,
  influxLookupMax: 1000,
  /** Values kept for one moment of one series; a device that sends more of them is out of order. */
  influxRivalsMax: 100,
  /**
   * After a full disk, until InfluxDB 1.x has surely moved what it holds in memory to its files: it
   * does so 10 minutes after the last write.
   */
  influxTornMs: 660_000,

  /** Devices whose sums the detector keeps in memory; beyond, all are read again as they come. */
  detectorMemoryMax: 50_000,
  /**
   * Marked devices judged anew in one go, how long a sweep waits for the series store, and when it
   * tries again.
   */
  sweepDevices: 100,
  sweepWaitMs: 500,
  sweepRetryMs: 2000,
  /** How often a device is judged beside its own new readings, before these have to wait. */
  sweepAttempts: 3,

  /** SQLite: others have their turn after so long at the ledger, at the end of a statement. */
  ledgerTurnMs: 10,
  /** Prepared statements of the ledger that are kept, and the longest text worth it. */
  statementsMax: 500,
  statementCharsMax: 4000,

  /** PostgreSQL: connections of one process. Followers take three, requests share the others. */
  ledgerPoolMax: 10,
  /** Waits for a connection, and closes one that nobody wanted for so long. */
  ledgerConnectMs: 5000,
  ledgerIdleMs: 30_000,
  /** A statement may take so long: a capture of 100,000 units waits for the one before it. */
  ledgerStatementMs: 60_000,
  /** A hanging process keeps rows locked no longer, or nobody could take its work over. */
  ledgerIdleTransactionMs: 8000,
  /** Transactions that were in each other's way run again so often, after a growing random wait. */
  transactTriesMax: 10,
  transactRetryMs: 20,
  /** Rows worth a COPY: below, the temporary table it needs costs more than it saves (measured). */
  copyRowsMin: 1000,
  /** Names in one array of a query: fewer cost more round trips, more gain nothing (measured). */
  arrayNamesMax: 5000,
  /** Names of one event and role that are worth a statement of their own (measured). */
  mentionsApartMin: 50,
  /** Statistics are renewed when the rows of one COPY are more than a tenth of the table. */
  statisticsFactor: 10,
  /** Tenants whose view of the ledger is kept. */
  tenantViewsMax: 1000,

  /** Bodies of events are compressed from this size on: smaller ones hold little that repeats. */
  packedBodyMin: 1024,
  /**
   * Rows of events that one page of an EPCIS query looks at, and characters of their bodies; a page
   * may come short. Parsing one costs some 30 µs and more with many EPCs.
   */
  queryRowsMax: 5000,
  queryCharsMax: 64 * 1024 * 1024,
  /** Rows asked for at once, of which bodies are read and parsed so many together. */
  queryChunkRows: 500,
  queryBatchRows: 100,
  queryBatchBytes: 1024 * 1024,
  /** EPCs that one pattern may stand for; of more, the events are looked through instead. */
  queryEpcsMax: 2000,
  /** Events that name the EPCs asked for, looked up by number; more are gone through in order. */
  queryNamedMax: 20_000,
  /** Rows looked at to count events (maxEventCount) or to sort them by a field; a few seconds. */
  queryScanMax: 100_000,
  querySortedMax: 20_000,
  /** Named queries of a tenant, and the longest name. */
  queriesMax: 1000,
  queryNameCharsMax: 200,
  /** How long a token of a next page is promised to do. */
  pageTokenMs: 24 * 3_600_000,

  captureBytesMax: 16 * 1024 * 1024,
  captureEventsMax: 20_000,
  /**
   * Members and elements of a capture in JSON, as jsonMarksMax: 20,000 events of 25 fields, or
   * 100,000 EPCs in any.
   */
  captureMarksMax: 1_000_000,
  epcsPerEventMax: 100_000,
  /** How long a stopping server waits for requests under way. */
  requestDrainMs: 3000,
  /** How long a stopping follower waits for its step; then the series store is closed under it. */
  stopPatienceMs: 3000,
  requestBytesMax: 1024 * 1024,
  importBytesMax: 64 * 1024 * 1024,
  /**
   * Readings of a logger file per envelope of the log: about 250 KB of JSON, far below
   * packetBytesMax.
   */
  importChunkReadings: 5000,
  /** Readings of a channel that health looks at: 14 days of one every 15 s. */
  healthReadingsMax: 100_000,
  /** Loggers in the same box that one is compared with. */
  healthSiblingsMax: 20,
  /** Of equipment data on the wire (Interoperable CCE Data Delivery, 1.4). */
  transmissionBytesMax: 1024 * 1024,
  /** Compartments of one transmission: each that is new becomes a device. */
  transmissionDevicesMax: 1000,
  /** Records of a compartment per envelope; each has some twenty readings at most. */
  transmissionChunkRecords: 500,
  pageMax: 1000,
  pageDefault: 100,
  serialPageMax: 5000,
  /** Channels a device may declare beside the built-in ones. */
  channelsPerDeviceMax: 100,
  /** Answers kept per route for requests that come again with their Idempotency-Key. */
  idempotencyKeysMax: 1000,
  /** Of a container's contents, what a list of shipments counts; beyond it says "at least". */
  shipmentUnitsMax: 10_000,
  /** Of each refused packet, what a list shows; the whole has a link. */
  refusalHeadBytes: 16 * 1024,
  /** Alerts shown of one unit. */
  unitAlertsMax: 100,
  streamClientsMax: 200,
  /** Newest readings of a device reach the live stream at most so often. */
  streamReadingsEveryMs: 2000,
  streamHeartbeatMs: 15_000,
  streamBacklogMax: 1000,
  /**
   * Nesting of containers: item, case, pallet, container, vehicle, and much room to spare. What is
   * nested deeper is told by its capture job.
   */
  containmentDepthMax: 100,
  /** Legs named in the diff of a revision; all of them stand in the revisions themselves. */
  diffLegsMax: 50,
  serialSetMax: 2_000_000,
  serialChunk: 5000,
  /** Refusals kept per device; the oldest go first, counted. */
  refusalsPerDeviceMax: 10_000,

  /** How often a change of health is looked for, to log it. */
  partsEveryMs: 1000,
  /** Figures do not wait longer for a store. */
  metricsWaitMs: 500,
  /** A request or a step that takes longer is logged, of many the first in a while. */
  slowRequestMs: 2000,
  slowStepMs: 5000,
  slowLineEveryMs: 10_000,
  /** Spans that wait to be sent, and how many go at once; beyond it they are dropped. */
  traceSpansMax: 4096,
  traceSpansPerExportMax: 512,
  traceEveryMs: 2000,
  /** A receiver of traces that takes longer is away; also how long a stopping server waits. */
  traceExportMs: 3000,
  /** Requests remembered until a follower takes what they brought. */
  traceOriginsMax: 1000,

  ...caseBounds,
  ...peopleBounds,
  ...qualityBounds,
  ...tellingBounds,
  ...tracingBounds,
  ...strangerBounds,
  ...deviceBounds,
  ...reportBounds,
  ...forecastBounds,
  ...loadBounds,
  ...analyticsBounds,
  ...passportBounds,

  /** The doctor reads a store so long; a large one is looked at in part. */
  doctorReadMs: 15_000,
  /** A file of an export, in characters before gzip; taken in as one transaction. */
  exportChunkChars: 8 * 1024 * 1024,
  /** Rows of a table, and readings of a channel, read at once for an export. */
  exportPageRows: 500,
  exportPoints: 20_000,
  /** Backups that a server keeps: the oldest go, or they would fill the disk of the log. */
  backupsMax: 7,
} as const
