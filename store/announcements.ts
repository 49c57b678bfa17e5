// What the processes of one installation tell each other as it happens: a device changed, an alert
// was raised, a client connected. At most once and never needed for what is true: whoever missed
// one finds out from the ledger or the log. This file is the port and the way within one process;
// store/nats/announcements.ts tells other processes as well.
import { EventEmitter } from 'node:events'
import { bounds } from '../config.ts'

/** JSON: it may leave the process. */
export type Announcement = Readonly<Record<string, unknown>>

export interface Announcements {
  /** Everybody hears it, this process included. Never throws. */
  tell(topic: string, body: Announcement): void
  /** Returns the way to stop listening. A listener must not throw. */
  listen(topic: string, heard: (body: Announcement) => void): () => void
  /** Whether anybody in this process listens to the topic. */
  heeded(topic: string): boolean
}

export function openAnnouncements(): Announcements {
  const emitter = new EventEmitter().setMaxListeners(bounds.streamClientsMax)
  return {
    tell: (topic, body) => {
      emitter.emit(topic, body)
    },
    listen: (topic, heard) => {
      emitter.on(topic, heard)
      return () => {
        emitter.off(topic, heard)
      }
    },
    heeded: (topic) => emitter.listenerCount(topic) > 0,
  }
}
