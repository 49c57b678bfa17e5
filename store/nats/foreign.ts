// What other processes append, as it passes by on its way into the streams: for those who show
// things as they happen. At most once, not in order, perhaps never durable; decoded only while
// somebody listens. For what is true, followers read the partitions.
import type { Msg, Subscription } from '@nats-io/transport-node'
import { bounds } from '../../config.ts'
import { batchStart, openBatch, readEntry } from '../envelope.ts'
import type { Envelope } from '../log.ts'
import type { NatsLink } from './connection.ts'
import { logSubject, type PartOf, parsePart, sameRun } from './format.ts'

type Listener = (envelopes: Envelope[]) => void

/** What is known of one writer in one partition. */
interface Seen {
  /** Number of the newest batch that was told: a publish may come again. */
  told: number
  /** The run of parts under way. */
  run: { of: PartOf; parts: Uint8Array[] } | undefined
}

export class NatsForeign {
  readonly #link: NatsLink
  readonly #prefix: string
  readonly #listeners = new Set<Listener>()
  #subscription: Subscription | undefined
  /** By subject and writer, the newest last. */
  #seen = new Map<string, Seen>()

  constructor(link: NatsLink, prefix: string) {
    this.#link = link
    this.#prefix = prefix
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    this.#subscription ??= this.#link.connection.subscribe(logSubject(this.#prefix, '*'), {
      callback: (error, message) => {
        if (!error) this.#hear(message)
      },
    })
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#subscription?.unsubscribe()
      this.#subscription = undefined
      this.#seen = new Map()
    }
  }

  #hear({ subject, headers, data }: Msg): void {
    const part = parsePart(headers)
    if (!part) return
    const seen = this.#seenOf(`${subject} ${part.writer}`)
    if (part.number <= seen.told) return
    const bytes = part.parts === 1 ? data : gather(seen, part, data)
    if (!bytes) return
    seen.told = part.number
    const envelopes = decode(bytes)
    if (envelopes) for (const listener of this.#listeners) listener(envelopes)
  }

  #seenOf(key: string): Seen {
    const seen = this.#seen.get(key) ?? { told: 0, run: undefined }
    this.#seen.delete(key)
    this.#seen.set(key, seen)
    if (this.#seen.size > bounds.natsForeignWritersMax) {
      const [oldest] = this.#seen.keys()
      this.#seen.delete(oldest!)
    }
    return seen
  }
}

/** The whole batch when this was its last part. */
function gather(seen: Seen, of: PartOf, data: Uint8Array): Uint8Array | undefined {
  if (of.part === 0) seen.run = { of, parts: [] }
  const { run } = seen
  if (!run || !sameRun(run.of, of) || run.parts.length !== of.part) return undefined
  // A copy: the next part comes in other memory.
  run.parts.push(Buffer.from(data))
  if (run.parts.length < of.parts) return undefined
  seen.run = undefined
  return Buffer.concat(run.parts)
}

/** Undefined for what does not read: whoever reads it from the log will say so. */
function decode(data: Uint8Array): Envelope[] | undefined {
  try {
    const batch = openBatch(Buffer.from(data), 0)
    const envelopes: Envelope[] = []
    for (const place = batchStart(); place.index < batch.count; )
      envelopes.push(readEntry(batch, place))
    return envelopes
  } catch {
    return undefined
  }
}
