// What a device's temperature is judged by: where it was mounted when, and the rules of the
// products that were there, cut by the versions of their profiles and the phases of the journey.
// Read from the ledger; judges nothing.
import type { Interval, JudgeOptions } from '../domain/breach.ts'
import type { ClockCorrection } from '../domain/clock-correction.ts'
import type { Containment } from '../domain/hierarchy.ts'
import { during } from '../domain/phases.ts'
import {
  type Acclimatisation,
  gapMsOf,
  guarded,
  type Profile,
  type Rule,
} from '../domain/profile/profile.ts'
import { correctionsInForce } from '../store/ledger/clock-corrections.ts'
import { readPresence } from '../store/ledger/contents.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { profilesInForce } from '../store/ledger/profiles.ts'
import { type Device, readDevice } from '../store/ledger/registry.ts'
import { readStays } from '../store/ledger/stays.ts'
import { gtinsOf } from './affected.ts'
import { readPhases } from './cases/journey.ts'
import { labelWatches } from './label-watches.ts'
import { settlingOf } from './settling.ts'
import { type SilenceWatch, silenceWatches } from './silence/watches.ts'

/** One rule of one product, for one stay of the logger on a container, or a part of it. */
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
  /** Of several versions that say the same, each with its begin, ascending. */
  versions?: readonly { from: number; version: number }[]
  /** The rule as the profile states it, when a guard band moves what is judged. */
  stated?: Rule
  options: JudgeOptions
}

export interface Plan {
  watches: Watch[]
  /** Where the device may not be silent. */
  silences: SilenceWatch[]
  /** The longest a reading may stand under any of the rules. */
  gapMs: number
  /** What was stated of its clock: readings count at the times that follow. */
  clock: readonly ClockCorrection[]
}

/** An empty plan for a device that is unknown, without GIAI or never mounted. */
export async function readPlan(db: LedgerQuery, tenant: string, id: string): Promise<Plan> {
  const plan: Plan = { watches: [], silences: [], gapMs: 0, clock: [] }
  const device = await readDevice(db, tenant, id)
  if (!device?.giai) return plan
  plan.clock = await correctionsInForce(db, { tenant, device: id })
  const stays = await readStays(db, tenant, { in: 'child', among: [device.giai] })
  for (const stay of stays.sort((a, b) => a.from - b.from || (a.parent < b.parent ? -1 : 1))) {
    const window = { from: stay.from, to: stay.to }
    const presence = await readPresence(db, tenant, { container: stay.parent, window })
    for (const gtin of gtinsOf(presence)) {
      const spans = await profilesInForce(db, { tenant, gtin }, stay)
      for (const watch of await watchesOf(db, { device, stay, gtin, spans })) {
        plan.watches.push(watch)
        plan.gapMs = Math.max(plan.gapMs, watch.options.gapMs)
      }
      const asked = { container: stay.parent, gtin, intervalMs: device.loggingIntervalMs }
      plan.silences.push(...silenceWatches(spans, asked))
    }
  }
  const labelled = await labelWatches(db, tenant, { stays, intervalMs: device.loggingIntervalMs })
  plan.watches.push(...labelled.watches)
  plan.gapMs = Math.max(plan.gapMs, labelled.gapMs)
  return plan
}

type InForce = Awaited<ReturnType<typeof profilesInForce>>[number]

/** One rule as it judges in a span: of one version, or of several that say the same. */
interface Judged extends Interval {
  options: JudgeOptions
  stated: Rule
  acclimatisation: Acclimatisation | undefined
  versions: { from: number; version: number }[]
}

export async function watchesOf(
  db: LedgerQuery,
  of: { device: Device; stay: Containment; gtin: string; spans: readonly InForce[] },
): Promise<Watch[]> {
  const { device, stay, gtin, spans } = of
  const { tenant } = device
  const container = stay.parent
  const judged: Judged[] = []
  for (const span of spans) for (const next of judgedBy(span, device)) append(judged, next)
  const asked = judged.some(({ stated }) => stated.phases)
  const phases = asked ? await readPhases(db, tenant, container) : []
  return judged.flatMap(({ options, stated, acclimatisation, versions, ...span }) => {
    const windows = stated.phases ? during(phases, stated.phases, span) : [span]
    return windows.map((window): Watch => {
      const settling = settlingOf(acclimatisation, { mounted: stay.from, window })
      return {
        id: `${container}|${window.from}|${gtin}|${stated.id}`,
        ...{ container, window, gtin, versions },
        productVersion: versions[0]!.version,
        ...(stated !== options.rule && { stated }),
        options: { ...options, since: window.from, ...(settling && { settling }) },
      }
    })
  })
}

function judgedBy(
  { profile, version, from, to }: Interval & { profile: Profile; version: number },
  { loggingIntervalMs, uncertaintyC = 0 }: Device,
): Judged[] {
  const { hysteresisC, guardBandC = 0, acclimatisation } = profile
  const gapMs = gapMsOf(profile, loggingIntervalMs)
  const bandC = Math.max(guardBandC, uncertaintyC)
  return profile.rules.map((stated) => ({
    ...{ from, to, stated, acclimatisation, versions: [{ from, version }] },
    options: { rule: guarded(stated, bandC), gapMs, hysteresisC },
  }))
}

/** A rule that a new version left as it was goes on: its sums do not start anew. */
function append(judged: Judged[], next: Judged): void {
  const before = judged.findLast(({ stated }) => stated.id === next.stated.id)
  if (before?.to === next.from && said(before) === said(next)) {
    before.to = next.to
    before.versions.push(...next.versions)
  } else judged.push(next)
}

const said = ({ options, stated, acclimatisation }: Judged): string =>
  JSON.stringify([options, stated, acclimatisation])
