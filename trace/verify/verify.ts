// Verification of a product identifier: whether the maker gave this serial number to a unit, and
// whether what the label says beside it is what was registered. For trading partners in the shape
// of GS1 Lightweight Messaging for Verification of Product Identifiers 1.1 and with the answer
// codes of EU 2016/161; for consumers in the words of trace/verify/words.ts. Decides nothing about
// a unit: people do.
import { type Life, unknownLife } from '../../domain/lifecycle/lifecycle.ts'
import {
  type DscsaView,
  dscsaView,
  type FmdStatus,
  fmdMismatches,
  fmdView,
  type LotFacts,
  type NmvsCode,
  nmvsCodes,
} from '../../domain/lifecycle/views.ts'
import { listUnits } from '../../store/ledger/epcs.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { readLot } from '../../store/ledger/master.ts'
import type { UnitFacts } from './facts.ts'
import type { Seen, Standing, Storage } from './words.ts'

/** What a label says. Expiry is YYYY-MM-DD. */
export interface Label {
  gtin: string
  serial: string
  lot?: string | undefined
  expiry?: string | undefined
}

/** Why a product identifier is not verified, or what else must be known of it. */
export type Reason =
  | 'serial-unknown'
  | 'lot-mismatch'
  | 'expiry-mismatch'
  | 'recalled'
  | 'expired'
  | 'suspect'
  | 'illegitimate'
  | 'dispensed'
  | 'destroyed'
  | 'inactive'

export interface TradeAnswer {
  /** The four match what was registered and nothing says that it may not go on. */
  verified: boolean
  /** The identifier alone: GTIN and serial (and lot and expiry, if told) are the maker's. */
  identifierMatches: boolean
  reasons: Reason[]
  /** Of Lightweight Messaging §4.2; none when verified. */
  failureReason?: FailureReason
  additionalInfo?: 'recalled' | 'expired' | 'suspect' | 'illegitimate'
  /** EU 2016/161. */
  fmd: { status: FmdStatus; codes: { code: NmvsCode; detail: string }[] }
}

export type FailureReason =
  | 'No_match_GTIN_Serial'
  | 'No_match_GTIN_Serial_Lot'
  | 'No_match_GTIN_Serial_Expiry'
  | 'No_match_GTIN_Serial_Lot_Expiry'
  | 'Not_for_re-distribution'

/** Lot and expiry as registered: by the commissioning, else by the lot's own record. */
export async function registeredOf(
  db: LedgerQuery,
  tenant: string,
  { unit, recalled }: UnitFacts,
): Promise<LotFacts> {
  const { gtin, lot } = unit ?? {}
  const record =
    unit?.expiry === undefined && gtin !== undefined && lot !== undefined
      ? await readLot(db, tenant, { gtin, lot })
      : undefined
  const expiry = unit?.expiry ?? record?.expiry
  return { recalled, ...(lot !== undefined && { lot }), ...(expiry !== undefined && { expiry }) }
}

/** Whether any unit or record of the product has this lot. */
export async function isLotKnown(
  db: LedgerQuery,
  tenant: string,
  { gtin, lot }: { gtin: string; lot: string },
): Promise<boolean> {
  const units = await listUnits(db, tenant, { gtin, lot, limit: 1 })
  return units.length > 0 || (await readLot(db, tenant, { gtin, lot })) !== undefined
}

