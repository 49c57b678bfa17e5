// Investigations and searches for common causes, as the API tells them. Shapes only.
import * as d from './decode.ts'
import { signature } from './shapes.ts'

export const categories = [
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

const said = d.orNull(d.shape({ at: d.time, by: d.text, note: d.text, effective: d.flag }))

const action = d.shape({
  id: d.text,
  kind: d.oneOf(['corrective', 'preventive'], 'corrective'),
  text: d.text,
  owner: d.text,
  dueAt: d.time,
  done: said,
  effectiveness: said,
})
export type Action = ReturnType<typeof action>

export const investigation = d.shape({
  id: d.text,
  state: d.oneOf(['open', 'closed'], 'open'),
  title: d.text,
  category: d.orNull(d.oneOf(categories, 'other')),
  alerts: d.list(d.text),
  cases: d.list(d.text),
  dispositions: d.list(d.text),
  rootCause: d.orNull(d.shape({ text: d.text, causes: d.list(d.text) })),
  whys: d.list(d.text),
  actions: d.list(action),
  comments: d.list(d.shape({ at: d.time, by: d.text, text: d.text })),
  openedBy: d.text,
  openedAt: d.time,
  changedAt: d.time,
  revision: d.number,
  recordHash: d.text,
  faults: d.list(d.shape({ code: d.text, actions: d.list(d.text), detail: d.text })),
  signature: d.orNull(signature),
  signatureHash: d.textOrNull,
})
export type Investigation = ReturnType<typeof investigation>

export const causes = d.shape({
  affected: d.number,
  unaffected: d.number,
  enough: d.flag,
  items: d.list(
    d.shape({
      attributes: d.list(d.shape({ name: d.text, value: d.text })),
      significant: d.flag,
      lift: d.number,
      p: d.number,
    }),
  ),
})
export type Cause = ReturnType<typeof causes>['items'][number]
