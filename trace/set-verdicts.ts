// What passports recommend for every unit of a stored set, however many: page by page, each
// passport that units share worked out once. Decides nothing (I10).
import { bounds } from '../config.ts'
import { type Recommended, type RecommendedUnit, recommendedOf } from '../domain/recommended.ts'
import { readSerialSet } from '../store/ledger/alerts.ts'
import { passportsOf, rememberLives } from './many-passports.ts'
import type { PassportFrom } from './told-lives.ts'

const places = { in: 0, indeterminate: 1, out: 2 } as const
const none = 3

/** Undefined: they went through more that differs than one answer works out. */
export async function verdictsOfSet(
  from: PassportFrom,
  tenant: string,
  serialSet: string,
): Promise<Recommended | undefined> {
  const memory = rememberLives(from, tenant)
  const units: RecommendedUnit[] = []
  const limit = bounds.recommendedPage
  for (let offset = 0; ; offset += limit) {
    const rows = await readSerialSet(from.db, tenant, { serialSet, offset, limit })
    const epcs = rows.map(([epc]) => epc)
    const passports = await passportsOf(from, tenant, epcs, memory)
    for (const epc of epcs) {
      const passport = passports.get(epc)!
      units.push([epc, typeof passport === 'string' ? none : places[passport.verdict]])
    }
    if (memory.told.size > bounds.recommendedPassportsMax) return undefined
    if (rows.length < limit) return recommendedOf(units)
  }
}
