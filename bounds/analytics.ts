// Bounds of judging readings again (waypoints, back-tests, changes of profiles) and of scoring how
// unusual they are. Part of config-bounds.ts.

export const analyticsBounds = {
  /** Loggers looked at in one transaction, whether they are silent: readings wait meanwhile. */
  silenceLooksMax: 500,
  /** How quickly messages came is kept so long: health looks at weeks. */
  clockLooksKeptMs: 90 * 86_400_000,
  /** Stated corrections of one clock, those taken back too: every reading looks through them. */
  clockCorrectionsMax: 100,
  /** A clock may be wrong by so much: a year, as one set to last January is. */
  clockCorrectionMsMax: 400 * 86_400_000,
  /** Corrections that another process was told of are seen by reads after so long at most. */
  clockCorrectionsRenewMs: 5000,
  /** Text of waypoints in memory: 2,000 devices of a year and ten rules have some 20 MB. */
  waypointCharsMax: 32 * 1024 * 1024,
  /** Threads of a back-test: beside the one of packets and the one of the series store. */
  backTestThreads: 2,
  /** Units that one back-test counts, some 200 bytes each. */
  backTestUnitsMax: 2_000_000,
  /** Excursions that a report lists by name; it counts all. */
  backTestListMax: 100,
  /** Back-tests at once in a process: each has threads of its own. */
  backTestsAtOnce: 1,
  /** Back-tests that wait for their turn. */
  backTestsWaitingMax: 20,
  /** How often a running back-test tells how far it is, and after how long it is taken for dead. */
  backTestTellMs: 2000,
  backTestSilentMs: 120_000,
  /** Before the readings that are asked for: what a channel usually does shows in some weeks. */
  anomalyLookBackMs: 28 * 86_400_000,
  /** Readings scored for one answer, of which most are looked back on: about half a second. */
  anomalyReadingsMax: 40_000,
  /** Less says nothing of what hours of the day are like, nor of what a model learned from it. */
  anomalyLearnReadingsMin: 500,
  /** A model of more is not better, and trains longer; more readings are thinned out evenly. */
  anomalyLearnReadingsMax: 6000,
  /** Models that are trained at once in a process: each takes a core for seconds. */
  anomalyTrainingsMax: 1,
  /** Versions kept of each channel. */
  anomalyVersionsKept: 20,
} as const
