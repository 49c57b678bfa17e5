// The goods of the simulated world, with the storage profiles their makers would register. The
// limits are those of published threshold sets; the names are invented. Refuses to judge readings:
// that is what is being tested.
import { gtin } from './keys.ts'

export interface ProfileRule {
  id: string
  kind: 'instant' | 'single' | 'cumulative'
  above?: number
  atOrAbove?: number
  below?: number
  atOrBelow?: number
  forMinutes?: number
  severity: 'info' | 'minor' | 'major' | 'critical'
}

/** The body of `PUT /api/v1/products/{gtin}`. */
export interface ProductBody {
  name: string
  profile: {
    rangeC: { min: number; max: number }
    rules?: readonly ProfileRule[]
    ruleSet?: string
    loggingIntervalSeconds: number
    gapFactor?: number
  }
}

export interface Product {
  name: string
  /** GTIN-14 of the item and of the case it is packed in. */
  gtin: string
  caseGtin: string
  rangeC: { min: number; max: number }
  /** What a reefer is set to for it. */
  setpointC: number
  /** Shippers are packed for 2-8 °C only. */
  shippable: boolean
  rules?: readonly ProfileRule[]
  ruleSet?: string
}

/** Refrigerated pharma: above 8 single and cumulative, above 15 at once, freezing. */
const refrigerated: readonly ProfileRule[] = [
  { id: 'high-single', kind: 'single', above: 8, forMinutes: 30, severity: 'major' },
  { id: 'high-cumulative', kind: 'cumulative', above: 8, forMinutes: 240, severity: 'major' },
  { id: 'high-instant', kind: 'instant', above: 15, severity: 'critical' },
  { id: 'freeze-single', kind: 'single', below: 0, forMinutes: 30, severity: 'critical' },
  { id: 'freeze-hour', kind: 'single', atOrBelow: -0.5, forMinutes: 60, severity: 'critical' },
]

/** Room temperature of climatic zone IVb, 15-30 °C; 40 °C never. */
const roomTemperature: readonly ProfileRule[] = [
  { id: 'high-single', kind: 'single', above: 30, forMinutes: 60, severity: 'major' },
  { id: 'high-instant', kind: 'instant', above: 40, severity: 'critical' },
  { id: 'low-single', kind: 'single', below: 15, forMinutes: 60, severity: 'minor' },
]

/** USP freezer, -25 to -10 °C: a single thaw is the loss. */
const frozen: readonly ProfileRule[] = [
  { id: 'warm-single', kind: 'single', above: -10, forMinutes: 30, severity: 'major' },
  { id: 'thaw', kind: 'instant', above: 0, severity: 'critical' },
]

export const products: readonly Product[] = [
  {
    name: 'Isolumab pen 40 mg',
    ...gtinsOf(101),
    rangeC: { min: 2, max: 8 },
    setpointC: 5,
    shippable: true,
    rules: refrigerated,
  },
  {
    name: 'Hexavalent vaccine, single dose',
    ...gtinsOf(102),
    rangeC: { min: 2, max: 8 },
    setpointC: 5,
    shippable: true,
    ruleSet: 'who-fridge',
  },
  {
    name: 'Novacillin tablets 500 mg',
    ...gtinsOf(103),
    rangeC: { min: 15, max: 30 },
    setpointC: 21,
    shippable: false,
    rules: roomTemperature,
  },
  {
    name: 'Plasma, frozen, 200 ml',
    ...gtinsOf(104),
    rangeC: { min: -25, max: -10 },
    setpointC: -18,
    shippable: false,
    rules: frozen,
  },
]

export function bodyOf(product: Product, loggingIntervalSeconds: number): ProductBody {
  const { name, rangeC, rules, ruleSet } = product
  const chosen = ruleSet === undefined ? { rules: rules ?? [] } : { ruleSet }
  return { name, profile: { rangeC, ...chosen, loggingIntervalSeconds, gapFactor: 2.5 } }
}

function gtinsOf(itemReference: number): { gtin: string; caseGtin: string } {
  return { gtin: gtin(0, itemReference), caseGtin: gtin(1, itemReference) }
}
