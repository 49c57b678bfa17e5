// Bounds of people: passwords, sessions, sign-ins, and the log of what they change. Numbers only.

export const peopleBounds = {
  /** NIST SP 800-63B §3.1.1.2 asks for 8 at least and for 64 to be possible at least. */
  passwordCharsMin: 12,
  passwordCharsMax: 128,
  /** scrypt with 32 MiB, some 0.3 s: of the equal choices in OWASP's list the one in the middle. */
  passwordCost: { N: 32_768, r: 8, p: 3 },
  /** Of the four threads that Node shares with files; whoever comes later waits. */
  passwordChecksAtOnce: 1,
  /** Waiting longer than some 15 s, people try again anyway. */
  passwordChecksWaitingMax: 50,
  /** Anybody may send it: names and a password, however they are written. */
  signInBytesMax: 8 * 1024,
  /** A password that somebody else made: a weekend. */
  oneTimePasswordMs: 72 * 3_600_000,
  /** NIST SP 800-63B §2.2.3: an hour without use, a day in all. */
  sessionIdleMs: 3_600_000,
  sessionMs: 24 * 3_600_000,
  /** How exactly the last use is known: not each request is written down. */
  sessionTouchMs: 60_000,
  /** Of one person: a browser or two, a phone, a tablet, a few forgotten. */
  sessionsPerPersonMax: 20,
  peoplePerTenantMax: 20_000,
  /** Wrong passwords for one person from one network: some slips, then one a minute. */
  wrongPasswordRate: { burst: 8, perMinute: 1 },
  /**
   * The same from all networks from which that person never signed in: NIST SP 800-63B §3.2.2
   * allows 100.
   */
  wrongPasswordAnywhereRate: { burst: 60, perMinute: 1 / 6 },
  /** Refused sign-ins that leave evidence: a record of an attack, not a way to fill the disk. */
  refusedEvidenceRate: { burst: 500, perMinute: 30 },
  /** Changes forbidden to one caller that leave evidence. */
  forbiddenEvidenceRate: { burst: 30, perMinute: 2 },
  /** Entries of one transaction: those that came while the one before was written. */
  evidencePerWriteMax: 100,
  /** Of a path or a query in an entry: enough for an EPC. */
  evidencePathCharsMax: 500,
  /** Entries read at a time while the log is exported. */
  evidencePageRows: 1000,
} as const
