// The streams of the replicated log: created once, by whichever process comes first, and compared
// with what the settings say ever after. Never deletes one and never changes how the envelopes are
// spread: an envelope must not be in two partitions.
import { setTimeout as delay } from 'node:timers/promises'
import {
  DiscardPolicy,
  jetstream,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import { nanos } from '@nats-io/transport-node'
import { bounds } from '../../config.ts'
import { OperatorError } from '../../domain/refusal.ts'
import { jetStreamCode, type NatsLink } from './connection.ts'
import { capturesId, logSubject, partitionsMax, streamOf } from './format.ts'

export interface StreamsOptions {
  prefix: string
  replicas: number
  partitions: number
  /** Of the whole log; each partition may hold its part. */
  bytesMax: number
}

/** JetStream's numbers of the errors an operator can mend. */
const nameInUse = 10058
const remedies: ReadonlyMap<number, string> = new Map([
  [10039, 'enable JetStream for the account of this user'],
  [10076, 'start nats-server with JetStream (-js)'],
  [10074, 'set replicas=1 in ISOTHERM_LOG_URL, or run NATS as a cluster of 3'],
  [10047, 'give JetStream more storage, or lower ISOTHERM_LOG_MAX_MIB'],
  [10028, 'give the account more storage, or lower ISOTHERM_LOG_MAX_MIB'],
])

/** Gives the ids of the partitions in ascending order. Throws OperatorError. */
export async function openStreams(link: NatsLink, options: StreamsOptions): Promise<number[]> {
  const { prefix, partitions } = options
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(prefix))
    throw new OperatorError(
      `the prefix ${prefix} cannot name a stream`,
      'use letters, digits, - and _ for prefix in ISOTHERM_LOG_URL',
    )
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > partitionsMax)
    throw new OperatorError(
      `the log cannot have ${partitions} partitions`,
      `set partitions in ISOTHERM_LOG_URL to a number from 1 to ${partitionsMax}`,
    )
  const ids = [...Array.from({ length: partitions }, (_, id) => id), capturesId]
  await untilOpen(link, async () => {
    // One first: of two processes that disagree, one must fail before anything is there.
    await openStream(link, options, capturesId)
    await Promise.all(ids.slice(0, -1).map((id) => openStream(link, options, id)))
  })
  return ids
}

/** What one partition may hold. */
export function bytesMaxOf({ bytesMax, partitions }: StreamsOptions): number {
  return Math.floor(bytesMax / (partitions + 1))
}

/** A bucket of keys and their newest values; read from its leader. Throws OperatorError. */
export function openBucket(
  link: NatsLink,
  name: string,
  options: { replicas: number; ttlMs?: number },
): Promise<KV> {
  const { replicas, ttlMs } = options
  return untilOpen(link, () =>
    new Kvm(jetstream(link.connection, { timeout: bounds.natsRequestMs })).create(name, {
      replicas,
      history: 1,
      allow_direct: false,
      ...(ttlMs !== undefined && { ttl: ttlMs, storage: StorageType.Memory }),
    }),
  )
}

/**
 * Tries again while a cluster finds its leaders. Throws OperatorError after bounds.natsOpenMs, and
 * at once for what an operator must mend.
 */
export async function untilOpen<T>(link: NatsLink, open: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + bounds.natsOpenMs
  for (;;) {
    try {
      return await open()
    } catch (error) {
      if (error instanceof OperatorError) throw error
      const remedy = remedies.get(jetStreamCode(error) ?? 0)
      if (remedy === undefined && performance.now() < deadline) {
        await delay(bounds.natsReconnectMs)
        continue
      }
      const at = link.connection.getServer()
      throw new OperatorError(
        `JetStream of NATS at ${at} cannot keep the log: ${(error as Error).message}`,
        remedy ?? 'look at the servers: nats-server needs JetStream and, for replicas, a majority',
        error,
      )
    }
  }
}

async function openStream(link: NatsLink, options: StreamsOptions, id: number): Promise<void> {
  const { streams } = link
  const config = configOf(options, id)
  try {
    await streams.add(config)
  } catch (error) {
    if (jetStreamCode(error) !== nameInUse) throw error
    const found = await streams.info(config.name)
    refuseOther(found, config)
    await streams.update(config.name, { ...found.config, max_bytes: config.max_bytes })
  }
}

type LogStream = Pick<
  StreamConfig,
  'name' | 'subjects' | 'description' | 'num_replicas' | 'max_bytes'
>

function configOf(options: StreamsOptions, id: number): LogStream & Partial<StreamConfig> {
  const { prefix, replicas, partitions } = options
  const what = id === capturesId ? 'captures' : `partition ${id}`
  return {
    name: streamOf(prefix, id),
    description: `Isotherm log: ${what}, of ${partitions} partitions`,
    subjects: [logSubject(prefix, id)],
    num_replicas: replicas,
    max_bytes: bytesMaxOf(options),
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    // A full log refuses what comes; it never forgets what it has acknowledged.
    discard: DiscardPolicy.New,
    allow_direct: true,
    duplicate_window: nanos(bounds.natsDuplicateWindowMs),
  }
}

function refuseOther({ config }: StreamInfo, wanted: LogStream): void {
  const { name, description = '', num_replicas: replicas } = config
  if (description !== wanted.description)
    throw new OperatorError(
      `the stream ${name} is "${description}", wanted is "${wanted.description}"`,
      'set partitions in ISOTHERM_LOG_URL to what the streams were created with, or another prefix',
    )
  if (replicas !== wanted.num_replicas)
    throw new OperatorError(
      `the stream ${name} has ${replicas} replicas, wanted are ${wanted.num_replicas}`,
      `set replicas=${replicas} in ISOTHERM_LOG_URL, or change the streams first: ` +
        `nats stream edit --replicas ${wanted.num_replicas} ${name}`,
    )
  if (!config.subjects.includes(wanted.subjects[0]!))
    throw new OperatorError(
      `the stream ${name} is not of this log`,
      'set another prefix in ISOTHERM_LOG_URL',
    )
}
