// What the label of a container asks of the loggers that measure what is in it: an instant rule for
// each limit, beside those of the products. A logger on the container, or on anything that holds
// it, measures all units in it; one on something inside measures the units in that. Judges nothing.

import { limitsOver } from '../domain/armed-limits.ts'
import type { Interval } from '../domain/breach.ts'
import { type Containment, intersect, union } from '../domain/hierarchy.ts'
import { gapFactorDefault, gapMsOf, type Profile, type Rule } from '../domain/profile/profile.ts'
import { readPresence, readPresenceAbove } from '../store/ledger/contents.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { hasArmings, readArmings } from '../store/ledger/limits.ts'
import { readProduct } from '../store/ledger/registry.ts'
import { gtinsOf } from './affected.ts'
import type { Plan, Watch } from './plan.ts'
import { settlingOf } from './settling.ts'

export interface LabelledAsk {
  /** Where the logger was. */
  stays: readonly Containment[]
  /** How often it says that it logs. */
  intervalMs: number | undefined
  /** Of this product alone; as if `profile` were its newest one, when there is one. */
  only?: { gtin: string; profile?: Profile }
}

/** Whatever profile ruled then, the newest says how long readings stand and loggers settle. */
export async function labelWatches(
  db: LedgerQuery,
  tenant: string,
  { stays, intervalMs, only }: LabelledAsk,
): Promise<Pick<Plan, 'watches' | 'gapMs'>> {
  const plan: Pick<Plan, 'watches' | 'gapMs'> = { watches: [], gapMs: 0 }
  if (stays.length === 0 || !(await hasArmings(db, tenant))) return plan
  for (const { label, container, window, rules } of await measuredOf(db, tenant, stays)) {
    const presence = await readPresence(db, tenant, { container, window })
    for (const gtin of gtinsOf(presence)) {
      if (only && only.gtin !== gtin) continue
      const product = await readProduct(db, tenant, gtin)
      const profile = only?.profile ?? product?.profile ?? noProfile
      const gapMs = gapMsOf(profile, intervalMs)
      plan.gapMs = Math.max(plan.gapMs, gapMs)
      const about = { container, label, window, gtin, productVersion: product?.version ?? 0 }
      const settling = settlingOf(profile.acclimatisation, {
        mounted: Math.max(...stays.map(({ from }) => from).filter((at) => at <= window.from)),
        window,
      })
      for (const rule of rules)
        plan.watches.push({
          id: [label, container, window.from, gtin, rule.id, rule.limitC].join('|'),
          ...about,
          options: { rule, gapMs, hysteresisC: 0, ...(settling && { settling }) },
        })
    }
  }
  return plan
}

/** A container of which the logger tells, while a label holds for what is in it. */
interface Measured extends Pick<Watch, 'container' | 'window'> {
  label: string
  rules: Rule[]
}

async function measuredOf(
  db: LedgerQuery,
  tenant: string,
  stays: readonly Containment[],
): Promise<Measured[]> {
  const measured: Measured[] = []
  const pairs = await pairsOf(db, tenant, stays)
  const armings = await readArmings(db, tenant, [...new Set(pairs.map(({ label }) => label))])
  for (const [, same] of Map.groupBy(pairs, ({ label, container }) => `${label} ${container}`)) {
    const { label, container } = same[0]!
    const during = union(same.flatMap((pair) => pair.during))
    for (const { minC, maxC, ...span } of limitsOver(armings.get(label) ?? []))
      for (const window of intersect(during, [span]))
        measured.push({ label, container, window, rules: rulesOf(minC, maxC) })
  }
  return measured
}

interface Pair {
  label: string
  container: string
  during: Interval[]
}

/** Where it was: the containers below are measured whole, of those above what it was on. */
async function pairsOf(
  db: LedgerQuery,
  tenant: string,
  stays: readonly Containment[],
): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (const { parent, from, to } of stays) {
    const window = { from, to }
    const below = await readPresence(db, tenant, { container: parent, window })
    for (const [label, during] of below)
      if (isSscc(label)) pairs.push({ label, container: label, during })
    for (const [label, during] of await readPresenceAbove(db, tenant, { epc: parent, window }))
      if (isSscc(label) && label !== parent) pairs.push({ label, container: parent, during })
  }
  return pairs
}

const isSscc = (epc: string): boolean => epc.startsWith('https://id.gs1.org/00/')

/** Limits are inclusive: at most 8 °C lets 8.0 pass. */
function rulesOf(minC: number | null, maxC: number | null): Rule[] {
  const rule = { kind: 'instant', allowanceMs: 0, severity: 'major' } as const
  return [
    ...(maxC === null ? [] : [{ ...rule, id: 'label-max', side: 'above', limitC: maxC } as const]),
    ...(minC === null ? [] : [{ ...rule, id: 'label-min', side: 'below', limitC: minC } as const]),
  ]
}

/** Of products that nobody registered: the longest interval a standard allows. */
const noProfile: Profile = { rules: [], gapFactor: gapFactorDefault, hysteresisC: 0 }
