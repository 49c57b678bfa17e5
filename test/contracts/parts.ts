// Parts of a disposition against an oracle that looks at each unit by itself: random sets, cut by
// verdict, container, list, serial number and rest. Each unit ends in exactly one part, or all is
// refused. Signed is what was seen, or nothing: the same on each ledger.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Recommended, recommendedOf, recommendedVerdicts } from '../../domain/recommended.ts'
import { serialSetHashOf } from '../../quality/disposition/disposition.ts'
import {
  type Proposal,
  propose,
  type SignedBy,
  signProposed,
  unitsOf,
} from '../../quality/disposition/dispositions.ts'
import type { PartNamed } from '../../quality/disposition/named.ts'
import { type Alert, writeAlert, writeSerialSet } from '../../store/ledger/alerts.ts'
import { decisionsOn } from '../../store/ledger/dispositions.ts'
import { internEpcs } from '../../store/ledger/epcs.ts'
import type { Ledger } from '../../store/ledger/ledger.ts'
import { insertMoves, restate } from './moves.ts'

const gtins = ['09521234543213', '09521234543220']
/** Two products with four serial numbers in common: these name no unit alone. */
const unit = (n: number): string =>
  `https://id.gs1.org/01/${gtins[n % 2]}/21/P${n < 8 ? Math.floor(n / 2) : n}`
const all = Array.from({ length: 12 }, (_, n) => unit(n))
const serialOf = (epc: string): string => epc.slice(epc.indexOf('/21/') + 4)
const box = (n: number): string =>
  `https://id.gs1.org/00/09521234000000${String(n).padStart(4, '0')}`
const boxes = [0, 1, 2].map(box)
let count = 0

interface World {
  among: string[]
  /** Place of the verdict of each unit of `all`. */
  verdicts: number[]
  /** Box of each unit of `all`; 3: in none. */
  inBox: number[]
}

