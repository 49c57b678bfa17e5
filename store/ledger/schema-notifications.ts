// Tables of the ledger for who is told of what: rules, and what came of each; a part of
// store/ledger/schema.ts. The ways to people are endpoints.

export interface NotificationTables {
  /** `body`: JSON, see NotificationRule of quality/notify/terms.ts. */
  notificationRules: {
    tenant: string
    id: string
    createdAt: number
    changedAt: number
    changedBy: string
    body: string
  }
  /**
   * What one rule asks to be told over one channel, of one notice at one step of its ladder; never
   * again after it was told or suppressed. `subject`: what belongs together (alerts of one breach).
   * `lookAt`: when to look at it again while it waits.
   */
  notifications: {
    tenant: string
    id: string
    channel: string
    kind: string
    ref: string
    subject: string
    alert: string | null
    severity: string
    rule: string
    step: number
    at: number
    createdAt: number
    dueAt: number
    lookAt: number
    state: string
    reason: string | null
    message: string | null
    decidedAt: number | null
  }
}
