// What the receiver of bad input or of a failing dependency does with it (ARCHITECTURE.md, Errors).
// A refusal is a value: input that will never be accepted, kept with its reason. The others are
// thrown.

/** Every code a refusal may carry. Listed in docs/refusals.md, compared by a test. */
export type RefusalCode = (typeof refusalCodes)[number]

export const refusalCodes = [
  // packets and their bodies
  'packet/topic-forbidden',
  'packet/topic-unknown',
  'packet/encoding',
  'packet/json',
  'packet/cbor',
  'packet/sparkplug',
  'packet/too-large',
  'packet/too-many-readings',
  'device/unknown',
  'device/duplicate',
  'device/retired',
  // single readings
  'reading/shape',
  'reading/time-missing',
  'reading/time-invalid',
  'reading/time-before-2000',
  'reading/time-in-future',
  'reading/value-invalid',
  'reading/out-of-physics',
  'reading/channel-unknown',
  'reading/unit-unknown',
  'reading/empty',
  'reading/alias-only',
  // SenML, RFC 8428
  'senml/shape',
  'senml/version',
  'senml/name',
  'senml/value',
  'senml/time',
  'senml/label-unknown',
  // GS1 keys
  'gs1/syntax',
  'gs1/check-digit',
  'gs1/length',
  'gs1/charset',
  'gs1/key-unknown',
  'gs1/company-prefix-unknown',
  'gs1/ai-unknown',
  'gs1/ai-combination',
  'gs1/date',
  'gs1/content',
  'gs1/binary',
  'gs1/limits-missing',
  // EPCIS
  'epcis/json',
  'epcis/schema',
  'epcis/context',
  'epcis/type-unsupported',
  'epcis/field-missing',
  'epcis/field-unexpected',
  'epcis/field-invalid',
  'epcis/time-invalid',
  'epcis/epc-invalid',
  'epcis/vocabulary',
  'epcis/parent-missing',
  'epcis/parent-unknown',
  'epcis/sensor-duplicate-attribute',
  'epcis/event-id-conflict',
  'epcis/event-hash',
  'epcis/too-many-events',
  'epcis/xml',
  'epcis/containment-cycle',
  'epcis/double-parent',
  'epcis/containment-too-deep',
  'epcis/query-parameter',
  'epcis/query-unknown',
  'epcis/query-too-complex',
  'epcis/query-too-large',
  'epcis/subscription',
  // serial numbers and their lives
  'unit/transition',
  'unit/serial-taken',
  'pool/exhausted',
  'pool/range',
  // files of other systems
  'file/column',
  'file/value',
  // product profiles
  'profile/shape',
  'profile/limits',
  'profile/rule-duplicate',
  'profile/rule-set-unknown',
  'profile/allowance',
  'profile/contradiction',
  'profile/unit',
  'profile/delta-h',
  // logger files
  'import/format-unknown',
  'import/line',
  'import/times',
  'import/empty',
  // equipment data of WHO/UNICEF senders
  'transmission/shape',
  // readings that a store will not take
  'series/rejected',
  // what people decide
  'quality/step',
  'quality/stale',
  'quality/decided',
  'quality/recommended',
  'quality/units',
  // HTTP requests
  'request/invalid',
  'request/unauthenticated',
  'request/forbidden',
  'request/signature',
  'request/not-found',
  'request/conflict',
  'request/too-large',
  'request/too-many',
  'request/media-type',
] as const

/**
 * Input that will never be accepted. `path` names the place in the input: a JSON pointer (RFC 6901)
 * for JSON, a line number for files, an MQTT topic for packets. `detail` says what is wrong and
 * what would be right.
 */
export interface Refusal {
  code: RefusalCode
  path: string
  detail: string
  /** For character strings: where the offending span starts and how long it is. */
  at?: number
  length?: number
}

/** A value or all the reasons why there is none. */
export type Result<T> = { ok: true; value: T } | { ok: false; refusals: Refusal[] }

/** A dependency cannot serve now: the cursor stays, the caller backs off. HTTP 503. */
export class Unavailable extends Error {
  readonly retryAfterMs: number
  constructor(message: string, retryAfterMs = 1000, cause?: unknown) {
    super(message, { cause })
    this.name = 'Unavailable'
    this.retryAfterMs = retryAfterMs
  }
}

/** Another process does this work now: what was under way here is dropped, and nothing is lost. */
export class Superseded extends Error {
  constructor(name: string) {
    super(`another process has taken over ${name}`)
    this.name = 'Superseded'
  }
}

/** Kept bytes no longer read as they were written: that follower stops, health goes red. */
export class Corrupt extends Error {
  readonly where: string
  constructor(where: string, message: string, cause?: unknown) {
    super(`${message} (${where})`, { cause })
    this.name = 'Corrupt'
    this.where = where
  }
}

/**
 * What the operator can mend: a port in use, a read-only folder. `main` prints it without a stack.
 */
export class OperatorError extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'OperatorError'
    this.remedy = remedy
  }
}
