// Tables of the ledger for people, their sessions, and the evidence of what callers changed; a part
// of store/ledger/schema.ts.

export interface PeopleTables {
  people: {
    tenant: string
    /** What they sign in with, in small letters. */
    id: string
    /** 21 CFR 11.50(a)(1). */
    printedName: string
    email: string | null
    /** JSON list. */
    roles: string
    /** en, de, fr, es; null: that of the organisation, as the two below. */
    language: string | null
    /** IANA. */
    zone: string | null
    /** C or F. */
    unit: string | null
    /** See api/people/passwords.ts. */
    passwordHash: string
    /** A password that somebody else made counts until then. */
    passwordUntil: number | null
    /** 1: may do nothing but choose a password. */
    mustChange: number
    /** active or disabled. */
    status: string
    createdAt: number
    createdBy: string
  }
  sessions: {
    tokenHash: string
    tenant: string
    person: string
    madeAt: number
    usedAt: number
    expiresAt: number
  }
  /** What was changed, by whom and when. Never updated, never deleted. */
  evidence: {
    tenant: string
    /** From 0 on, without holes: its leaf in the tree of the tenant. */
    seq: number
    at: number
    kind: string
    by: string
    /** Canonical JSON (RFC 8785). */
    record: string
    leafHash: string
    /** Nodes of the tree that this leaf completed, from level 1 upwards: their hashes in a row. */
    filled: string
  }
  /** `peaks`: roots of the full subtrees, the largest first, in a row. */
  evidenceTrees: { tenant: string; size: number; peaks: string }
}
