// Investigations: why it happened and what is done so that it does not happen again (corrective and
// preventive action, ICH Q10 §3.2.2). Each change makes a whole new record; what may be changed,
// and what has to be there before one is closed. Keeps nothing and knows no person.

export const causeCategories = [
  'equipment',
  'packaging',
  'handling',
  'carrier',
  'process',
  'human',
  'supplier',
  'environment',
  'data',
  'other',
] as const
export type CauseCategory = (typeof causeCategories)[number]

export interface Action {
  id: string
  kind: 'corrective' | 'preventive'
  text: string
  owner: string
  /** RFC 3339, as all times of the record. */
  dueAt: string
  done: { at: string; by: string; note: string } | null
  /** Whether it did what it was meant to do, looked at after it was done. */
  effectiveness: { at: string; by: string; note: string; effective: boolean } | null
}

export interface RootCause {
  text: string
  /** What a search for common causes told: links to it. */
  causes: string[]
}

export interface InvestigationRecord {
  kind: 'investigation'
  tenant: string
  id: string
  state: 'open' | 'closed'
  title: string
  category: CauseCategory | null
  alerts: string[]
  cases: string[]
  dispositions: string[]
  rootCause: RootCause | null
  /** Why, and why that, at most five times. */
  whys: string[]
  actions: Action[]
  comments: { at: string; by: string; text: string }[]
  /** Of closings before this one. */
  signatures: Record<string, unknown>[]
  openedBy: string
  openedAt: string
  revision: number
}

/** What people may write over; what is not given stays. */
export type Edit = Partial<
  Pick<
    InvestigationRecord,
    'title' | 'category' | 'alerts' | 'cases' | 'dispositions' | 'rootCause' | 'whys'
  >
>

export type InvestigationChange =
  | { do: 'edit'; edit: Edit }
  | { do: 'plan'; action: Pick<Action, 'id' | 'kind' | 'text' | 'owner' | 'dueAt'> }
  | { do: 'finish'; action: string; note: string }
  | { do: 'check'; action: string; note: string; effective: boolean }
  | { do: 'comment'; text: string }
  | { do: 'close' }
  | { do: 'open-again'; signature: Record<string, unknown> | null }

/** The next record, or why there is none. */
export function changed(
  record: InvestigationRecord,
  change: InvestigationChange,
  { by, at }: { by: string; at: string },
): InvestigationRecord | string {
  const next = { ...record, revision: record.revision + 1 }
  if (change.do === 'open-again') {
    if (record.state === 'open') return 'it is open'
    const signatures = [...record.signatures, ...(change.signature ? [change.signature] : [])]
    return { ...next, state: 'open', signatures }
  }
  // What is closed stays as it was signed.
  if (record.state === 'closed') return 'it is closed: open it again first'
  if (change.do === 'edit') return { ...next, ...change.edit }
  if (change.do === 'comment')
    return { ...next, comments: [...record.comments, { at, by, text: change.text }] }
  if (change.do === 'close') {
    const faults = closingFaults(record)
    return faults.length > 0
      ? faults.map(({ detail }) => detail).join('; ')
      : { ...next, state: 'closed' }
  }
  if (change.do === 'plan') {
    const planned: Action = { ...change.action, done: null, effectiveness: null }
    return { ...next, actions: [...record.actions, planned] }
  }
  const action = record.actions.find(({ id }) => id === change.action)
  if (!action) return `there is no action ${change.action}`
  const said = { at, by, note: change.note }
  if (change.do === 'finish') {
    if (action.done) return `it was done on ${action.done.at}`
    return withAction(next, { ...action, done: said })
  }
  if (!action.done) return 'what is not done cannot be looked at'
  const effectiveness = { ...said, effective: change.effective }
  return withAction(next, { ...action, effectiveness })
}

export const closingCodes = [
  ...['no-cause', 'no-category', 'no-action', 'not-done', 'not-checked', 'not-effective'],
] as const

/** Something that is missing before it may be closed. */
export interface ClosingFault {
  code: (typeof closingCodes)[number]
  /** Ids of the actions that it is about. */
  actions: string[]
  detail: string
}

/** What is missing before it may be closed; none: nothing is. */
export function closingFaults(record: InvestigationRecord): ClosingFault[] {
  const { rootCause, category, actions } = record
  const open = idsOf(actions.filter(({ done }) => !done))
  const unchecked = idsOf(actions.filter(({ done, effectiveness }) => done && !effectiveness))
  const failed = idsOf(actions.filter(({ effectiveness }) => effectiveness?.effective === false))
  const works = actions.some(({ effectiveness }) => effectiveness?.effective)
  const fault = (
    code: ClosingFault['code'],
    detail: string,
    about: string[] = [],
  ): ClosingFault => ({
    ...{ code, actions: about },
    detail: about.length > 0 ? `${detail}: ${about.join(', ')}` : detail,
  })
  return [
    ...(rootCause ? [] : [fault('no-cause', 'no root cause is told')]),
    ...(category ? [] : [fault('no-category', 'it has no category')]),
    ...(actions.length > 0 ? [] : [fault('no-action', 'no action is planned')]),
    ...(open.length > 0 ? [fault('not-done', 'not done', open)] : []),
    ...(unchecked.length > 0
      ? [fault('not-checked', 'effectiveness not looked at', unchecked)]
      : []),
    ...(failed.length > 0 && !works ? [fault('not-effective', 'no action was effective')] : []),
  ]
}

const idsOf = (actions: readonly Action[]): string[] => actions.map(({ id }) => id)

const withAction = (record: InvestigationRecord, action: Action): InvestigationRecord => ({
  ...record,
  actions: record.actions.map((each) => (each.id === action.id ? action : each)),
})
