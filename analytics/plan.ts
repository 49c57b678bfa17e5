// What a device's temperature is judged by: where it was mounted when, and the rules of the
// products that were there. Read from the ledger; judges nothing.
import type { Interval, JudgeOptions } from '../domain/breach.ts'
import { gapMsOf } from '../domain/profile.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { readPresence } from '../store/ledger-contents.ts'
import { type Product, readDevice, readProduct } from '../store/ledger-registry.ts'
import { readStays } from '../store/ledger-stays.ts'
import { gtinsOf } from './affected.ts'
import { labelWatches } from './label-watches.ts'

/** One rule of one product, for one stay of the logger on a container. */
export interface Watch {
  /** Unique within the plan, the same for the same facts. */
  id: string
  container: string
  /** The container whose label asks for the limit; none when the product does. */
  label?: string
  window: Interval
  gtin: string
  /** 0 without a product. */
  productVersion: number
  options: JudgeOptions
}

export interface Plan {
  watches: Watch[]
  /** The longest a reading may stand under any of the rules. */
  gapMs: number
}

/** An empty plan for a device that is unknown, without GIAI or never mounted. */
export async function readPlan(db: LedgerQuery, tenant: string, id: string): Promise<Plan> {
  const plan: Plan = { watches: [], gapMs: 0 }
  const device = await readDevice(db, tenant, id)
  if (!device?.giai) return plan
  const stays = await readStays(db, tenant, { in: 'child', among: [device.giai] })
  for (const stay of stays.sort((a, b) => a.from - b.from || (a.parent < b.parent ? -1 : 1))) {
    const window = { from: stay.from, to: stay.to }
    const presence = await readPresence(db, tenant, { container: stay.parent, window })
    for (const gtin of gtinsOf(presence)) {
      const product = await readProduct(db, tenant, gtin)
      if (product)
        addWatches(plan, { product, container: stay.parent, window }, device.loggingIntervalMs)
    }
  }
  const labelled = await labelWatches(db, tenant, { stays, intervalMs: device.loggingIntervalMs })
  plan.watches.push(...labelled.watches)
  plan.gapMs = Math.max(plan.gapMs, labelled.gapMs)
  return plan
}

function addWatches(
  plan: Plan,
  { product, container, window }: { product: Product; container: string; window: Interval },
  deviceIntervalMs: number | undefined,
): void {
  const { profile, gtin, version } = product
  const gapMs = gapMsOf(profile, deviceIntervalMs)
  plan.gapMs = Math.max(plan.gapMs, gapMs)
  for (const rule of profile.rules)
    plan.watches.push({
      id: `${container}|${window.from}|${gtin}|${rule.id}`,
      container,
      window,
      gtin,
      productVersion: version,
      options: { rule, gapMs, hysteresisC: profile.hysteresisC },
    })
}
