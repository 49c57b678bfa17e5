// The life of a unit in the words of two laws: DSCSA (21 U.S.C. 360eee, FD&C Act §581-582) and
// Delegated Regulation (EU) 2016/161 with the states and answer codes of its national systems.
// Advises; people decide what a unit is.
import { conditionsOf, isEnded, type Life, type Status } from './lifecycle.ts'

/** Dates YYYY-MM-DD; a unit may be used until the end of its expiry day (UTC). */
export interface LotFacts {
  expiry?: string
  lot?: string
  /** Recall of the lot, withdrawal of the product: neither can be undone (EU 2016/161 Art. 40). */
  recalled?: boolean
  withdrawn?: boolean
}

export interface DscsaView {
  /** §582(c)(4): whether the identifier is one that was assigned and still stands for a package. */
  verifiable: boolean
  /** §581(21) suspect: reason to believe; §581(8) illegitimate: credible evidence. */
  standing: 'normal' | 'suspect' | 'illegitimate'
  quarantined: boolean
  recalled: boolean
  expired: boolean
  dispensed: boolean
  /** May be offered for sale as it stands. */
  saleable: boolean
  /** §582(c)(4)(D): a return that may be sold again once its identifier is verified. */
  saleableReturn: boolean
  /** Why it is not saleable. */
  reasons: string[]
}

/** How a unit stands under DSCSA at a time (epoch ms). */
export function dscsaView(life: Life, lot: LotFacts, at: number): DscsaView {
  const conditions = conditionsOf(life)
  const { status } = life
  const contradiction = life.problems.find(({ kind }) => kind === 'contradiction')
  const doubted = conditions.filter((word) => doubtful.has(word))
  const stolen = status === 'stolen' || conditions.includes('stolen')
  const recalled =
    lot.recalled === true || lot.withdrawn === true || conditions.includes('recalled')
  const expired = isExpired(lot, at) || conditions.includes('expired')
  const verifiable =
    !['unknown', 'allocated', 'decommissioned'].includes(status) && !isEnded(status)
  const suspect = contradiction !== undefined || doubted.length > 0
  const reasons = [
    ...(verifiable ? [] : [`it is ${status}`]),
    ...(stolen ? ['it was stolen'] : []),
    ...(contradiction ? [`its events contradict each other: ${contradiction.detail}`] : []),
    ...(recalled ? ['it is recalled'] : []),
    ...(expired ? ['it is expired'] : []),
    ...conditions.filter((word) => !named.has(word)).map((word) => `its disposition is ${word}`),
    ...(verifiable && !onSale.has(status) && !stolen ? [`it is ${status}`] : []),
  ]
  return {
    verifiable,
    standing: stolen ? 'illegitimate' : suspect ? 'suspect' : 'normal',
    // §582(c)(4)(A): suspect product is quarantined until it is cleared or disposed of.
    quarantined: suspect || status === 'held' || status === 'locked',
    recalled,
    expired,
    dispensed: status === 'sold',
    saleable: reasons.length === 0,
    saleableReturn: status === 'returned' && reasons.every((reason) => reason === 'it is returned'),
    reasons,
  }
}

const doubtful: ReadonlySet<string> = new Set([
  'mismatch_class',
  'mismatch_instance',
  'mismatch_quantity',
  'no_pedigree_match',
])
/** Told in words of their own. */
const named: ReadonlySet<string> = new Set([
  'recalled',
  'expired',
  'stolen',
  'completeness_verified',
  'completeness_inferred',
  'conformant',
])
const onSale: ReadonlySet<Status> = new Set<Status>(['commissioned', 'in_transit', 'available'])

/** EU 2016/161; the names of the national systems. Unknown: no such pack, PC_02. */
export type FmdStatus =
  | 'Unknown'
  | 'Active'
  | 'Supplied'
  | 'Exported'
  | 'Sample'
  | 'Free sample'
  | 'Destroyed'
  | 'Stolen'
  | 'Locked'
  | 'Checked-out'
  | 'Inactive'

export interface FmdView {
  status: FmdStatus
  recalled: boolean
  withdrawn: boolean
  expired: boolean
  /** May be supplied to the public: active, and nothing of its lot or product forbids it. */
  suppliable: boolean
}

/** How a pack stands in the repositories at a time (epoch ms). */
export function fmdView(life: Life, lot: LotFacts, at: number): FmdView {
  const status = fmdStatuses[life.status]
  const conditions = conditionsOf(life)
  const recalled = lot.recalled === true || conditions.includes('recalled')
  const withdrawn = lot.withdrawn === true
  const expired = isExpired(lot, at) || conditions.includes('expired')
  const suppliable = status === 'Active' && !recalled && !withdrawn && !expired
  return { status, recalled, withdrawn, expired, suppliable }
}

