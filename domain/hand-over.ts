// What one party hands over to the next of a unit's exposure: the budgets with what was drawn on
// them, and what it went through until then. The statement, its event, and how it is read again.
// Signs and believes nothing: trace/hand-overs.ts does.
import type { Interval } from './breach.ts'
import type { Budget, Draw } from './budgets.ts'
import type { Limit } from './exposure.ts'

/** Times epoch ms. Of a whole life only when it began with the commissioning of the unit. */
export interface HandOver extends Interval {
  epc: string
  whole: boolean
  knownMs: number
  minC: number | null
  maxC: number | null
  mktC: number | null
  kineticMs: number
  freezeThawCycles: number
  verdict: string
  /** SHA-256 of the passport as JSON, in hex. */
  passportHash: string
  draws: Draw[]
  /** Time beyond other limits. */
  zones: { limit: Limit; ms: number }[]
}

export const handOverNamespace = 'urn:isotherm:hand-over:1#'
/** The field of the event that holds the signed statement, as a JWS (RFC 7515, RFC 8037). */
export const handOverField = 'statement'
const kind = 'isotherm-hand-over/1'

/** What is signed. */
export const formatHandOver = (handOver: HandOver): string => JSON.stringify({ kind, ...handOver })

/** Undefined for what is no such statement. */
export function parseHandOver(text: string): HandOver | undefined {
  const read = objectOf(text)
  if (read?.kind !== kind) return undefined
  const { kind: _, ...body } = read
  const numbers = ['from', 'to', 'knownMs', 'kineticMs', 'freezeThawCycles']
  const temperatures = ['minC', 'maxC', 'mktC']
  const fine =
    numbers.every((name) => isNumber(body[name])) &&
    temperatures.every((name) => body[name] === null || isNumber(body[name])) &&
    ['epc', 'verdict', 'passportHash'].every((name) => typeof body[name] === 'string') &&
    typeof body.whole === 'boolean' &&
    isListOf(body.draws, isDraw) &&
    isListOf(body.zones, (zone) => isLimit(zone.limit) && isTime(zone.ms))
  if (!fine) return undefined
  const handOver = body as unknown as HandOver
  const { from, to, knownMs } = handOver
  return from <= to && knownMs >= 0 && knownMs <= to - from ? handOver : undefined
}

/**
 * What the partner says was drawn on these budgets. Of a limit that it counted nothing for, all of
 * its time may have been beyond it.
 */
export const openingOf = ({ from, to, knownMs, ...told }: HandOver, budgets: readonly Budget[]) =>
  budgets.map((budget): Draw => {
    const draw = told.draws.find(({ limit }) => sameLimit(limit, budget.limit))
    if (draw) return { ...budget, drawnMs: draw.drawnMs, unknownMs: draw.unknownMs }
    const zone = zoneOf(told, budget.limit)
    if (zone) return { ...budget, drawnMs: zone.ms, unknownMs: to - from - knownMs }
    return { ...budget, drawnMs: 0, unknownMs: to - from }
  })

export const zoneOf = ({ zones }: Pick<HandOver, 'zones'>, limit: Limit) =>
  zones.find((zone) => sameLimit(zone.limit, limit))

/** `text`: JSON. */
export function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(text)
    return isObject(read) ? read : undefined
  } catch {
    return undefined
  }
}

const sameLimit = (one: Limit, other: Limit): boolean =>
  one.side === other.side && one.limitC === other.limitC

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value)
const isTime = (value: unknown): boolean => isNumber(value) && value >= 0
const isLimit = (value: unknown): boolean =>
  isObject(value) &&
  isNumber(value.limitC) &&
  ['above', 'atOrAbove', 'below', 'atOrBelow'].includes(String(value.side))
const isDraw = (draw: Json): boolean =>
  isLimit(draw.limit) && [draw.allowedMs, draw.drawnMs, draw.unknownMs].every(isTime)

/** More of them are no passport. */
const listMax = 100
const isListOf = (value: unknown, fits: (one: Json) => boolean): boolean =>
  Array.isArray(value) &&
  value.length <= listMax &&
  value.every((one) => isObject(one) && fits(one))
