// Who tells others: the delivery engine with its sources, in every process of the role `api`.
// Wires, and holds no rule of its own.
import type { PartHealth } from './api/deps.ts'
import { noticeFormats } from './api/webhook-messages.ts'
import type { Config } from './config.ts'
import type { Logger } from './logging.ts'
import type { Metrics } from './metrics.ts'
import { openDeliveries } from './quality/deliver.ts'
import { openMailer } from './quality/mail.ts'
import { channelSource } from './quality/notify/notify.ts'
import { openPost } from './quality/post.ts'
import { type Press, reportSource } from './quality/report/mails.ts'
import { webhookSource } from './quality/webhooks.ts'
import type { Stores } from './stores.ts'
import { subscriptionSource } from './trace/subscriptions.ts'

export interface Telling {
  /** There may be something to tell. */
  wake(): void
  parts(): Record<string, PartHealth>
  stop(): Promise<void>
}

export interface TellingTo {
  now: () => number
  logger: Logger
  metrics: Metrics
  /** To subscribers of our own broker; false while it is not open. */
  publish(topic: string, payload: string): boolean
  /** Makes reports; throws while the API is not there. */
  press: Press
}

/** Without the role, nothing: another process tells. */
export function startTelling(
  config: Config,
  { ledger, node, alone }: Stores,
  { now, logger, metrics, publish, press }: TellingTo,
): Telling {
  if (!config.roles.has('api'))
    return { wake: () => undefined, parts: () => ({}), stop: async () => undefined }
  const ended = new AbortController()
  const post = openPost({ allowed: config.webhookAllow, now, ended: ended.signal })
  const mailer = config.smtp && openMailer(config.smtp)
  const engine = openDeliveries(
    {
      ledger,
      sources: {
        webhook: webhookSource(noticeFormats),
        subscription: subscriptionSource,
        channel: channelSource({ mailer, post, publish, base: config.publicUrl }),
        report: reportSource({ mailer, press }),
      },
      post,
      now,
      random: Math.random,
      node,
      alone,
      onAttempt: ({ tenant, endpoint, attempt }) => {
        metrics.told(attempt)
        const { status, error } = attempt
        if (error !== null) logger.warn({ tenant, endpoint, status, error }, 'was not told')
      },
      onGivenUp: ({ tenant, endpoint }) => {
        metrics.givenUp()
        logger.error({ tenant, endpoint }, 'a message is given up: nobody gets it')
      },
      onFail: (error) => logger.error({ err: error }, 'telling others failed'),
    },
    ended,
  )
  return {
    wake: engine.wake,
    // An endpoint that fails is its owner's trouble and makes nobody unready (I12).
    parts: () => ({
      deliveries: engine.failure
        ? { state: 'waiting', detail: engine.failure.message }
        : { state: 'up' },
    }),
    stop: async () => {
      await engine.stop()
      mailer?.close()
    },
  }
}