/** Shipping, receiving, holding and returning leave a pack active: they are no states of EMVS. */
export const fmdStatuses: Readonly<Record<Status, FmdStatus>> = {
  unknown: 'Unknown',
  allocated: 'Unknown',
  commissioned: 'Active',
  in_transit: 'Active',
  available: 'Active',
  returned: 'Active',
  held: 'Active',
  locked: 'Locked',
  checked_out: 'Checked-out',
  sold: 'Supplied',
  sample: 'Sample',
  free_sample: 'Free sample',
  exported: 'Exported',
  stolen: 'Stolen',
  consumed: 'Inactive',
  decommissioned: 'Inactive',
  destroyed: 'Destroyed',
}

/** Answers of the national systems that raise alerts. */
export const nmvsCodes = {
  LOT_03: 'the lot is not known',
  LOT_12: 'the expiry date is another than the one registered',
  LOT_13: 'the lot is another than the one registered',
  PC_02: 'the serial number is not known',
  PCK_06: 'what is to be undone is not the state that the pack has',
  PCK_19: 'the pack has this state already',
  PCK_20: 'the state was set more than 10 days ago',
  PCK_21: 'the state was set by another user or at other premises',
  PCK_22: 'the pack is not active any more',
  PCK_27: 'this change is not possible for the pack',
} as const

export type NmvsCode = keyof typeof nmvsCodes

/** What a scan says beside product code and serial number. */
export interface ScannedFacts {
  lot?: string
  expiry?: string
}

/** Art. 11: what does not match; empty when all that was scanned is what was registered. */
export function fmdMismatches(
  view: FmdView,
  {
    scanned,
    registered,
    lotKnown,
  }: { scanned: ScannedFacts; registered: LotFacts; lotKnown: boolean },
): NmvsCode[] {
  if (view.status === 'Unknown') return ['PC_02']
  const { lot, expiry } = scanned
  const codes: NmvsCode[] = []
  if (lot !== undefined && lot !== registered.lot) codes.push(lotKnown ? 'LOT_13' : 'LOT_03')
  if (expiry !== undefined && expiry !== registered.expiry) codes.push('LOT_12')
  return codes
}

/** Why a pack cannot get another state; undefined when it can. */
export function fmdRefusal(view: FmdView, wanted: FmdStatus): NmvsCode | undefined {
  if (view.status === 'Unknown') return 'PC_02'
  if (view.status === wanted) return 'PCK_19'
  if (view.status !== 'Active') return leavesInactive(view.status, wanted) ? undefined : 'PCK_22'
  const supply = wanted === 'Supplied' || wanted === 'Free sample' || wanted === 'Exported'
  const blocked = view.recalled || view.withdrawn || view.expired
  return (supply && blocked) || notSet.has(wanted) ? 'PCK_27' : undefined
}

const notSet: ReadonlySet<FmdStatus> = new Set<FmdStatus>(['Unknown', 'Active'])

/** What was found again, sampled or locked may still be destroyed. */
const leavesInactive = (from: FmdStatus, to: FmdStatus): boolean =>
  to === 'Destroyed' && ['Stolen', 'Sample', 'Free sample', 'Locked', 'Checked-out'].includes(from)

/** Who changes a state, where and when: epoch ms. */
export interface FmdAct {
  user: string
  premises: string
  at: number
}

const day = 86_400_000

/**
 * Art. 13: whether a state may be taken back, else why not. `set` is who set it. `undone` is the
 * state the caller means to take back.
 */
export function mayRevert(
  view: FmdView,
  { undone, set, by }: { undone: FmdStatus; set: FmdAct; by: FmdAct },
): { ok: true } | { ok: false; code: NmvsCode } {
  const no = (code: NmvsCode) => ({ ok: false, code }) as const
  if (view.status === 'Unknown') return no('PC_02')
  if (view.status !== undone) return no('PCK_06')
  // Art. 13(1)(d): stolen or intended for destruction; what has left the Union is not active here.
  if (!revertible.has(view.status)) return no('PCK_27')
  // Art. 13(1)(a): covered by the same authorisation and at the same premises.
  if (set.user !== by.user || set.premises !== by.premises) return no('PCK_21')
  // Art. 13(1)(b): not more than 10 days after; nor before it was set.
  if (by.at - set.at > 10 * day) return no('PCK_20')
  // Art. 13(1)(c), (d): not expired, recalled or withdrawn.
  const blocked = view.expired || view.recalled || view.withdrawn
  return blocked || by.at < set.at ? no('PCK_27') : { ok: true }
}

const revertible: ReadonlySet<FmdStatus> = new Set<FmdStatus>([
  'Supplied',
  'Sample',
  'Free sample',
  'Locked',
  'Checked-out',
])

function isExpired({ expiry }: LotFacts, at: number): boolean {
  return expiry !== undefined && new Date(at).toISOString().slice(0, 10) > expiry
}
