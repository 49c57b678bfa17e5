// The facts of printed reports, gathered from ledger and series: units with one story and what
// their passports say, the readings around a breach. Composes nothing.
import { bounds } from '../../config.ts'
import { leftMsOf } from '../../domain/budgets.ts'
import { loggingIntervalMsDefault } from '../../domain/profile/profile.ts'
import type {
  AlertFacts,
  GroupFacts,
  PassportFacts,
  ReadFacts,
} from '../../quality/report/compose.ts'
import type { Alert } from '../../store/ledger/alerts.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import { chunksOf, type LedgerQuery } from '../../store/ledger/ledger.ts'
import { readDevice, readProduct } from '../../store/ledger/registry.ts'
import { passportsOf } from '../../trace/many-passports.ts'
import type { Passport } from '../../trace/passports.ts'
import { storiesOf } from '../../trace/stories.ts'
import type { Deps } from '../deps.ts'
import { readBuckets } from '../reading-buckets.ts'

type Heard = Pick<Deps, 'series' | 'kept'>

/** What is asked of the groups of a report's units. */
export interface GroupsAsked {
  tenant: string
  /** Every unit of it, as EPCs. */
  units: readonly string[]
  heard: Heard
}

/** Units with one story share a passport; of more groups than are printed their number of units. */
export async function groupsOf(
  db: LedgerQuery,
  { tenant, units, heard }: GroupsAsked,
): Promise<{ groups: GroupFacts[]; groupsLeft: number }> {
  const ids = await idsOf(db, tenant, units)
  const epcs = new Map([...ids].map(([epc, id]) => [id, epc]))
  const groups = new Map<string, { epc: string; units: number }>()
  for (const chunk of chunksOf([...ids.values()], bounds.recallPage))
    for (const story of await storiesOf(db, tenant, chunk)) {
      // Units of several products may have one story.
      const own = Map.groupBy(story.units, (id) => gtinOf(epcs.get(id)!))
      for (const [gtin, same] of own) {
        const names = same.map((id) => epcs.get(id)!).sort()
        // Of another chunk the same story is told again.
        const key = `${gtin} ${JSON.stringify([story.facts, story.stays])}`
        const group = groups.get(key) ?? { epc: names[0]!, units: 0 }
        groups.set(key, { epc: group.epc, units: group.units + same.length })
      }
    }
  const largest = [...groups.values()].sort((a, b) => b.units - a.units || (a.epc < b.epc ? -1 : 1))
  const shown = largest.slice(0, bounds.reportGroupsMax)
  const first = shown.map(({ epc }) => epc)
  const passports = await passportsOf({ db, ...heard }, tenant, first)
  const facts = shown.map(({ epc, units: count }): GroupFacts => {
    const passport = passports.get(epc)!
    const known = typeof passport === 'string' ? null : passportFacts(passport)
    return { epc, units: count, passport: known }
  })
  return { groups: facts, groupsLeft: largest.length - shown.length }
}

const gtinOf = (epc: string): string => /\/01\/(\d{14})\//.exec(epc)?.[1] ?? ''

const sideWords = { above: '>', atOrAbove: '>=', below: '<', atOrBelow: '<=' } as const

const passportFacts = (passport: Passport): PassportFacts => ({
  ...{ verdict: passport.verdict, knownMs: passport.knownMs, unknownMs: passport.unknownMs },
  ...{ minC: passport.minC, maxC: passport.maxC, meanC: passport.meanC, mktC: passport.mktC },
  zones: passport.zones.map(({ limit, ms }) => ({
    ...{ words: sideWords[limit.side], limitC: limit.limitC, ms },
  })),
  budgets: passport.budgets.map((draw) => ({
    ...{ limitC: draw.limit.limitC, leftMs: leftMsOf(draw) },
  })),
  reasons: passport.reasons,
})

/** The alert as it stood, with the name of its product. */
export async function alertFacts(
  db: LedgerQuery,
  tenant: string,
  alert: Alert,
): Promise<AlertFacts> {
  const product = await readProduct(db, tenant, alert.gtin)
  const { id, revision, gtin, container, device, channel, rule, severity } = alert
  const { limitC, from, to, minutes, unknownMinutes, peakC, verdict } = alert
  return {
    ...{ id, revision, gtin, container, device, channel, rule, severity },
    ...{ limitC, from, to, minutes, unknownMinutes, peakC, verdict },
    lowerLimitC: alert.lowerLimitC ?? null,
    productName: product?.name || null,
    ...{ serialCount: alert.serialCount, serialSetHash: alert.serialSetHash },
  }
}

const hourMs = 3_600_000

/** From some hours before the breach to some after it, in at most so many pieces. */
export async function readAround(
  db: LedgerQuery,
  tenant: string,
  of: { alert: Alert; heard: Heard },
): Promise<{ read: ReadFacts | null; newest: number | null }> {
  const { alert, heard } = of
  const { device, channel } = alert
  const latest = await heard.series.latest(tenant, device)
  const newest = latest.find((one) => one.channel === channel)?.time ?? null
  const end = alert.to ?? newest ?? alert.from
  const margin = Math.max(2 * hourMs, (end - alert.from) / 4)
  const span = { from: alert.from - margin, to: Math.min(end + margin, (newest ?? end) + hourMs) }
  return { read: await readBetween(db, tenant, { device, channel, ...span, heard }), newest }
}

/** In at most so many pieces; null when there is nothing. */
export async function readBetween(
  db: LedgerQuery,
  tenant: string,
  of: { device: string; channel: string; from: number; to: number; heard: Heard },
): Promise<ReadFacts | null> {
  const { device, channel, from, to, heard } = of
  const pieces = bounds.reportPointsMax
  const { hoursTo } = await heard.kept()
  const intervalMs =
    (await readDevice(db, tenant, device))?.loggingIntervalMs ?? loggingIntervalMsDefault
  const everyMs = Math.max(intervalMs, Math.ceil((to - from) / pieces / 60_000) * 60_000)
  const buckets = await readBuckets(heard.series, {
    ...{ span: { tenant, device, channel, from, to }, everyMs, limit: pieces + 2, hoursTo },
  })
  if (buckets.length === 0) return null
  const points: ReadFacts['points'] = []
  let before = from
  for (const { time, min, max } of buckets) {
    // A reading stands for two and a half intervals: after that nothing is known.
    if (time - before > Math.max(everyMs, 2.5 * intervalMs)) points.push([before + 1, null, null])
    points.push([time, min, max])
    before = time + everyMs
  }
  if (to - before > 2.5 * intervalMs) points.push([before, null, null])
  return { from, to, points }
}
