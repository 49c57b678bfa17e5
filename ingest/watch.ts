// Who looks over the shoulder of one device: what its connections do, as they do it, and whether it
// may connect. Shapes only. Nobody is watched unless a person asked for it (lab.ts).

/** Asked and told by the front, in between two packets of the device: answers at once. */
export interface Watcher {
  /** False: the CONNECT is refused with return code 3, server unavailable [§3.2.2.3]. */
  connecting(connect: { clientId: string; clean: boolean }): boolean
  /** It is in the log already. `cut` from here on keeps its acknowledgement from leaving. */
  published(packet: WatchedPacket): void
  closed(): void
}

export interface WatchedPacket {
  topic: string
  /** Valid during the call only. */
  body: Uint8Array
  qos: 0 | 1 | 2
  dup: boolean
  recordTime: number
  forbidden: boolean
}

export interface Watch {
  /** Ends the connections of the device, as a lost network would. */
  cut(): void
  stop(): void
}

/** Watches the devices of one broker. */
export interface Watched {
  /** One watcher a device. */
  watch(device: { tenant: string; id: string }, watcher: Watcher): Watch
}
