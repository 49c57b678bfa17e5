// A unit, its passport, its events and what was decided of it, as the API tells them. Shapes only.

import { parseAlert } from '../shapes.ts'
import * as d from './decode.ts'
import { decision, verdict } from './shapes.ts'

const zone = (json: unknown) => ({ limit: d.limit(json), ...d.shape({ minutes: d.number })(json) })

const account = {
  minutes: d.number,
  unknownMinutes: d.number,
  minC: d.numberOrNull,
  maxC: d.numberOrNull,
  meanC: d.numberOrNull,
  mktC: d.numberOrNull,
  zones: d.list(zone),
}

export const outcomes = ['passed', 'out', 'indeterminate', 'noted', 'skipped'] as const

const leg = d.shape({
  from: d.time,
  to: d.time,
  container: d.textOrNull,
  device: d.textOrNull,
  ...account,
})
export type Leg = ReturnType<typeof leg>

const budget = (json: unknown) => ({
  limit: d.limit(json),
  ...d.shape({
    allowedMinutes: d.number,
    drawnMinutes: d.number,
    leftMinutes: d.number,
    unknownMinutes: d.number,
  })(json),
})
export type Budget = ReturnType<typeof budget>

export const passport = d.shape({
  epc: d.text,
  from: d.time,
  to: d.time,
  verdict,
  ...account,
  freezeThawCycles: d.number,
  budgets: d.list(budget),
  handOver: d.orNull(d.shape({ partner: d.text, from: d.time, to: d.time, verdict: d.text })),
  reasons: d.list(
    d.shape({
      step: d.text,
      outcome: d.oneOf(outcomes, 'indeterminate'),
      finding: d.text,
      detail: d.text,
      clause: d.text,
      figures: d.raw,
    }),
  ),
  legs: d.list(leg),
})
export type Passport = ReturnType<typeof passport>
export type Reason = Passport['reasons'][number]

const unitAlert = (json: unknown) => ({ alert: parseAlert(d.raw(d.raw(json).alert)) })

export const unit = d.shape({
  epc: d.text,
  gtin: d.text,
  serial: d.text,
  lot: d.text,
  expiry: d.text,
  state: d.text,
  since: d.time,
  disposition: d.textOrNull,
  conditions: d.list(d.text),
  place: d.orNull(d.shape({ readPoint: d.textOrNull, bizLocation: d.textOrNull, at: d.time })),
  problems: d.list(
    d.shape({
      ...{ kind: d.text, claim: d.text, status: d.text, inherited: d.flag, detail: d.text },
      at: d.time,
    }),
  ),
  recalls: d.list(d.shape({ id: d.text, name: d.text, drill: d.flag })),
  parents: d.list(d.text),
  alerts: d.list(unitAlert),
})
export type Unit = ReturnType<typeof unit>

export const unitEvent = d.shape({
  eventID: d.text,
  type: d.text,
  eventTime: d.time,
  action: d.textOrNull,
  bizStep: d.textOrNull,
  disposition: d.textOrNull,
  readPoint: d.textOrNull,
  bizLocation: d.textOrNull,
  via: d.textOrNull,
})
export type UnitEvent = ReturnType<typeof unitEvent>

export const unitDecision = d.shape({
  decision,
  disposition: d.text,
  at: d.time,
  inForce: d.flag,
  endedBy: d.textOrNull,
})
