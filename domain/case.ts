// Findings become cases: what detectors found of one subject is weighed together, in log-odds, and
// opens a case only when several witnesses say more than chance would. What reviewers said of
// earlier cases moves the weight of each detector, within bounds. Accuses nobody: a case asks for a
// person.
import { type DetectorName, detectorNames, type Finding } from './suspicion.ts'

export const caseKinds = [
  'theft',
  'diversion',
  'off-market',
  'silent-unpack',
  'logger-divorce',
  'clone',
  'return-fraud',
  'enumeration',
] as const

export type CaseKind = (typeof caseKinds)[number]

/** Findings of one subject and one family are about one incident. Part of the format. */
export const families = ['goods', 'identity', 'returns', 'client'] as const
export type Family = (typeof families)[number]

/** How often reviewers confirmed and dismissed cases in which a detector spoke. */
export type Reviews = Partial<Record<DetectorName, { confirmed: number; dismissed: number }>>

export interface Evidence {
  detector: DetectorName
  /** What it weighs in the case, after calibration and for the findings beside it. */
  weight: number
  finding: Finding
}

/** All that is found of one incident, whether it makes a case or not. */
export interface Weighed {
  family: Family
  kind: CaseKind
  /** Natural log-odds that something is wrong. */
  logOdds: number
  opens: boolean
  from: number
  to: number
  /** The heaviest first. */
  evidence: Evidence[]
}

/**
 * Of one shipment in 220 something is wrong: the odds before anything is found, and those at which
 * people are asked (three to one). At one in 400 a part of what was found in simulated worlds
 * (seeds 1000 to 1999) opened no case, and was true.
 */
export const priorLogOdds = -5.4
export const openingLogOdds = Math.log(3)

/**
 * What one finding may weigh: with one witness it opens no case however sure it is; and what all
 * findings of one detector may weigh together.
 */
export const findingMax = { alone: 5, witnessed: 9 }
const detectorMax = 10

/** The shifts of weights by reviews, and how many verdicts they come from. */
export function shiftOf(reviews: Reviews, detector: DetectorName): number {
  const { confirmed = 0, dismissed = 0 } = reviews[detector] ?? {}
  const shift = Math.log((confirmed + priorReviews) / (dismissed + priorReviews))
  return Math.max(-shiftMax, Math.min(shiftMax, shift))
}

/** Reviewers move a weight by no more: nobody talks a detector dumb. */
const shiftMax = 2

/** Beta(4, 4): a few verdicts move little. */
const priorReviews = 4

/** Everything that was found of one subject, by incident. Order of findings decides nothing. */
export function weigh(findings: readonly Finding[], reviews: Reviews): Weighed[] {
  const found: Weighed[] = []
  const grouped = Map.groupBy(findings, familiesAmong(findings))
  for (const family of families) {
    const own = grouped.get(family)
    if (own) found.push(weighFamily(family, own, reviews))
  }
  return found
}

