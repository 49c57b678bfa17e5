// Recalls as the API tells them, and criteria as a reader puts them together. Pure.
import { fromUnit, type Unit } from '../format.ts'
import type { LimitSide } from './decode.ts'
import * as d from './decode.ts'
import { namesIn } from './parts.ts'

export const standings = ['located', 'inTransit', 'sold', 'destroyed', 'gone', 'unknown'] as const
const standing = d.oneOf(standings, 'unknown')

export const recall = d.shape({
  id: d.text,
  name: d.text,
  reason: d.text,
  class: d.textOrNull,
  drill: d.flag,
  status: d.oneOf(['open', 'closed'], 'open'),
  startedAt: d.time,
  closedAt: d.time,
  revision: d.number,
  serialCount: d.number,
  serialSetHash: d.text,
  units: d.counts,
  spared: d.shape({ lots: d.number, units: d.number }),
  steps: d.list(d.shape({ step: d.text, ms: d.number })),
  criteria: d.shape({ allOf: d.list(d.raw) }),
})
export type Recall = ReturnType<typeof recall>

export const holder = d.shape({
  holder: d.text,
  units: d.number,
  returned: d.number,
  destroyed: d.number,
  quarantined: d.number,
  notifiedAt: d.time,
  acknowledgedAt: d.time,
  acknowledgedBy: d.textOrNull,
})
export type Holder = ReturnType<typeof holder>

export const recalledUnit = d.shape({
  epc: d.text,
  lot: d.textOrNull,
  standing,
  state: d.text,
  place: d.textOrNull,
  holder: d.text,
})
export type RecalledUnit = ReturnType<typeof recalledUnit>

export const recallRevision = d.shape({
  revision: d.number,
  recordTime: d.time,
  cause: d.text,
  serialCount: d.number,
})

export const fields = [
  'gtin',
  'lot',
  'expiry',
  'supplier',
  'place',
  'container',
  'attribute',
  'input',
  'epc',
  'condition',
  'exposure',
] as const
export type Field = (typeof fields)[number]

/** One condition as it is typed. */
export interface Criterion {
  field: Field
  values: string
  name: string
  when: 'was' | 'is'
  /** As inputs of dates write them, or empty. */
  from: string
  to: string
  side: LimitSide
  /** In the unit of the reader. */
  limit: string
  minutes: string
}

export const newCriterion = (field: Field): Criterion => ({
  ...{ field, values: '', name: '', when: 'was', from: '', to: '' },
  ...{ side: 'above', limit: '', minutes: '0' },
})

/** As the API wants it. */
export function criterionAsked(of: Criterion, unit: Unit): Record<string, unknown> {
  const { field, name, when, side } = of
  const anyOf = namesIn(of.values)
  const dates = { ...(of.from && { from: of.from }), ...(of.to && { to: of.to }) }
  const times = {
    ...(of.from && { from: `${of.from}T00:00:00Z` }),
    ...(of.to && { to: `${of.to}T00:00:00Z` }),
  }
  if (field === 'expiry') return { field, ...dates }
  if (field === 'place') return { field, anyOf, when, ...times }
  if (field === 'container') return { field, anyOf, ...times }
  if (field === 'attribute') return { field, name: name.trim(), anyOf }
  if (field === 'condition') return { field, alerts: anyOf }
  if (field === 'exposure') {
    const limitC = Math.round(fromUnit(Number(of.limit.replace(',', '.')), unit) * 1000) / 1000
    return { field, [side]: limitC, moreThanMinutes: Number(of.minutes), ...times }
  }
  return { field, anyOf }
}

/** Whether enough is typed to ask the server. */
export function isTold(of: Criterion): boolean {
  const { field, from, to, name, limit, minutes } = of
  if (field === 'expiry') return from !== '' || to !== ''
  if (field === 'exposure') {
    const number = Number(limit.replace(',', '.'))
    return limit.trim() !== '' && Number.isFinite(number) && Number(minutes) >= 0
  }
  if (namesIn(of.values).length === 0) return false
  return field !== 'attribute' || name.trim() !== ''
}