const worlds = fc.record({
  among: fc
    .uniqueArray(fc.nat(11), { minLength: 1, maxLength: 12 })
    .map((ns) => ns.map(unit).sort()),
  verdicts: fc.array(fc.nat(3), { minLength: 12, maxLength: 12 }),
  inBox: fc.array(fc.nat(3), { minLength: 12, maxLength: 12 }),
})
const asked = fc.oneof(
  fc.constantFrom('in', 'indeterminate', 'out').map((verdict) => ({ verdict })),
  fc.uniqueArray(fc.nat(2), { minLength: 1 }).map((ns) => ({ containers: ns.map(box) })),
  fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 5 }).map((ns) => ({
    names: ns.map((n) => ({ epc: unit(n) })),
  })),
  fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 3 }).map((ns) => ({
    names: ns.map((n) => ({ serial: serialOf(unit(n)) })),
  })),
  fc.constant({ rest: true }),
)
const partsAsked = fc
  .array(asked, { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts.map(
      (part): PartNamed =>
        ({ decision: 'reject', names: [], containers: [], rest: false, ...part }) as PartNamed,
    ),
  )

/** Of each unit in question the parts that claim it; null: some name stands for none of them. */
function claims(parts: readonly PartNamed[], world: World): Map<string, number[]> | null {
  const { among, verdicts, inBox } = world
  const found = new Map<string, number[]>(among.map((epc) => [epc, []]))
  for (const [number, part] of parts.entries())
    for (const [n, epc] of all.entries()) {
      const held = boxes[inBox[n]!]
      const claimed =
        (part.verdict !== undefined && recommendedVerdicts[verdicts[n]!] === part.verdict) ||
        (held !== undefined && part.containers.includes(held)) ||
        part.names.some((name) =>
          'epc' in name ? name.epc === epc : name.serial === serialOf(epc),
        )
      if (claimed) found.get(epc)?.push(number)
    }
  const isNamed = (name: PartNamed['names'][number]): boolean =>
    'epc' in name
      ? among.includes(name.epc)
      : among.filter((epc) => serialOf(epc) === name.serial).length === 1
  return parts.every(({ names }) => names.every(isNamed)) ? found : null
}

/** The part of each unit; undefined: it has to be refused. */
function cutByHand(parts: readonly PartNamed[], world: World): Map<string, number> | undefined {
  const claimed = claims(parts, world)
  if (!claimed) return undefined
  const rests = parts.flatMap(({ rest }, number) => (rest ? [number] : []))
  if (rests.length > 1) return undefined
  const cut = new Map<string, number>()
  for (const [epc, by] of claimed) {
    if (by.length > 1) return undefined
    const part = by[0] ?? rests[0]
    if (part !== undefined) cut.set(epc, part)
  }
  const taken = new Set(cut.values())
  return parts.every((_, number) => taken.has(number)) ? cut : undefined
}

export function cutsParts(to: () => Ledger): void {
  const put = async (tenant: string, world: World): Promise<Alert> => {
    const serialSetHash = serialSetHashOf(world.among)
    const alert: Alert = {
      ...{ id: 'a', kind: 'excursion', rule: 'hot', ruleKind: 'single', limitC: 8 },
      ...{ allowanceMinutes: 30, severity: 'major', device: 'd', container: 'urn:c' },
      ...{ channel: 'temperature', gtin: gtins[0]!, productVersion: 1, from: 100, to: 200 },
      ...{ minutes: 1, unknownMinutes: 0, peakC: 9, verdict: 'out', status: 'open', revision: 1 },
      ...{
        raisedAt: 1,
        serialCount: world.among.length,
        serialSetHash,
        serialSet: 'set',
        legs: [],
      },
    }
    await to().transact(async (db) => {
      const ids = await internEpcs(db, tenant, [...all, ...boxes])
      await insertMoves(
        db,
        tenant,
        all.flatMap((child, n) => {
          const parent = boxes[world.inBox[n]!]
          const move = { relation: 'aggregation', child, action: 'ADD', eventTime: 10 } as const
          return parent === undefined ? [] : [{ ...move, parent, eventID: `e${n}` }]
        }),
      )
      await restate(db, tenant, [...ids.keys()])
      await writeSerialSet(
        db,
        tenant,
        'set',
        world.among.map((epc) => [epc, 0]),
      )
      const cause = { revision: 1, recordTime: 1, cause: 'first', diff: {} }
      await writeAlert(db, tenant, alert, cause)
    })
    return alert
  }
  const recommendedIn = ({ among }: World, verdicts: readonly number[]): Recommended =>
    recommendedOf(among.map((epc) => [epc, verdicts[all.indexOf(epc)]!]))
  const proposalOf = (
    alert: Alert,
    { parts, seen, now }: { parts: PartNamed[]; seen: Recommended; now: Recommended },
  ): Proposal => ({
    ...{ id: `p${count}`, asOf: 1000, reason: 'r', control: 'signed', by: 'a', at: 1 },
    subject: { kind: 'alert', id: 'a', revision: 1, serialSetHash: alert.serialSetHash },
    parts,
    recommended: { seen, before: seen.units, now },
  })

  it('cuts each set as the oracle does, refuses what it refuses, and signs what was seen', async () => {
    const change = fc.option(fc.tuple(fc.nat(11), fc.nat(3)), { nil: undefined })
    const property = fc.asyncProperty(worlds, partsAsked, change, async (world, parts, later) => {
      const tenant = `parts-${++count}`
      const alert = await put(tenant, world)
      const seen = recommendedIn(world, world.verdicts)
      const pin = { parts, seen, now: seen }
      const made = await to().transact((db) => propose(db, tenant, proposalOf(alert, pin)))
      const wanted = cutByHand(parts, world)
      if ('refusals' in made) {
        expect(wanted, JSON.stringify(made.refusals)).toBeUndefined()
        for (const { path } of made.refusals) expect(path).toMatch(/^\/parts/)
        return
      }
      const units = await unitsOf(to().db, made.row, 100)
      expect(new Map(units)).toEqual(wanted)

      const verdicts = later ? world.verdicts.with(later[0], later[1]) : world.verdicts
      const now = recommendedIn(world, verdicts)
      const moved = world.among.filter((epc, i) => now.units[i]![1] !== seen.units[i]![1] && epc)
      const signature: SignedBy = {
        ...{ kind: 'signature', record: made.row.recordHash, signer: 'b', printedName: 'B' },
        ...{ signedAt: '2026-03-01T00:00:00Z', meaning: 'approval', reason: 'right' },
        authentication: 'token',
      }
      const signed = await to().transact((db) =>
        signProposed(db, made.row, { signature, at: 2, recommended: now }),
      )
      const ids = await internEpcs(to().db, tenant, all)
      const inForce = await decisionsOn(to().db, tenant, [...ids.values()])
      if (moved.length === 0) {
        expect('row' in signed).toBe(true)
        expect(all.filter((epc) => inForce.has(ids.get(epc)!)).sort()).toEqual(
          [...wanted!.keys()].sort(),
        )
        return
      }
      expect(inForce.size).toBe(0)
      const { refusals } = signed as Extract<typeof signed, { refusals: unknown }>
      expect(refusals.map(({ code }) => code)).toContain('quality/recommended')
      expect(refusals.slice(1).map(({ path }) => path)).toEqual(moved)
    })
    await fc.assert(property, { numRuns: 40 })
  })

  it('takes no proposal by a page whose recommendations are old', async () => {
    const tenant = `parts-${++count}`
    const world = {
      among: all.slice(0, 4).sort(),
      verdicts: Array(12).fill(0),
      inBox: Array(12).fill(3),
    }
    const alert = await put(tenant, world)
    const seen = recommendedIn(world, world.verdicts)
    const now = recommendedIn(world, world.verdicts.with(1, 2))
    const parts: PartNamed[] = [
      { decision: 'release', names: [], containers: [], verdict: 'in', rest: false },
    ]
    const made = await to().transact((db) =>
      propose(db, tenant, proposalOf(alert, { parts, seen, now })),
    )
    expect(made).toMatchObject({
      refusals: [
        { code: 'quality/recommended', detail: expect.stringContaining('in 4 -> 3, out 0 -> 1') },
        { path: unit(1), detail: 'in -> out' },
      ],
    })
    const rows = await to()
      .db.selectFrom('dispositions')
      .selectAll()
      .where('tenant', '=', tenant)
      .execute()
    expect(rows).toEqual([])
  })
}
