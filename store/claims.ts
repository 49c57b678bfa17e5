// Who does what: work that exists once per partition is shared out among the processes that offer
// to do it, and goes to another one when a process dies. This file is the port and the answer of a
// single process; store/nats/claims.ts shares among many. It knows names, not what the work is.

/** Work under way for one name. */
export interface Held {
  /** Ends the work; resolves when nothing of it is under way any more. */
  stop(): Promise<void>
  /** Settles when it ended by itself: the claim is let go and may be taken again later. */
  ended: Promise<unknown>
}

export interface Share {
  /** Names whose work is done here now. */
  readonly held: readonly string[]
  /** Lets go of all, so that others can take over at once. */
  stop(): Promise<void>
}

export interface Claims {
  /**
   * Takes a fair share of the names among the processes that share the same role, and keeps at it.
   * `take` begins the work of one name; when it rejects, the name is let go and tried again later.
   * Two processes may believe for some seconds that they hold one name, so whatever must not be
   * done twice is fenced where it is written (store/ledger/cursors.ts).
   */
  share(
    role: string,
    names: readonly string[],
    take: (name: string) => Promise<Held>,
  ): Promise<Share>
}

/** One process holds everything. Rejects when a `take` does. */
export const holdAll: Claims = {
  share: async (_role, names, take) => {
    const held: Held[] = []
    const stop = async (): Promise<void> => {
      await Promise.all(held.splice(0).map((work) => work.stop()))
    }
    try {
      for (const name of names) held.push(await take(name))
    } catch (error) {
      await stop()
      throw error
    }
    return { held: names, stop }
  },
}
