// What the quality pages read of the API: the inbox, what people did with an alert, decisions on
// units. Shapes only.
import { parseAlert, type Severity, type Verdict } from '../shapes.ts'
import * as d from './decode.ts'

export const severities: readonly Severity[] = ['critical', 'major', 'minor', 'info']
export const severity = d.oneOf<Severity>(severities, 'major')
/** What cannot be read is unknown, and unknown is not good (I6). */
export const verdict = d.oneOf<Verdict>(['in', 'out', 'indeterminate'], 'indeterminate')

export const lifeStates = ['new', 'acknowledged', 'investigating', 'decided', 'closed'] as const
export type LifeState = (typeof lifeStates)[number]
const state = d.oneOf<LifeState>(lifeStates, 'new')

export const inboxAlert = (json: unknown) => ({
  ...parseAlert(d.raw(json)),
  ...d.shape({ state, assignee: d.textOrNull })(json),
})
export type InboxAlert = ReturnType<typeof inboxAlert>

export const inboxGroup = d.shape({
  group: d.text,
  container: d.text,
  place: d.textOrNull,
  severity,
  from: d.time,
  lastFrom: d.time,
  alertCount: d.number,
  unassigned: d.number,
  states: d.counts,
  alerts: d.list(inboxAlert),
})
export type InboxGroup = ReturnType<typeof inboxGroup>

export const inboxCounts = d.shape({
  groups: d.number,
  alerts: d.number,
  states: d.counts,
  severities: d.counts,
})

export const workflow = d.shape({
  alert: d.text,
  group: d.text,
  state,
  assignee: d.textOrNull,
  number: d.number,
  maySteps: d.list(state),
  revision: d.number,
  serialSetHash: d.text,
  decidedOn: d.orNull(d.shape({ revision: d.number, verdict })),
  supersededBy: d.textOrNull,
  entries: d.list(
    d.shape({
      alert: d.text,
      number: d.number,
      at: d.time,
      by: d.text,
      kind: d.oneOf(['moved', 'assigned', 'commented', 'carried'], 'commented'),
      to: d.textOrNull,
      reason: d.text,
      text: d.text,
      from: d.text,
    }),
  ),
  members: d.list(d.shape({ alert: d.text, state })),
})
export type Workflow = ReturnType<typeof workflow>
export type Entry = Workflow['entries'][number]

export const likenesses = ['product', 'rule', 'container', 'device', 'place'] as const
export type Likeness = (typeof likenesses)[number]

export const similar = d.shape({
  alert: (json) => parseAlert(d.raw(json)),
  state,
  alike: d.list(d.oneOf<Likeness>(likenesses, 'product')),
})

export const decisions = ['release', 'quarantine', 'reject', 'destroy', 'return'] as const
export type Decision = (typeof decisions)[number]
export const decision = d.oneOf<Decision>(decisions, 'quarantine')

const refusal = d.shape({ code: d.text, path: d.text, detail: d.text })

export const signature = d.shape({
  signer: d.text,
  printedName: d.text,
  signedAt: d.time,
  meaning: d.text,
  reason: d.text,
  authentication: d.text,
})
export type Signature = ReturnType<typeof signature>

export const disposition = d.shape({
  id: d.text,
  state: d.oneOf(['proposed', 'signed', 'rejected'], 'proposed'),
  about: d.shape({
    kind: d.oneOf(['alert', 'recall', 'list'], 'list'),
    id: d.textOrNull,
    revision: d.numberOrNull,
  }),
  parts: d.list(
    d.shape({
      ...{ decision, disposition: d.text, count: d.number, serialSetHash: d.text },
      verdict: d.orNull(verdict),
    }),
  ),
  serialCount: d.number,
  left: d.number,
  serialSetHash: d.text,
  control: d.oneOf(['signed', 'four-eyes'], 'signed'),
  proposedBy: d.text,
  proposedAt: d.time,
  reason: d.text,
  recordHash: d.text,
  signature: d.orNull(signature),
  signatureHash: d.textOrNull,
  stale: d.list(refusal),
  captures: d.list(d.shape({ id: d.text, events: d.number, keptAt: d.time })),
})
export type Disposition = ReturnType<typeof disposition>

/** As a list has it: why it can no longer be signed, as far as a list looks. */
export const dispositionListed = (json: unknown) => ({
  ...disposition(json),
  ...d.shape({ staleBy: d.textOrNull })(json),
})

export const recommended = d.shape({
  epc: d.text,
  lot: d.textOrNull,
  decision: d.orNull(decision),
  inForce: d.orNull(d.shape({ decision, disposition: d.text, at: d.time })),
  recommendation: d.orNull(
    d.shape({
      verdict,
      reasons: d.list(
        d.shape({
          ...{ step: d.text, outcome: d.text, finding: d.text, detail: d.text, figures: d.raw },
        }),
      ),
    }),
  ),
})
export type Recommended = ReturnType<typeof recommended>

export const pickList = d.shape({
  disposition: d.text,
  decision,
  at: d.time,
  takeCount: d.number,
  lines: d.list(
    d.shape({
      pick: d.oneOf(['whole', 'part', 'leave', 'loose'], 'part'),
      container: d.textOrNull,
      within: d.list(d.text),
      takeCount: d.number,
      leaveCount: d.number,
      take: d.list(d.text),
      leave: d.list(d.text),
    }),
  ),
})
export type PickLine = ReturnType<typeof pickList>['lines'][number]
