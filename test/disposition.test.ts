// Decisions on units as rules: how a proposal is cut, what may follow what, the events it becomes,
// and the pick list.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BudgetCorrection, correctedDraws } from '../domain/budget-corrections.ts'
import { disposition as dispositionWords, bizStep as stepWords } from '../domain/epcis/cbv.ts'
import { type Fact, lifeOf, type Status } from '../domain/lifecycle/lifecycle.ts'
import { judge } from '../domain/verdict/verdict.ts'
import { parseCaptureBody } from '../ingest/epcis-document.ts'
import {
  cutParts,
  type Decision,
  type DispositionRecord,
  decisions,
  decisionsAfter,
  forbidden,
  inForceHash,
  serialSetHashOf,
  wordsOf,
} from '../quality/disposition/disposition.ts'
import { documentsOf } from '../quality/disposition/events.ts'
import { type PickLine, pickLines } from '../quality/pick-list.ts'

const unit = (n: number | string): string => `https://id.gs1.org/01/09521234543213/21/U${n}`
const names = (list: readonly number[]): string[] => list.map(unit)

describe('parts of a disposition', () => {
  it('hold each unit in question once, the rest in one of them', () => {
    const indices = fc.uniqueArray(fc.nat(19), { maxLength: 12 })
    fc.assert(
      fc.property(indices, indices, (first, second) => {
        const among = new Set(names([...Array(20).keys()]))
        const cut = cutParts(
          [
            { decision: 'release', units: names(first), rest: false },
            { decision: 'reject', units: names(second), rest: true },
          ],
          among,
        )
        const both = second.some((n) => first.includes(n))
        if ('refusals' in cut) {
          expect(both || first.length === 0 || new Set([...first]).size === 20).toBe(true)
          return
        }
        expect(both).toBe(false)
        expect(cut.units.map(([epc]) => epc)).toEqual([...among].sort())
        for (const [epc, part] of cut.units) expect(part).toBe(names(first).includes(epc) ? 0 : 1)
      }),
    )
  })

  it('are refused where a decision does not follow from the one in force', () => {
    for (const now of ['none', ...decisions] as const)
      for (const next of decisions) {
        const inForce = new Map(
          now === 'none' ? [] : [[unit(1), { disposition: 'd', decision: now, at: 1 }]],
        )
        const refusals = forbidden([[unit(1), 0]], { parts: [{ decision: next }], inForce })
        expect(refusals.length === 0).toBe(decisionsAfter[now].includes(next))
      }
    expect(decisionsAfter.destroy).toEqual([])
    expect(decisionsAfter.reject).not.toContain('release')
  })

  it('notice that somebody decided on one of their units', () => {
    const units = names([1, 2]).map((epc) => [epc, 0] as const)
    const before = inForceHash(units, new Map())
    const decided = { disposition: 'd1', decision: 'reject' as const, at: 5 }
    expect(inForceHash(units, new Map([[unit(3), decided]]))).toBe(before)
    expect(inForceHash(units, new Map([[unit(2), decided]]))).not.toBe(before)
  })
})

describe('events of a disposition', () => {
  const units = names([1, 2, 3]).map((epc, i) => [epc, i === 0 ? 0 : 1] as const)
  const part = (decision: Decision, count: number) => ({
    ...{ decision, disposition: wordsOf[decision].dispositions[0]!, count },
    serialSetHash: serialSetHashOf([]),
  })
  const record: DispositionRecord = {
    ...{ kind: 'disposition', tenant: 't', id: 'disp-1', reason: 'r', control: 'signed' },
    ...{
      subject: { kind: 'list', serialSetHash: '' },
      parts: [part('release', 1), part('destroy', 2)],
    },
    ...{ serialSetHash: '', serialCount: 3, left: 0, asOf: '', inForceHash: '' },
    ...{ proposedBy: 'ana', proposedAt: '' },
  }

  it('speak the words of the CBV and read as any capture does', () => {
    for (const { bizStep, dispositions } of Object.values(wordsOf)) {
      expect(stepWords.words.has(bizStep)).toBe(true)
      for (const word of dispositions) expect(dispositionWords.words.has(word)).toBe(true)
    }
    const rows = documentsOf(record, { units, signedAt: Date.UTC(2026, 2, 1) })
    const read = rows.map(({ document }) => parseCaptureBody(document, { behaviour: 'rollback' }))
    expect(read.every(({ ok }) => ok)).toBe(true)
    const events = read.flatMap((each) => (each.ok ? each.value.events : []))
    expect(events.map(({ disposition }) => disposition)).toEqual([
      'sellable_accessible',
      'destroyed',
    ])
  })

  it('tell a life without contradiction, whatever decisions follow each other', () => {
    const expected: Record<Decision, Status> = {
      ...{ release: 'available', quarantine: 'held', reject: 'held' },
      ...{ destroy: 'destroyed', return: 'returned' },
    }
    const factOfStep = (decision: Decision, eventTime: number): Fact => {
      const { action, bizStep, dispositions } = wordsOf[decision]
      const words = { bizStep, disposition: dispositions[0]!, action: action as 'OBSERVE' }
      const fact = { eventTime, eventID: `e${eventTime}`, type: 'ObjectEvent' as const, ...words }
      return { ...fact, role: 'object', inherited: false }
    }
    const fact = (eventTime: number, said: Partial<Fact>): Fact => ({
      ...factOfStep('release', eventTime),
      ...said,
    })
    const begun = [
      fact(-3, { action: 'ADD', bizStep: 'commissioning', disposition: 'active' }),
      fact(-2, { bizStep: 'shipping', disposition: 'in_transit', place: 'maker' }),
      fact(-1, { bizStep: 'receiving', disposition: 'in_progress', place: 'depot' }),
    ]
    const play = (history: readonly Decision[]): void => {
      const facts = [...begun, ...history.map((decision, i) => factOfStep(decision, i + 1))]
      const { status, problems } = lifeOf(facts)
      const last = history.at(-1)
      expect([history, problems.map(({ detail }) => detail)]).toEqual([history, []])
      if (last) expect([history, status]).toEqual([history, expected[last]])
      if (history.length < 4)
        for (const next of decisionsAfter[last ?? 'none']) play([...history, next])
    }
    play([])
  })

  it('are the same bytes and ids whenever they are made, and others for another part', () => {
    const of = { units, signedAt: 1_772_000_000_000 }
    const [one, other] = [documentsOf(record, of), documentsOf(record, of)]
    expect(one).toEqual(other)
    const ids = one.map(
      ({ document }) => /"eventID":"([^"]+)"/.exec(new TextDecoder().decode(document))![1],
    )
    expect(new Set(ids).size).toBe(2)
    for (const id of ids)
      expect(id).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab]/)
  })
})