/** The answer to a trading partner at a time (epoch ms). */
export function answerTrade(
  {
    label,
    facts,
    registered,
    lotKnown,
  }: {
    label: Label
    facts: UnitFacts
    registered: LotFacts
    lotKnown: boolean
  },
  at: number,
): TradeAnswer {
  const life = lifeOf(facts)
  const view = dscsaView(life, registered, at)
  const fmd = fmdView(life, registered, at)
  const codes = fmdMismatches(fmd, { scanned: scannedOf(label), registered, lotKnown })
  const given = fmd.status !== 'Unknown'
  const lotWrong = given && label.lot !== undefined && label.lot !== registered.lot
  const expiryWrong = given && label.expiry !== undefined && label.expiry !== registered.expiry
  const mismatch = given ? mismatchOf(lotWrong, expiryWrong) : 'No_match_GTIN_Serial'
  const standing = given ? standingReasons(view, fmd.status) : []
  const blocked = standing.some((reason) => !['recalled', 'expired'].includes(reason))
  const failureReason = mismatch ?? (blocked ? 'Not_for_re-distribution' : undefined)
  // Recalled or expired is told beside the answer: the identifier is the maker's all the same.
  const info = (['illegitimate', 'suspect', 'recalled', 'expired'] as const).find((one) =>
    standing.includes(one),
  )
  return {
    verified: failureReason === undefined,
    identifierMatches: mismatch === undefined,
    reasons: [
      ...(given ? [] : (['serial-unknown'] as const)),
      ...(lotWrong ? (['lot-mismatch'] as const) : []),
      ...(expiryWrong ? (['expiry-mismatch'] as const) : []),
      ...standing,
    ],
    ...(failureReason && { failureReason }),
    ...(info && { additionalInfo: info }),
    fmd: { status: fmd.status, codes: codes.map((code) => ({ code, detail: nmvsCodes[code] })) },
  }
}

/** A number that nobody captured the making of is not known, wherever it was seen. */
const lifeOf = ({ commissioned, life }: UnitFacts): Life => (commissioned ? life : unknownLife)

function mismatchOf(lot: boolean, expiry: boolean): FailureReason | undefined {
  if (lot) return expiry ? 'No_match_GTIN_Serial_Lot_Expiry' : 'No_match_GTIN_Serial_Lot'
  return expiry ? 'No_match_GTIN_Serial_Expiry' : undefined
}

function standingReasons(view: DscsaView, status: FmdStatus): Reason[] {
  return [
    ...(view.standing === 'illegitimate' ? (['illegitimate'] as const) : []),
    ...(view.standing === 'suspect' ? (['suspect'] as const) : []),
    ...(view.recalled ? (['recalled'] as const) : []),
    ...(view.expired ? (['expired'] as const) : []),
    ...(view.dispensed ? (['dispensed'] as const) : []),
    ...(status === 'Destroyed' ? (['destroyed'] as const) : []),
    ...(away.has(status) ? (['inactive'] as const) : []),
  ]
}

/** Exported, sampled, locked, checked out, decommissioned: not what anybody should sell on. */
const away: ReadonlySet<FmdStatus> = new Set<FmdStatus>([
  'Exported',
  'Sample',
  'Free sample',
  'Locked',
  'Checked-out',
  'Inactive',
])

const scannedOf = ({ lot, expiry }: Label) => ({
  ...(lot !== undefined && { lot }),
  ...(expiry !== undefined && { expiry }),
})

/** How a unit stands for a consumer at a time (epoch ms). Having been sold is what it is for. */
export function standingOf(
  {
    label,
    facts,
    registered,
    storage,
    seen,
  }: {
    label: Label
    facts: UnitFacts
    registered: LotFacts
    storage: Storage
    seen: Seen
  },
  at: number,
): Standing {
  const life = lifeOf(facts)
  const view = dscsaView(life, registered, at)
  const { status } = fmdView(life, registered, at)
  const differs = (said: string | undefined, known: string | undefined): boolean =>
    said !== undefined && known !== undefined && said !== known
  return {
    known: status !== 'Unknown',
    recalled: view.recalled,
    ended: view.standing === 'illegitimate' || ['Destroyed', 'Stolen', 'Inactive'].includes(status),
    contradicted: view.standing === 'suspect',
    expired: view.expired,
    mismatch: differs(label.lot, registered.lot) || differs(label.expiry, registered.expiry),
    storage,
    seen,
  }
}
