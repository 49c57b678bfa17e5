// Changes of profiles under control (21 CFR 11.10(e), 11.50, 11.70, 11.200): what is proposed, the
// record that a person signs, and the signature, which holds the hash of the record. Whoever reads
// them later makes the hashes again from what is written. Decides who may sign, not who one is.
import { createHash } from 'node:crypto'
import { canonical } from '../domain/canonical.ts'
import { formatProfile, type Profile } from '../domain/profile/profile.ts'

/** The text that is hashed, and kept. */
export { canonical } from '../domain/canonical.ts'

/** What a tenant asks of a changed profile. */
export type ChangeControl = 'none' | 'signed' | 'four-eyes'

export interface ChangeRecord {
  kind: 'profile-change'
  tenant: string
  id: string
  gtin: string
  profile: Record<string, unknown>
  profileHash: string
  /** Of the profile that it is to take the place of. */
  baseHash: string
  baseVersion: number
  /** RFC 3339; null: from the beginning. */
  effectiveFrom: string | null
  reason: string
  backTest: string
  /** SHA-256 of the report as it was written. */
  backTestHash: string
  proposedBy: string
  proposedAt: string
}

/** 21 CFR 11.50: printed name, date and time, meaning. */
export interface SignatureRecord {
  kind: 'signature'
  /** Hash of what is signed (21 CFR 11.70). */
  record: string
  signer: string
  printedName: string
  signedAt: string
  meaning: 'approval' | 'rejection'
  reason: string
  /** How the signer said again who it is (21 CFR 11.200(a)). */
  authentication: 'password' | 'token'
}

/** The same for the same profile, however it was written down. */
export const profileHashOf = (profile: Profile): string => hashOf(formatProfile(profile))

/** SHA-256 in hex of JSON with the keys of every object sorted by code unit and no spaces. */
export const hashOf = (value: unknown): string => textHash(canonical(value))

export const textHash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Why this person may not sign it; undefined when nothing speaks against it. */
export function refusesSigner(
  control: ChangeControl,
  { proposedBy }: Pick<ChangeRecord, 'proposedBy'>,
  { signer, meaning }: Pick<SignatureRecord, 'signer' | 'meaning'>,
): string | undefined {
  // Who proposed may take it back alone.
  if (control !== 'four-eyes' || meaning === 'rejection' || signer !== proposedBy) return undefined
  return 'who proposed a change does not approve it: a second person signs'
}

export const controls: readonly ChangeControl[] = ['none', 'signed', 'four-eyes']

/** Of a tenant that set none: changes need no signature. */
export function changeControlOf(settings: string | undefined): ChangeControl {
  const told = settings === undefined ? undefined : (JSON.parse(settings) as unknown)
  const control = (told as { changeControl?: ChangeControl } | undefined)?.changeControl
  return control ?? 'none'
}
