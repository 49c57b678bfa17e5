// The life of an alert among people, beside what readings make of it: new, acknowledged,
// investigating, decided, closed. One table says which step leads where and who may take it; a life
// is its entries, played in order. Knows no person, asks no clock, and raises nothing.
import type { Verdict } from './breach.ts'

export const lifeStates = ['new', 'acknowledged', 'investigating', 'decided', 'closed'] as const
export type LifeState = (typeof lifeStates)[number]

/** Who takes a step: a person, a signed disposition, or the data that were restated. */
export type Mover = 'person' | 'disposition' | 'restatement'

/** What of an alert a decision rests on. */
export interface Basis {
  revision: number
  serialSetHash: string
  verdict: Verdict
  /** superseded, retracted: there is no such breach any more. */
  status: string
}

export type LifeEntry =
  | { kind: 'moved'; to: LifeState; mover: Mover; reason: string; basis: Basis }
  | { kind: 'assigned'; to: string | null }
  | { kind: 'commented'; text: string }
  /** What the alert before it, whose place it took, had come to. */
  | { kind: 'carried'; from: string; life: AlertLife }

export interface AlertLife {
  state: LifeState
  assignee: string | null
  /** What was decided on; null before the first decision. */
  basis: Basis | null
}

export const newLife: AlertLife = { state: 'new', assignee: null, basis: null }

/** Each step that there is. What is not in it is refused. */
export const lifeSteps: readonly { from: LifeState; to: LifeState; by: readonly Mover[] }[] = [
  { from: 'new', to: 'acknowledged', by: ['person'] },
  { from: 'acknowledged', to: 'investigating', by: ['person'] },
  { from: 'investigating', to: 'acknowledged', by: ['person'] },
  // Who signs for the units has seen the alert.
  { from: 'new', to: 'decided', by: ['disposition'] },
  { from: 'acknowledged', to: 'decided', by: ['person', 'disposition'] },
  { from: 'investigating', to: 'decided', by: ['person', 'disposition'] },
  { from: 'decided', to: 'closed', by: ['person'] },
  // Somebody looks again, or the data were restated after the decision.
  { from: 'decided', to: 'investigating', by: ['person', 'restatement'] },
  { from: 'closed', to: 'investigating', by: ['person', 'restatement'] },
]

export const maySteps = (from: LifeState, mover: Mover): LifeState[] =>
  lifeSteps.filter((step) => step.from === from && step.by.includes(mover)).map(({ to }) => to)

export const mayStep = (from: LifeState, to: LifeState, mover: Mover): boolean =>
  maySteps(from, mover).includes(to)

/** The life after an entry. Of a step that the table does not have the life stays as it is. */
export function advanceLife(life: AlertLife, entry: LifeEntry): AlertLife {
  if (entry.kind === 'commented') return life
  if (entry.kind === 'assigned') return { ...life, assignee: entry.to }
  if (entry.kind === 'carried') return life.state === 'new' ? { ...entry.life } : life
  if (!mayStep(life.state, entry.to, entry.mover)) return life
  const basis = entry.to === 'decided' ? entry.basis : life.basis
  return { ...life, state: entry.to, basis }
}

/** The same entries always give the same life. */
export const lifeAfter = (entries: readonly LifeEntry[]): AlertLife =>
  entries.reduce(advanceLife, newLife)

/**
 * The step back that a restated alert asks for after a decision: other serials, another verdict, or
 * no breach at all. Undefined when the decision still rests on what stands.
 */
export function reopening(life: AlertLife, now: Basis): LifeEntry | undefined {
  const { basis, state } = life
  // Of one whose place another took, the decision goes on with that one.
  if (!basis || now.status === 'superseded') return undefined
  if (state !== 'decided' && state !== 'closed') return undefined
  const changed = [
    ...(basis.serialSetHash === now.serialSetHash ? [] : ['serials']),
    ...(basis.verdict === now.verdict ? [] : [`verdict ${basis.verdict} -> ${now.verdict}`]),
    ...(now.status === 'retracted' && basis.status !== now.status ? ['there was no breach'] : []),
  ]
  if (changed.length === 0) return undefined
  const reason = `restated after the decision: ${changed.join(', ')}`
  return { kind: 'moved', to: 'investigating', mover: 'restatement', reason, basis: now }
}

/** Whether people still have to look at it: not closed, and not gone before anybody took it up. */
export function isPending({ state }: AlertLife, { status }: Pick<Basis, 'status'>): boolean {
  if (status === 'superseded' || state === 'closed') return false
  return status !== 'retracted' || state !== 'new'
}
