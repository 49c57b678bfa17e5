// Passports of many units at once, each the same as if it was asked for alone. Units of one
// product with one story went through the same and share a passport, unless partners handed over
// or people corrected something else of each; so do stories that differ in nothing a passport
// follows from, such as boxes beside each other on a pallet. Ways share legs, which are read once.
// Where verdicts are not wanted sums cost less (trace/exposures.ts).
import { createHash } from 'node:crypto'
import { bounds } from '../config.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import { correctionsOfMany } from '../store/ledger/corrections.ts'
import { idsOf } from '../store/ledger/epcs.ts'
import { chunksOf, type LedgerQuery } from '../store/ledger/ledger.ts'
import { type Ear, newEar } from './leg-readings.ts'
import { type Passport, passportFrom } from './passports.ts'
import { type Story, storiesOf } from './stories.ts'
import {
  type LegMemory,
  type NoPassport,
  type Outline,
  outlineOf,
  type PassportFrom,
  rememberLegs,
} from './told-lives.ts'
import { spanOf, waysOf } from './unit-legs.ts'

/** What was told of units before, for those that follow in one answer. */
export interface LivesMemory {
  legs: LegMemory
  ear: Ear
  /** By all that a passport follows from. */
  told: Map<string, Passport | NoPassport>
}

export const rememberLives = ({ series }: PassportFrom, tenant: string): LivesMemory => ({
  legs: rememberLegs(bounds.passportReadingsMax),
  ear: newEar(series, tenant),
  told: new Map(),
})

/** By EPC: whole lives, as far as anything is known of them. */
export async function passportsOf(
  from: PassportFrom,
  tenant: string,
  epcs: readonly string[],
  memory: LivesMemory = rememberLives(from, tenant),
): Promise<Map<string, Passport | NoPassport>> {
  const { db } = from
  const { ear, legs } = memory
  const told = new Map<string, Passport | NoPassport>()
  const alike = await alikeOf(db, tenant, epcs)
  const tellers = alike.map(({ units }) => units[0]!.id)
  for (const group of chunksOf(alike, bounds.recallPage)) {
    const ways = await waysOf(db, tenant, tellers.splice(0, group.length))
    for (const { units, story } of group) {
      const tell = async ({ id, epc }: NamedUnit): Promise<Passport | NoPassport> => {
        const own = id === units[0]!.id ? ways : await waysOf(db, tenant, [id])
        const known = { id, life: spanOf(story), ways: own, ear }
        const outline = await outlineOf(db, tenant, { asked: { epc }, known })
        if (typeof outline === 'string') return outline
        const key = keyOf(outline)
        const before = memory.told.get(key)
        if (before !== undefined) return before
        const passport = await passportFrom({ ...from, legs }, tenant, { outline, ear })
        memory.told.set(key, passport)
        return passport
      }
      const [first, ...others] = units
      const passport = await tell(first!)
      told.set(first!.epc, passport)
      for (const unit of others)
        told.set(unit.epc, isShared(passport) ? passport : await tell(unit))
    }
  }
  for (const epc of epcs) if (!told.has(epc)) told.set(epc, 'unknown')
  return told
}

interface NamedUnit {
  id: number
  epc: string
}

/** Of one product, with one story, and with the same corrections of budgets. */
interface Alike {
  units: NamedUnit[]
  story: Story
}

async function alikeOf(db: LedgerQuery, tenant: string, epcs: readonly string[]): Promise<Alike[]> {
  const ids = await idsOf(db, tenant, epcs)
  const names = new Map([...ids].map(([epc, id]) => [id, epc]))
  const alike: Alike[] = []
  for (const chunk of chunksOf([...names.keys()], bounds.recallPage))
    for (const story of await storiesOf(db, tenant, chunk)) {
      const all = story.units.map((id) => ({ id, epc: names.get(id)! }))
      for (const [gtin, units] of Map.groupBy(all, ({ epc }) => gtinOf(epc))) {
        const corrections = await correctionsOfMany(db, tenant, { gtin, units })
        const corrected = ({ id }: NamedUnit) => JSON.stringify(corrections.get(id) ?? [])
        for (const same of Map.groupBy(units, corrected).values())
          alike.push({ units: same, story })
      }
    }
  return alike
}

function gtinOf(epc: string): string {
  const key = parseEpc(epc)
  return key?.key === 'sgtin' ? key.gtin : ''
}

/** What a partner signed is of one unit, and refused of all others that its event names. */
function isShared(passport: Passport | NoPassport): boolean {
  if (typeof passport === 'string') return true
  const { opening, refused } = passport.handOvers
  return !opening && refused.length === 0
}

/** All that a passport follows from but the readings; the name of the unit is not in it. */
function keyOf(outline: Outline): string {
  const { epc: _, legsIn: __, product, ...own } = outline
  const spans = product?.spans.map(({ from, to, version }) => [from, to, version])
  const parts = JSON.stringify([product?.gtin, spans, own])
  return createHash('sha256').update(parts).digest('base64url')
}