function weighFamily(family: Family, findings: readonly Finding[], reviews: Reviews): Weighed {
  const evidence: Evidence[] = []
  for (const detector of detectorNames) {
    const own = findings
      .filter((finding) => finding.detector === detector)
      .map((finding) => ({ finding, weight: weightOf(finding, shiftOf(reviews, detector)) }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight || (a.finding.key < b.finding.key ? -1 : 1))
    let left = detectorMax
    for (const [n, { finding, weight }] of own.entries()) {
      // The second of a kind says less than the first: what caused one may have caused both.
      const counted = Math.min(left, (weight * newsOf(finding, findings)) / (n + 1))
      left -= counted
      evidence.push({ detector, weight: counted, finding })
    }
  }
  evidence.sort((a, b) => b.weight - a.weight)
  const logOdds = evidence.reduce((sum, { weight }) => sum + weight, priorLogOdds)
  const witnesses = evidence.reduce((sum, { finding }) => sum + finding.witnesses, 0)
  const from = Math.min(...findings.map((finding) => finding.from))
  const to = Math.max(...findings.map((finding) => finding.to))
  const opens = logOdds >= openingLogOdds && witnesses >= 2
  return { family, kind: kindOf(family, evidence), logOdds, opens, from, to, evidence }
}

/**
 * Of what a finding says, so much is new beside the others: a dwell that is a stop was told, and a
 * stop at which no light fell on anything is mostly a breakdown.
 */
const news = { toldDwell: 0.25, darkStop: 0.6 }

function newsOf({ detector, from, to }: Finding, among: readonly Finding[]): number {
  const isBeside = (name: DetectorName): boolean =>
    among.some((other) => other.detector === name && other.from <= to && other.to >= from)
  if (detector === 'dwell') return isBeside('unscheduled-stop') ? news.toldDwell : 1
  if (detector === 'unscheduled-stop') return isBeside('light') ? 1 : news.darkStop
  return 1
}

function weightOf({ logOdds, witnesses }: Finding, shift: number): number {
  const max = witnesses > 1 ? findingMax.witnessed : findingMax.alone
  return Math.min(max, logOdds + shift)
}

/** To which family each of these belongs, for what the others say explains it. */
function familiesAmong(findings: readonly Finding[]): (finding: Finding) => Family {
  const namedBy = (...names: readonly DetectorName[]): ReadonlySet<string> =>
    new Set(
      findings.flatMap(({ detector, serials }) =>
        names.includes(detector) && serials !== 'inside' ? serials : [],
      ),
    )
  const returned = namedBy('return-fraud')
  const copied = namedBy('impossible-travel', 'duplicate-scan', 'temperature-alibi')
  return ({ detector, serials }) => {
    const among = (accused: ReadonlySet<string>): number =>
      serials === 'inside' ? 0 : serials.filter((serial) => accused.has(serial)).length
    if (detector === 'status-conflict' && among(returned) > 0) return 'returns'
    // Copies that are sold abroad do not say that the goods are there.
    if (detector === 'market' && among(copied) >= serials.length / 2) return 'identity'
    return familiesOf[detector]
  }
}

const familiesOf: Record<DetectorName, Family> = {
  'impossible-travel': 'identity',
  'duplicate-scan': 'identity',
  'status-conflict': 'identity',
  'attribute-mismatch': 'identity',
  'unknown-serial': 'client',
  enumeration: 'client',
  'return-fraud': 'returns',
  market: 'goods',
  'aggregation-conflict': 'goods',
  'chain-gap': 'goods',
  'route-corridor': 'goods',
  'unscheduled-stop': 'goods',
  dwell: 'goods',
  delay: 'goods',
  geofence: 'goods',
  light: 'goods',
  'serial-logger-divorce': 'goods',
  'profile-decorrelation': 'goods',
  'silent-unpack': 'goods',
  'temperature-alibi': 'identity',
}

/**
 * Which kind each detector speaks for, and how plainly: once it is sure, how sure it is tells no
 * more of the kind.
 */
const speaksFor: Partial<Record<DetectorName, Partial<Record<CaseKind, number>>>> = {
  'unscheduled-stop': { theft: 1, diversion: 0.5, 'silent-unpack': 0.3 },
  light: { theft: 1, diversion: 0.6, 'silent-unpack': 0.6 },
  // Thieves do not go far: it is the buyer's warehouse that is off the way.
  'route-corridor': { diversion: 1.5 },
  geofence: { diversion: 0.8 },
  dwell: { diversion: 0.6, theft: 0.3 },
  delay: { diversion: 0.6 },
  'chain-gap': { theft: 0.6, diversion: 0.6, 'silent-unpack': 0.3 },
  // Where it is sold does not tell how it was taken.
  market: { 'off-market': 0.9, diversion: 0.5, theft: 0.5 },
  'aggregation-conflict': { 'silent-unpack': 0.6, diversion: 0.6 },
  'silent-unpack': { 'silent-unpack': 1.3 },
  // What a logger saw elsewhere is not what its goods went through.
  'serial-logger-divorce': { 'logger-divorce': 3 },
  'profile-decorrelation': { 'logger-divorce': 3 },
}

const sureAt = 3

/** Who steals from a vehicle, or unloads it elsewhere, stops it. */
const ofHalts: ReadonlySet<DetectorName> = new Set([
  ...(['route-corridor', 'unscheduled-stop', 'dwell', 'delay', 'geofence'] as const),
])

/** What is missing though the vehicle stood nowhere was taken where it may stand. */
const takenInPlace: Partial<Record<CaseKind, number>> = { 'silent-unpack': 1 }

const onlyKinds: Partial<Record<Family, CaseKind>> = {
  identity: 'clone',
  returns: 'return-fraud',
  client: 'enumeration',
}

function kindOf(family: Family, evidence: readonly Evidence[]): CaseKind {
  const only = onlyKinds[family]
  if (only) return only
  const said = new Map<CaseKind, number>()
  const isHalted = evidence.some(({ detector }) => ofHalts.has(detector))
  for (const { detector, weight, finding } of evidence) {
    const inPlace = !isHalted && finding.facts.gap === 'missing'
    const shares = inPlace ? takenInPlace : (speaksFor[detector] ?? {})
    for (const [kind, share] of Object.entries(shares) as [CaseKind, number][])
      said.set(kind, (said.get(kind) ?? 0) + share * Math.min(sureAt, weight))
  }
  let best: CaseKind = 'diversion'
  for (const kind of caseKinds) if ((said.get(kind) ?? 0) > (said.get(best) ?? 0)) best = kind
  return best
}