describe('a pick list', () => {
  const pallet = 'https://id.gs1.org/00/106141412345678908'
  const box = (n: number): string => `https://id.gs1.org/00/10614141234567${100 + n}5`

  it('takes exactly the units it was made for, whatever stands in what', () => {
    const layout = fc.array(fc.nat(4), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(layout, fc.infiniteStream(fc.boolean()), (boxes, coins) => {
        // Box 0 is no box: those units stand on the pallet itself; of box 1 the box is in none.
        const children = new Map<string, string[]>([[pallet, []]])
        const all = boxes.map((n, i) => ({ epc: unit(i), parent: n === 0 ? pallet : box(n) }))
        for (const { epc, parent } of all) {
          if (!children.has(parent) && parent !== box(1)) children.get(pallet)!.push(parent)
          children.set(parent, [...(children.get(parent) ?? []), epc])
        }
        const taken = new Set(all.filter(() => coins.next().value).map(({ epc }) => epc))
        const roots = [pallet, ...(children.has(box(1)) ? [box(1)] : [])]
        const lines = pickLines({ roots, children }, taken)
        const below = (node: string): string[] =>
          (children.get(node) ?? []).flatMap((child) =>
            children.has(child) ? below(child) : [child],
          )
        const picked = lines.flatMap((line: PickLine) =>
          line.pick === 'whole' ? below(line.container!) : line.take,
        )
        expect(picked.sort()).toEqual([...taken].sort())
        for (const line of lines) {
          if (line.pick === 'whole') expect(line.leaveCount).toBe(0)
          if (line.pick === 'leave')
            expect(below(line.container!).some((epc) => taken.has(epc))).toBe(false)
          if (line.pick === 'part') expect(line.take.length + line.leave.length).toBeGreaterThan(0)
        }
      }),
    )
  })

  it('says a whole pallet in one line, and loose units last', () => {
    const children = new Map([
      [pallet, [box(2)]],
      [box(2), names([1, 2])],
    ])
    const lines = pickLines({ roots: [pallet, unit(9)], children }, new Set(names([1, 2, 9])))
    expect(lines).toMatchObject([
      { pick: 'whole', container: pallet, takeCount: 2 },
      { pick: 'loose', container: null, take: [unit(9)] },
    ])
  })
})

describe('time added to a budget', () => {
  const hour = 3_600_000
  const limit = { side: 'above', limitC: 8 } as const
  const draw = { limit, allowedMs: hour, drawnMs: 3 * hour, unknownMs: 0 }
  const added: BudgetCorrection = {
    ...{ id: 'bc-1', limit, addedMs: 4 * hour, reason: 'stability data', document: 'ST-17' },
    ...{ signedBy: 'Ana Roth', signedAt: 1_772_000_000_000, reversed: null },
  }
  const reversed = { signedBy: 'Ben', signedAt: 1_772_100_000_000, reason: 'report withdrawn' }
  const verdictWith = (corrections: readonly BudgetCorrection[]) => {
    const life = { draws: correctedDraws([draw], corrections), whole: true, corrections }
    const window = { from: 0, to: 10 * hour }
    return judge(
      { window, stretches: [], knownMs: 10 * hour, excused: [], calibrations: [], life },
      {
        ...{ conditions: [], elsewhere: [], frozen: false, unknownAllowedMs: 0 },
        kinetics: { deltaHKjPerMol: 83.144 },
      } as unknown as Parameters<typeof judge>[1],
    )
  }

  it('turns an overdrawn unit from out to in, and taken back to out again, each with its line', () => {
    expect(verdictWith([]).verdict).toBe('out')
    const given = verdictWith([added])
    expect(given.verdict).toBe('in')
    const line = given.reasons.find(({ finding }) => finding === 'budget-added')!
    expect(line.detail).toContain('240 minutes added, signed by Ana Roth')
    expect(line.outcome).toBe('noted')
    const back = verdictWith([{ ...added, reversed }])
    expect(back.verdict).toBe('out')
    expect(back.reasons.map(({ finding }) => finding)).toContain('budget-addition-reversed')
  })

  it('counts for its own budget only, and adds up in any order', () => {
    const other = { ...added, id: 'bc-2', limit: { side: 'above' as const, limitC: 15 } }
    const more = { ...added, id: 'bc-3', addedMs: hour }
    const [one] = correctedDraws([draw], [added, other, more])
    expect(one).toEqual({ ...draw, addedMs: 5 * hour })
    expect(correctedDraws([draw], [more, other, added])).toEqual([one])
    expect(correctedDraws([draw], [other])).toEqual([draw])
  })
})
