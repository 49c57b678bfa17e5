// The life of a serial number: one state machine, folded over the events that concern the unit, in
// event time. Whatever order the events came in, the same life results. What cannot be is kept as a
// problem with both events in it; nothing is resolved silently and nothing throws.
import { type Claim, type Claimed, claimsOf, type Fact } from './words.ts'

export type { Claim, Fact, FactRole } from './words.ts'
export { factOf } from './words.ts'

export const statuses = [
  'unknown',
  'allocated',
  'commissioned',
  'in_transit',
  'available',
  'returned',
  'held',
  'locked',
  'checked_out',
  'sold',
  'sample',
  'free_sample',
  'exported',
  'stolen',
  'consumed',
  'decommissioned',
  'destroyed',
] as const

export type Status = (typeof statuses)[number]

/** What people are told: the status, unless something outweighs it. */
export type State = Status | 'recalled' | 'conflict'

/**
 * contradiction: both events cannot be true. gap: an event between them is missing. forbidden: it
 * may have been done, and should not have been.
 */
export type ProblemKind = 'contradiction' | 'gap' | 'forbidden'

export interface LifeProblem {
  code: 'unit/transition'
  kind: ProblemKind
  /** What the event claims, and what the unit was by then. */
  claim: Claim
  status: Status
  /** Epoch ms. */
  eventTime: number
  eventID: string
  /** The event that had made it so; none for `unknown`. */
  against: string | undefined
  inherited: boolean
  detail: string
}

export interface Life {
  /** As the last event says that contradicts none before it. */
  status: Status
  /** When and by which event it became so. */
  since: number | undefined
  by: string | undefined
  /** The disposition said last. */
  disposition: string | undefined
  /** Dispositions that stay until they are unset. Sorted. */
  persistent: readonly string[]
  /** Where the unit was seen last. */
  place: string | undefined
  /** What it was before the shipment under way. */
  beforeShipping: Status | undefined
  problems: readonly LifeProblem[]
}

/** Before anything is known of it. */
export const unknownLife: Life = {
  status: 'unknown',
  since: undefined,
  by: undefined,
  disposition: undefined,
  persistent: [],
  place: undefined,
  beforeShipping: undefined,
  problems: [],
}

/** The life of a unit from its facts, in any order; the same event given twice counts once. */
export function lifeOf(facts: readonly Fact[]): Life {
  let life = unknownLife
  let last: Fact | undefined
  const own = new Set(facts.filter(({ inherited }) => !inherited).map(({ eventID }) => eventID))
  for (const fact of facts.toSorted(compareFacts)) {
    // What an event says of the unit itself, it does not say once more through its container.
    if (fact.inherited ? own.has(fact.eventID) || sameEvent(last, fact) : sameRole(last, fact))
      continue
    life = advance(life, fact).state
    last = fact
  }
  return life
}

/** The next fact of a life. Facts must come in the order of `compareFacts`. */
export function advance(life: Life, fact: Fact): { state: Life; problem?: LifeProblem } {
  let state = life
  let problem: LifeProblem | undefined
  for (const claimed of claimsOf(fact)) {
    const step = take(state, fact, claimed)
    state = step.state
    problem ??= step.problem
  }
  state = {
    ...state,
    disposition: fact.disposition ?? state.disposition,
    persistent: persistentAfter(state.persistent, fact),
    place: fact.place ?? state.place,
  }
  return problem ? { state, problem } : { state }
}

/**
 * By event time; of events at the same time first what begins a life and last what ends it; then by
 * eventID. A total order, so that the order of arrival decides nothing.
 */
export function compareFacts(a: Fact, b: Fact): number {
  return (
    a.eventTime - b.eventTime ||
    rankOf(a) - rankOf(b) ||
    (a.eventID < b.eventID ? -1 : Number(a.eventID > b.eventID)) ||
    Number(a.inherited) - Number(b.inherited) ||
    (a.role < b.role ? -1 : Number(a.role > b.role))
  )
}

/** conflict: events contradict each other. recalled: said of all but what is no more. */
export function stateOf(life: Life): State {
  if (life.problems.some(({ kind }) => kind === 'contradiction')) return 'conflict'
  return conditionsOf(life).includes('recalled') && !isEnded(life.status) ? 'recalled' : life.status
}

