// Bounds of what strangers may ask, of links and of scans. Numbers only.

export const strangerBounds = {
  /**
   * Requests of one network that has no token: a shop full of phones behind one address, not a
   * machine.
   */
  strangerRate: { burst: 60, perMinute: 60 },
  /** Of these, numbers that nobody gave: typing errors, not a search. */
  unknownRate: { burst: 20, perMinute: 1 / 3 },
  /** The same of one product from everywhere; beyond, each network gets few answers about it. */
  unknownOfProductRate: { burst: 200, perMinute: 10 },
  probedRate: { burst: 3, perMinute: 0.2 },
  /**
   * Scans by strangers of numbers that no event names, that are written down: some millions kept.
   */
  unknownScansRate: { burst: 1000, perMinute: 60 },
  /** Wrong tokens of one network. */
  wrongTokenRate: { burst: 30, perMinute: 3 },
  /** Networks and products that are counted, some 100 bytes each. */
  limiterKeysMax: 20_000,
  /** From so many sessions on, a code that one household should have may have been copied. */
  scanSessionsMany: 10,
  /** How long scans are kept, and those of numbers that no event ever named. */
  scansKeptMs: 400 * 86_400_000,
  unknownScansKeptMs: 30 * 86_400_000,
  /** How often those past their time are dropped. */
  scansForgetEveryMs: 3_600_000,
  /** Scans of one request. */
  scansPerRequestMax: 1000,
  /** Links of one key, and characters of an address. */
  linksPerKeyMax: 100,
  linkCharsMax: 2000,
} as const
