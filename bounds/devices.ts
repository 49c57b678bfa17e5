// Bounds of what people do with devices: payloads that they paste, conformance of senders, sessions
// of the lab, edge nodes of Sparkplug.

export const deviceBounds = {
  /** Points of one certificate of calibration: more than any bath is set to. */
  calibrationPointsMax: 30,
  /** Loggers that one file registers, or one request retires, and the size of such a file. */
  devicesAtOnceMax: 5000,
  registryFileBytesMax: 2 * 1024 * 1024,
  /** The old token of a logger is good beside the new one for so long at most: 30 days. */
  tokenOverlapHoursMax: 720,
  /** A payload in the playground, in bytes: pasted by hand, decoded while a person waits. */
  playgroundBytesMax: 64 * 1024,
  /** Text of a body that is shown: what gzip makes of a small one may be 1000 times as long. */
  explainedBytesMax: 256 * 1024,
  /** Readings that the playground lists; it counts all. */
  playgroundReadingsMax: 500,
  /** The newest refusals of a device that its conformance is graded by. */
  refusalsGradedMax: 1000,
  /** A session of the lab: long enough for a logging interval of some minutes and an outage. */
  labMinutesMax: 12 * 60,
  labFaultsMax: 20,
  /** Under way at once in the installation: each decodes the packets of its device once more. */
  labSessionsMax: 20,
  /** The newest of a tenant, which stay to be read; and as many as one list shows. */
  labSessionsKeptMax: 100,
  labSessionsListed: 25,
  /** How exactly moments of faults are kept. */
  labTickMs: 250,
  /** How often each process keeps what it saw of sessions, and looks what others know of them. */
  labSyncMs: 2000,
  /** A process that did not say for so many looks that it lives is dead. */
  labSilentLooksMax: 5,
  /** What a session remembers; a device that sends more has its session ended. */
  labPacketsMax: 5000,
  labEntriesMax: 20_000,
  labConnectsMax: 1000,
  labRefusedConnectsMax: 500,
  labRefusalsPerPacketMax: 10,
  /** Births of Sparkplug B kept of one tenant: beyond, no further nodes and devices are known. */
  birthsPerTenantMax: 100_000,
  /** Metrics of births held in memory; those of nodes that were silent longest are read again. */
  bornMetricsMax: 500_000,
  /** An edge node is asked for its births at most so often: they may be thousands of metrics. */
  rebirthEveryMs: 60_000,
  /** Edge nodes whose sessions are followed, and of which it is known when they were asked. */
  rebirthNodesMax: 10_000,
  /** How often births, deaths and gaps are written, of how many, and how many may wait for it. */
  edgeSessionsSaveMs: 2000,
  edgeSessionsPerTenantMax: 100_000,
  edgeChangesMax: 1000,
} as const
