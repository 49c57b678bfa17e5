// Ready rule sets with their sources, as tables. Limits are data: a standard that changes makes a
// new set, and profiles that were stored keep what they took.
import type { MktPolicy, Profile, Rule, RuleKind, RuleSide, Severity } from './profile.ts'

export interface RuleSet {
  title: string
  source: string
  rangeC: NonNullable<Profile['rangeC']>
  rules: Rule[]
  mkt?: MktPolicy
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const rule = (
  id: string,
  [kind, side, limitC, allowanceMs]: [RuleKind, RuleSide, number, number],
  severity: Severity,
): Rule => ({ id, kind, side, limitC, allowanceMs, severity })

/** ΔH of USP <1079.2> where no other is known: 83.144 kJ/mol. */
const mkt = (limitC: number, windowMs: number): MktPolicy => ({
  ...{ limitC, windowMs, deltaHKjPerMol: 83.144, allowed: true },
})

const who: Record<string, RuleSet> = {
  'who-fridge': {
    title: 'Vaccine refrigerator',
    source: 'WHO EMS reference conditions HEAT and FRZE',
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('HEAT', ['single', 'above', 8, 10 * hour], 'major'),
      rule('FRZE', ['single', 'atOrBelow', -0.5, hour], 'critical'),
    ],
  },
  // Limits are inclusive: 30.0 trips 30.0.
  'who-shipping-1': {
    title: 'Shipping indicator type 1 (DTP, HepB, IPV, liquid vaccines)',
    source: 'WHO PQS E006/IN05 type 1',
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('heat-45', ['single', 'atOrAbove', 45, hour], 'critical'),
      rule('heat-30', ['cumulative', 'atOrAbove', 30, 10 * hour], 'major'),
      rule('freeze', ['single', 'atOrBelow', -0.5, hour], 'critical'),
    ],
  },
  'who-shipping-2': {
    title: 'Shipping indicator type 2 (OPV, BCG, measles, freeze-dried vaccines)',
    source: 'WHO PQS E006/IN05 type 2',
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('heat-45', ['single', 'atOrAbove', 45, hour], 'critical'),
      rule('heat-30', ['cumulative', 'atOrAbove', 30, 10 * hour], 'major'),
      rule('heat-10', ['cumulative', 'atOrAbove', 10, 20 * hour], 'minor'),
    ],
  },
}

const cdc: Record<string, RuleSet> = {
  'cdc-fridge': {
    title: 'Vaccine refrigerator',
    source: 'CDC Vaccine Storage and Handling Toolkit',
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('heat', ['instant', 'above', 8, 0], 'major'),
      rule('cold', ['instant', 'below', 2, 0], 'major'),
    ],
  },
  'cdc-freezer': {
    title: 'Vaccine freezer',
    source: 'CDC Vaccine Storage and Handling Toolkit',
    rangeC: { min: -50, max: -15 },
    rules: [
      rule('heat', ['instant', 'above', -15, 0], 'major'),
      rule('cold', ['instant', 'below', -50, 0], 'minor'),
    ],
  },
}

/** USP <659> storage definitions, excursions and MKT by USP <1079.2> (official 2025-08-01). */
const usp: Record<string, RuleSet> = {
  'usp-crt': {
    title: 'Controlled room temperature, 20-25 °C',
    source: 'USP <1079.2>: excursions 15-30 °C, at most 40 °C; MKT over 30 days at most 25 °C',
    rangeC: { min: 20, max: 25 },
    rules: [
      rule('heat', ['instant', 'above', 30, 0], 'major'),
      rule('heat-24h', ['cumulative', 'above', 30, day], 'critical'),
      rule('ceiling-40', ['instant', 'above', 40, 0], 'critical'),
      rule('cold', ['instant', 'below', 15, 0], 'major'),
    ],
    mkt: mkt(25, 30 * day),
  },
  'usp-cct': {
    title: 'Controlled cold temperature, 2-8 °C',
    source: 'USP <1079.2>: excursions 2-15 °C for at most 24 h; MKT over 24 h at most 8 °C',
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('heat-24h', ['cumulative', 'above', 8, day], 'major'),
      rule('ceiling-15', ['instant', 'above', 15, 0], 'critical'),
      rule('cold', ['instant', 'below', 2, 0], 'major'),
      rule('freeze', ['instant', 'atOrBelow', 0, 0], 'critical'),
    ],
    mkt: mkt(8, day),
  },
  'usp-zone-ivb': {
    title: 'Climatic zone IVb, 15-30 °C',
    source: 'USP <1079.2>, row of the 2025 revision; MKT over 30 days at most 30 °C',
    rangeC: { min: 15, max: 30 },
    rules: [
      rule('heat', ['instant', 'above', 30, 0], 'major'),
      rule('cold', ['instant', 'below', 15, 0], 'major'),
    ],
    mkt: mkt(30, 30 * day),
  },
  'usp-cool': {
    title: 'Cool, 8-15 °C',
    source: 'USP <659>; excursions by stability data, no MKT',
    rangeC: { min: 8, max: 15 },
    rules: [
      rule('heat', ['instant', 'above', 15, 0], 'major'),
      rule('cold', ['instant', 'below', 8, 0], 'major'),
    ],
  },
  'usp-freezer': {
    title: 'Freezer, -25 to -10 °C',
    source: 'USP <659>; excursions by stability data, MKT is not for frozen goods',
    rangeC: { min: -25, max: -10 },
    rules: [
      rule('heat', ['instant', 'above', -10, 0], 'major'),
      rule('cold', ['instant', 'below', -25, 0], 'minor'),
    ],
  },
}

const own: Record<string, RuleSet> = {
  'pharma-2-8': {
    title: 'Refrigerated pharmaceuticals, 2-8 °C',
    source:
      'a proposal of this project: warnings half a degree inside the label, and when 5 °C would become 8 °C within the 30 minutes that it may be above',
    rangeC: { min: 2, max: 8 },
    rules: [
      rule('heat-30min', ['single', 'above', 8, 30 * minute], 'major'),
      rule('heat-4h', ['cumulative', 'above', 8, 4 * hour], 'major'),
      rule('ceiling-15', ['instant', 'above', 15, 0], 'critical'),
      rule('cold-30min', ['single', 'below', 0, 30 * minute], 'major'),
      rule('freeze-60min', ['single', 'below', -0.5, hour], 'critical'),
      rule('warn-warm', ['instant', 'above', 7.5, 0], 'info'),
      rule('warn-cool', ['instant', 'below', 2.5, 0], 'info'),
      { ...rule('warn-rise', ['rate', 'rise', 3, 0], 'info'), windowMs: 30 * minute },
    ],
  },
}

export const ruleSets: Readonly<Record<string, RuleSet>> = { ...who, ...cdc, ...usp, ...own }