/** Dispositions that make a unit unfit for sale as long as they hold. Sorted. */
export function conditionsOf({ persistent, disposition }: Life): string[] {
  const held = disposition !== undefined && unfit.has(disposition) ? [disposition] : []
  return [...new Set([...persistent, ...held])].sort()
}

/** Nothing can come after it. */
export const isEnded = (status: Status): boolean => status === 'destroyed' || status === 'consumed'

const unfit: ReadonlySet<string> = new Set([
  'damaged',
  'disposed',
  'expired',
  'mismatch_class',
  'mismatch_instance',
  'mismatch_quantity',
  'needs_replacement',
  'no_pedigree_match',
  'non_conformant',
  'non_sellable_other',
  'recalled',
  'unavailable',
])

/** Said once, they stay, for nobody's shipping notice takes a recall back. */
const lasting: ReadonlySet<string> = new Set(['recalled', 'expired'])

const columns = [
  ['encode', 'enc', 'allocated'],
  ['commission', 'com', 'commissioned'],
  ['exist', 'exi', 'commissioned'],
  ['use', 'use', undefined],
  ['receive', 'rec', 'available'],
  ['release', 'rel', 'available'],
  ['return', 'ret', 'returned'],
  ['hold', 'hol', 'held'],
  ['ship', 'shi', 'in_transit'],
  ['void', 'voi', undefined],
  ['lock', 'loc', 'locked'],
  ['checkOut', 'che', 'checked_out'],
  ['sell', 'sel', 'sold'],
  ['sample', 'sam', 'sample'],
  ['freeSample', 'fre', 'free_sample'],
  ['export', 'exp', 'exported'],
  ['steal', 'ste', 'stolen'],
  ['consume', 'con', 'consumed'],
  ['decommission', 'dec', 'decommissioned'],
  ['destroy', 'des', 'destroyed'],
] as const satisfies readonly (readonly [Claim, string, Status | undefined])[]

/**
 * Row: what the unit is. Column: what an event claims, in the order in which events of one moment
 * are taken. `+` it becomes so. `.` nothing changes. `g` it becomes so, with a gap; `G` the gap
 * only. `f` it becomes so, and should not. `x` contradiction. `r` contradiction when it was done
 * once more, nothing when it is only found to be so. `p` gap when it is at another place.
 */
export const table = `
                enc com exi use rec rel ret hol shi voi loc che sel sam fre exp ste con dec des
unknown          +   +   +   .   +   +   +   +   +   .   +   +   +   +   +   +   +   +   +   +
allocated        .   +   g   G   g   g   g   g   g   G   g   g   g   g   g   g   g   g   +   g
commissioned     .   r   .   .   g   +   g   +   +   G   +   +   +   +   +   +   +   +   +   +
in_transit       .   x   .   .   +   g   +   +   .   +   +   g   g   +   +   +   +   g   +   +
available        .   x   .   .   p   .   +   +   +   G   +   +   +   +   +   +   +   +   +   +
returned         .   x   .   .   .   +   .   +   +   G   +   +   f   +   f   +   +   +   +   +
held             .   x   .   .   .   +   +   .   +   G   +   f   f   +   f   f   +   f   +   +
locked           .   x   .   .   .   +   .   .   f   .   .   f   f   +   f   f   +   f   +   +
checked_out      .   x   .   .   .   g   g   .   f   .   x   .   x   x   x   x   +   +   .   +
sold             .   x   .   .   x   g   +   g   x   x   g   x   r   x   x   x   +   g   .   g
sample           .   x   .   .   .   +   g   .   .   .   x   x   x   .   x   x   +   +   .   +
free_sample      .   x   .   .   .   +   g   .   .   .   x   x   x   x   .   x   +   g   .   +
exported         .   x   .   .   G   x   G   .   .   .   x   x   x   x   x   .   G   x   .   +
stolen           .   x   .   G   x   x   x   +   x   x   +   x   x   x   x   x   .   x   .   +
consumed         .   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   r   .   x
decommissioned   .   +   +   G   x   x   x   .   x   x   x   x   x   x   x   x   .   x   .   +
destroyed        .   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   .   r
`

