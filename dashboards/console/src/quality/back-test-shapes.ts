// Back-tests and changes of profiles, as the API tells them. Shapes only.
import * as d from './decode.ts'
import { signature, verdict } from './shapes.ts'

export const states = ['waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted'] as const

const side = d.shape({
  alerts: d.number,
  out: d.number,
  indeterminate: d.number,
  hours: d.number,
  unknownHours: d.number,
  units: d.number,
  unitsOut: d.number,
  cost: d.numberOrNull,
})
export type Side = ReturnType<typeof side>

const excursion = d.shape({
  id: d.text,
  device: d.text,
  container: d.text,
  rule: d.text,
  from: d.time,
  to: d.time,
  minutes: d.number,
  peakC: d.numberOrNull,
  verdict,
  serialCount: d.number,
})
export type Excursion = ReturnType<typeof excursion>

const difference = d.shape({ alerts: d.number, list: d.list(excursion) })

export const backTest = d.shape({
  id: d.text,
  gtin: d.text,
  state: d.oneOf(states, 'waiting'),
  createdAt: d.time,
  createdBy: d.text,
  progress: d.shape({ devices: d.number, devicesDone: d.number, readings: d.number }),
  detail: d.textOrNull,
  report: d.orNull(
    d.shape({
      before: side,
      after: side,
      gained: difference,
      lost: difference,
      changed: d.shape({ alerts: d.number, list: d.list(d.shape({ after: excursion })) }),
      notJudged: d.shape({ unknownHours: d.number, devicesWithoutReadings: d.number }),
    }),
  ),
  reportHash: d.textOrNull,
})
export type BackTest = ReturnType<typeof backTest>

export const profileChange = d.shape({
  id: d.text,
  gtin: d.text,
  state: d.oneOf(['proposed', 'approved', 'rejected'], 'proposed'),
  stale: d.flag,
  record: d.shape({ backTest: d.text, reason: d.text, proposedBy: d.text, proposedAt: d.time }),
  recordHash: d.text,
  signature: d.orNull(signature),
  signatureHash: d.textOrNull,
  version: d.numberOrNull,
})
export type ProfileChange = ReturnType<typeof profileChange>
