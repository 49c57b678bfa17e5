// What processes tell each other as it happens, over core NATS: at most once, to whoever is there.
// Who listens to what is told around as well, so that nothing is said that nobody wants to hear.
import type { Subscription } from '@nats-io/transport-node'
import { bounds } from '../../config.ts'
import { type Announcement, type Announcements, openAnnouncements } from '../announcements.ts'
import type { NatsLink } from './connection.ts'
import { tokenOf } from './format.ts'

export interface NatsAnnouncements extends Announcements {
  close(): void
}

/** Told every now and then, and at once when it grows or is asked for. */
interface Heeds {
  topics: string[]
  /** Whoever hears it should say what it listens to. */
  ask: boolean
}

export function openNatsAnnouncements(
  link: NatsLink,
  { prefix, now = performance.now.bind(performance) }: { prefix: string; now?: () => number },
): NatsAnnouncements {
  return new NatsSay(link, { prefix, now })
}

class NatsSay implements NatsAnnouncements {
  readonly #link: NatsLink
  readonly #prefix: string
  readonly #now: () => number
  readonly #local = openAnnouncements()
  /** How many listen here, and the subscription that brings it from elsewhere. */
  readonly #topics = new Map<string, { listeners: number; subscription: Subscription }>()
  /** Until when a topic is believed to be listened to elsewhere. */
  readonly #heeded = new Map<string, number>()
  readonly #heeds: Subscription
  readonly #timer: NodeJS.Timeout

  constructor(link: NatsLink, { prefix, now }: { prefix: string; now: () => number }) {
    this.#link = link
    this.#prefix = prefix
    this.#now = now
    this.#heeds = link.connection.subscribe(`${prefix}.heeds`, {
      callback: (_error, message) => this.#hearHeeds(message.json<Heeds>()),
    })
    this.#timer = setInterval(() => this.#tellHeeds(), bounds.natsHeedEveryMs).unref()
    this.#tellHeeds(true)
  }

  tell(topic: string, body: Announcement): void {
    this.#local.tell(topic, body)
    this.#link.tell(this.#subject(topic), JSON.stringify(body))
  }

  listen(topic: string, heard: (body: Announcement) => void): () => void {
    const stop = this.#local.listen(topic, heard)
    const known = this.#topics.get(topic)
    if (known) known.listeners++
    else {
      const subscription = this.#link.connection.subscribe(this.#subject(topic), {
        callback: (_error, message) => this.#local.tell(topic, message.json<Announcement>()),
      })
      this.#topics.set(topic, { listeners: 1, subscription })
      this.#tellHeeds()
    }
    let listening = true
    return () => {
      if (!listening) return
      listening = false
      stop()
      const mine = this.#topics.get(topic)!
      if (--mine.listeners > 0) return
      this.#topics.delete(topic)
      mine.subscription.unsubscribe()
    }
  }

  heeded(topic: string): boolean {
    return this.#local.heeded(topic) || this.#heededElsewhere(topic)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#heeds.unsubscribe()
    for (const { subscription } of this.#topics.values()) subscription.unsubscribe()
    this.#topics.clear()
  }

  #subject(topic: string): string {
    return `${this.#prefix}.say.${tokenOf(topic)}`
  }

  #heededElsewhere(topic: string): boolean {
    return (this.#heeded.get(topic) ?? 0) > this.#now()
  }

  #tellHeeds(ask = false): void {
    const heeds: Heeds = { topics: [...this.#topics.keys()], ask }
    if (ask || heeds.topics.length > 0)
      this.#link.tell(`${this.#prefix}.heeds`, JSON.stringify(heeds))
  }

  #hearHeeds({ topics, ask }: Heeds): void {
    const now = this.#now()
    for (const [topic, until] of this.#heeded) if (until <= now) this.#heeded.delete(topic)
    for (const topic of topics) this.#heeded.set(topic, now + bounds.natsHeedMs)
    if (ask) this.#tellHeeds()
  }
}