const cells: ReadonlyMap<string, string> = new Map(
  table
    .trim()
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [status, ...row] = line.trim().split(/\s+/)
      return row.map((cell, i): [string, string] => [`${status} ${columns[i]![0]}`, cell])
    }),
)
const ranks = new Map<Claim, number>(columns.map(([claim], i) => [claim, i]))
const targets = new Map<Claim, Status | undefined>(columns.map(([claim, , to]) => [claim, to]))

/** Later than any claim: what says nothing of the life may say something of the place. */
const rankOf = (fact: Fact): number => {
  const first = claimsOf(fact)[0]
  return first ? ranks.get(first.claim)! : columns.length
}

const sameEvent = (a: Fact | undefined, b: Fact): boolean => a?.eventID === b.eventID
const sameRole = (a: Fact | undefined, b: Fact): boolean => sameEvent(a, b) && a?.role === b.role

function take(
  life: Life,
  fact: Fact,
  { claim, activity }: Claimed,
): { state: Life; problem?: LifeProblem } {
  let cell = cells.get(`${life.status} ${claim}`)!
  if (cell === 'r') cell = activity && !isPortion(life, fact) ? 'x' : '.'
  if (cell === 'p') cell = activity && isElsewhere(life, fact) ? 'g' : '.'
  // Nobody recorded that it was taken out: its container went on without it.
  if (cell === 'x' && fact.inherited) cell = 'G'
  if (cell === '+' && claim === 'sell' && conditionsOf(life).some((word) => lasting.has(word)))
    cell = 'f'
  const moves = cell === '+' || cell === 'g' || cell === 'f'
  const state = moves ? moved(life, fact, claim) : life
  const kind = kinds[cell]
  if (!kind) return { state }
  const problem = describe(life, fact, { claim, kind })
  return { state: { ...state, problems: [...state.problems, problem] }, problem }
}

const kinds: Readonly<Record<string, ProblemKind>> = {
  x: 'contradiction',
  g: 'gap',
  G: 'gap',
  f: 'forbidden',
}

function moved(life: Life, { eventTime, eventID }: Fact, claim: Claim): Life {
  const to = claim === 'void' ? (life.beforeShipping ?? 'unknown') : targets.get(claim)
  if (to === undefined || to === life.status) return life
  const beforeShipping = to === 'in_transit' ? life.status : undefined
  return { ...life, status: to, since: eventTime, by: eventID, beforeShipping }
}

/** A pack may be dispensed in portions (CBV 2.0 §7.2, partially_dispensed). */
const isPortion = (life: Life, fact: Fact): boolean =>
  life.disposition === 'partially_dispensed' && fact.bizStep === 'dispensing'

const isElsewhere = (life: Life, { place }: Fact): boolean =>
  place !== undefined && life.place !== undefined && place !== life.place

function describe(
  { status, by }: Life,
  { eventTime, eventID, inherited }: Fact,
  { claim, kind }: { claim: Claim; kind: ProblemKind },
): LifeProblem {
  const what = inherited ? `its container: ${said[claim]}` : said[claim]
  const detail = `${what}, while ${status}; ${meanings[kind]}`
  const evidence = { eventTime, eventID, against: by, inherited }
  return { code: 'unit/transition', kind, claim, status, ...evidence, detail }
}

const meanings: Record<ProblemKind, string> = {
  contradiction: 'both cannot be true',
  gap: 'an event is missing between the two',
  forbidden: 'it should not have been done',
}

const said: Record<Claim, string> = {
  encode: 'allocated',
  commission: 'commissioned',
  exist: 'found active',
  use: 'worked with',
  receive: 'received',
  release: 'found saleable',
  return: 'returned',
  hold: 'held',
  ship: 'shipped',
  void: 'its shipment declared void',
  lock: 'locked',
  checkOut: 'checked out for repackaging',
  sell: 'sold or dispensed',
  sample: 'taken as a sample',
  freeSample: 'given away as a sample',
  export: 'exported',
  steal: 'stolen',
  consume: 'used up in a transformation',
  decommission: 'decommissioned',
  destroy: 'destroyed',
}

function persistentAfter(before: readonly string[], fact: Fact): readonly string[] {
  const { disposition, persistentDisposition: given } = fact
  const said = disposition !== undefined && lasting.has(disposition) ? [disposition] : []
  if (said.length === 0 && !given) return before
  const after = new Set([...before, ...said, ...(given?.set ?? [])])
  for (const word of given?.unset ?? []) after.delete(word)
  return [...after].sort()
}
