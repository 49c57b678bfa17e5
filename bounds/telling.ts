// Bounds of webhooks and subscriptions, each with its reason; a part of config-bounds.ts. Numbers
// only.

export const tellingBounds = {
  /** Webhooks and subscriptions of a tenant: each is looked at as long as it is behind. */
  endpointsMax: 1000,
  /** Events for endpoints are looked for so often, in case nobody told of them. */
  deliverLookMs: 1000,
  /** Endpoints told at once: as many may hang until webhookTimeoutMs. */
  deliverRunsMax: 32,
  /** Messages to one endpoint before the others have their turn. */
  deliverRunMessages: 100,
  /** Messages written ahead for an endpoint; further ones wait where they came from. */
  outboxMax: 100,
  /** Notices and events looked at in one transaction for an endpoint. */
  outboxLook: 500,
  /** An alert is told when it has not changed for so long: an upload takes that long at most. */
  tellQuietMs: 1500,
  /** One that keeps changing is told after so long all the same. */
  tellPatienceMs: 30_000,
  /** Notices given their place in one transaction. */
  noticesPlacedMax: 500,
  /** Waits before each attempt after the first (Standard Webhooks 1.0, Retry schedule): 3 days. */
  webhookRetryMs: [
    5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000,
    86_400_000,
  ],
  /** Longest wait a receiver may ask for with Retry-After. */
  webhookRetryAfterMs: 86_400_000,
  /** Standard Webhooks: 15 to 30 s, from the look-up of the name to the end of the answer. */
  webhookTimeoutMs: 15_000,
  /** Of an answer nothing but its status counts; what is longer is not read. */
  webhookAnswerBytesMax: 16 * 1024,
  /** A claim on an endpoint that is not renewed is free; twice as long as an attempt may take. */
  endpointLeaseMs: 30_000,
  /** A replaced secret signs beside the new one so long. */
  secretOverlapMs: 86_400_000,
  secretsMax: 3,
  /** Attempts kept of a message. */
  attemptsKept: 20,
  /** What happened can be told again so long; delivered messages are shown so long. */
  noticesKeptMs: 30 * 86_400_000,
  deliveriesKeptMs: 7 * 86_400_000,
  forgetEveryMs: 3_600_000,
  /** Messages of one replay. */
  replayMax: 1000,
  /** Of one message to a subscriber. */
  subscriptionEventsMax: 100,
  subscriptionBytesMax: 1024 * 1024,
  /** Events read at once for a subscription, and their characters that one transaction reads. */
  subscriptionPage: 20,
  subscriptionLookBytes: 4 * 1024 * 1024,
  /** Subscriptions over WebSocket of this process; each holds one message that is under way. */
  eventSocketsMax: 200,
  eventSocketPingMs: 30_000,

  /** Ways to people of a tenant: beside webhooks, within endpointsMax. Each reads every notice. */
  notificationChannelsMax: 500,
  /** Rules of a tenant: each is asked about each notice for each channel it names. */
  notificationRulesMax: 200,
  /** Of a rule: rungs of its ladder, channels of a rung, entries of a condition. */
  ruleStepsMax: 8,
  ruleChannelsMax: 50,
  ruleEntriesMax: 200,
  /** The last rung comes within a week; later, nobody waits for it any more. */
  ruleAfterMinutesMax: 7 * 1440,
  /** Between two messages to one person unless they chose another time: a storm is a few mails. */
  notifySpacingMs: 600_000,
  /** Things named in one message; the rest is counted. Teams takes 28 KB, Slack 50 blocks. */
  notifyItemsMax: 10,
  /** Of a name in a message: EPCs have less than 100. */
  notifyValueCharsMax: 160,
  /** What waits for one channel and is looked at in one transaction. */
  notifyLookMax: 20_000,
  /** Waits before each attempt at a person; then the message is dead: a day later it is stale. */
  notifyRetryMs: [5_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000, 14_400_000, 64_800_000],
  /** Reports of a tenant that are sent again and again, and who gets one of them. */
  reportSchedulesMax: 100,
  reportReceiversMax: 50,
  /** An attachment: many servers for mail take 25 MB, and base64 makes it a third larger. */
  reportMailBytesMax: 15 * 1024 * 1024,
  /** Of connecting, greeting and each answer of an SMTP server (RFC 5321 §4.5.3.2 allows more). */
  smtpTimeoutMs: 20_000,

  /** Pools of one GTIN or SSCC prefix: a new one is compared with each. */
  poolsPerKeyMax: 100,
  /** Numbers given away in one transaction: some tens of milliseconds. */
  poolPartMax: 10_000,
  /** Numbers of one allocation, of one told as a single JSON document, and serials of one list. */
  allocationMax: 5_000_000,
  allocationJsonMax: 10_000,
  poolSerialsMax: 40_000,
  /** Ranges of one pool. */
  poolRangesMax: 1000,
  /** Attributes of a product, a lot or an element of master data, as JSON. */
  attributesCharsMax: 64 * 1024,
} as const
