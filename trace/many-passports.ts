// Passports of many units at once, each the same as if it was asked for alone. Units of one product
// with one story went through the same and share a passport, unless partners handed over or people
// corrected something else of each; ways share legs, which are read once. Where verdicts are not
// wanted sums cost less (trace/exposures.ts).
import { bounds } from '../config.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import { correctionsOf } from '../store/ledger/corrections.ts'
import { idsOf } from '../store/ledger/epcs.ts'
import { chunksOf, type LedgerQuery } from '../store/ledger/ledger.ts'
import { type Passport, passportOf } from './passports.ts'
import { storiesOf } from './stories.ts'
import { type NoPassport, type PassportFrom, rememberLegs } from './told-lives.ts'

/** By EPC: whole lives, as far as anything is known of them. */
export async function passportsOf(
  from: PassportFrom,
  tenant: string,
  epcs: readonly string[],
): Promise<Map<string, Passport | NoPassport>> {
  const { db } = from
  const told = new Map<string, Passport | NoPassport>()
  const legs = rememberLegs(bounds.passportReadingsMax)
  const tell = async (epc: string): Promise<Passport | NoPassport> => {
    const passport = await passportOf({ ...from, legs }, tenant, { epc })
    told.set(epc, passport)
    return passport
  }
  for (const same of await alikeOf(db, tenant, epcs)) {
    const [first, ...others] = same
    const passport = await tell(first!.epc)
    for (const unit of others)
      if (await isShared(db, tenant, { passport, unit })) told.set(unit.epc, passport)
      else await tell(unit.epc)
  }
  for (const epc of epcs) if (!told.has(epc)) told.set(epc, 'unknown')
  return told
}

interface NamedUnit {
  id: number
  epc: string
}

/** Of one product each, with one story. */
async function alikeOf(
  db: LedgerQuery,
  tenant: string,
  epcs: readonly string[],
): Promise<NamedUnit[][]> {
  const ids = await idsOf(db, tenant, epcs)
  const names = new Map([...ids].map(([epc, id]) => [id, epc]))
  const alike: NamedUnit[][] = []
  for (const chunk of chunksOf([...names.keys()], bounds.recallPage))
    for (const story of await storiesOf(db, tenant, chunk)) {
      const units = story.units.map((id) => ({ id, epc: names.get(id)! }))
      alike.push(...Map.groupBy(units, ({ epc }) => gtinOf(epc)).values())
    }
  return alike
}

function gtinOf(epc: string): string {
  const key = parseEpc(epc)
  return key?.key === 'sgtin' ? key.gtin : ''
}

/** Whether nothing was signed of one unit that was not signed of the other. */
async function isShared(
  db: LedgerQuery,
  tenant: string,
  { passport, unit }: { passport: Passport | NoPassport; unit: NamedUnit },
): Promise<boolean> {
  if (typeof passport === 'string') return true
  const { handOvers, budgets, corrections, gtin } = passport
  // What a partner signed is of one unit, and refused of all others that its event names.
  if (handOvers.opening || handOvers.refused.length > 0) return false
  if (budgets.length === 0 || gtin === undefined) return true
  const own = await correctionsOf(db, tenant, { unit: unit.id, epc: unit.epc, gtin })
  return JSON.stringify(own) === JSON.stringify(corrections)
}
