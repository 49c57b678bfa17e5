import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { disposition, bizStep as steps } from '../domain/epcis/cbv.ts'
import type { EpcisEvent } from '../domain/epcis/epcis.ts'
import { parseEpcisDocument } from '../domain/epcis/parse.ts'
import {
  advance,
  compareFacts,
  conditionsOf,
  type Fact,
  factOf,
  type Life,
  lifeOf,
  type Status,
  stateOf,
  statuses,
  unknownLife,
} from '../domain/lifecycle/lifecycle.ts'
import {
  type Claim,
  claimsOf,
  claimsOfDispositions,
  claimsOfSteps,
  ownDispositions,
} from '../domain/lifecycle/words.ts'

const start = Date.UTC(2026, 2, 1)

/** A fact an hour after the one before. */
const at = (hour: number, said: Partial<Fact>): Fact => ({
  eventTime: start + hour * 3_600_000,
  eventID: `urn:uuid:${hour}`,
  type: 'ObjectEvent',
  action: 'OBSERVE',
  role: 'object',
  inherited: false,
  ...said,
})
const story = (...said: Partial<Fact>[]): Life => lifeOf(said.map((one, hour) => at(hour, one)))
const born: Partial<Fact> = { action: 'ADD', bizStep: 'commissioning', disposition: 'active' }
const step = (bizStep: string, word?: string): Partial<Fact> => ({
  bizStep,
  ...(word !== undefined && { disposition: word }),
})
const shipped = step('shipping', 'in_transit')
const received = step('receiving', 'in_progress')
const destroyed: Partial<Fact> = {
  action: 'DELETE',
  bizStep: 'destroying',
  disposition: 'destroyed',
}

describe('the life of a serial number', () => {
  it('goes from commissioning to the patient without a problem', () => {
    const life = story(
      step('reserving', 'reserved'),
      step('encoding', 'encoded'),
      born,
      { type: 'AggregationEvent', action: 'ADD', role: 'child', ...step('packing', 'in_progress') },
      { ...shipped, inherited: true },
      { ...received, inherited: true },
      { type: 'AggregationEvent', action: 'DELETE', role: 'child', ...step('unpacking') },
      step('storing', 'sellable_not_accessible'),
      step('dispensing', 'dispensed'),
    )
    expect(life.problems).toEqual([])
    expect(stateOf(life)).toBe('sold')
    expect(life.by).toBe('urn:uuid:8')
  })

  it('knows a way into every status', () => {
    const own = (word: string) => step('holding', `${ownDispositions}${word}`)
    const ways: Record<Status, Partial<Fact>[]> = {
      unknown: [step('inspecting')],
      allocated: [step('encoding', 'encoded')],
      commissioned: [born],
      in_transit: [born, shipped],
      available: [born, shipped, received],
      returned: [born, shipped, received, step('receiving', 'returned')],
      held: [born, step('holding', 'non_sellable_other')],
      locked: [born, own('locked')],
      checked_out: [born, { action: 'DELETE', ...step('repackaging', 'inactive') }],
      sold: [born, step('retail_selling', 'retail_sold')],
      sample: [born, own('sample')],
      free_sample: [born, own('free_sample')],
      exported: [born, step('shipping', `${ownDispositions}exported`)],
      stolen: [born, step('inspecting', 'stolen')],
      consumed: [born, { type: 'TransformationEvent', role: 'input' }],
      decommissioned: [born, { action: 'DELETE', ...step('decommissioning', 'inactive') }],
      destroyed: [born, destroyed],
    }
    for (const status of statuses) {
      const life = story(...ways[status])
      expect([status, life.status, life.problems]).toEqual([status, status, []])
    }
  })

  it.each([
    ['shipped after it was destroyed', [born, destroyed, shipped], 'contradiction'],
    ['commissioned twice', [born, born], 'contradiction'],
    [
      'made again by a transformation',
      [born, { type: 'TransformationEvent', role: 'output' }],
      'contradiction',
    ],
    [
      'sold twice',
      [born, step('retail_selling'), step('dispensing', 'dispensed')],
      'contradiction',
    ],
    [
      'used after it was consumed',
      [born, { type: 'TransformationEvent', role: 'input' }, step('storing')],
      'contradiction',
    ],
    [
      'consumed twice',
      [
        born,
        { type: 'TransformationEvent', role: 'input' },
        { type: 'TransformationEvent', role: 'input' },
      ],
      'contradiction',
    ],
    ['destroyed twice', [born, destroyed, destroyed], 'contradiction'],
    [
      'received after it was stolen',
      [born, step('inspecting', 'stolen'), received],
      'contradiction',
    ],
    [
      'shipped after it was dispensed',
      [born, step('dispensing', 'dispensed'), shipped],
      'contradiction',
    ],
    ['received without having been shipped', [born, received], 'gap'],
    ['sold while it was under way', [born, shipped, step('retail_selling')], 'gap'],
    ['shipped without having been commissioned', [step('encoding'), shipped], 'gap'],
    [
      'received at another place without having been shipped',
      [born, shipped, { ...received, place: 'a:a' }, { ...received, place: 'a:b' }],
      'gap',
    ],
    ['sold while it was held', [born, step('holding'), step('retail_selling')], 'forbidden'],
    [
      'sold although it was recalled',
      [born, step('inspecting', 'recalled'), step('retail_selling')],
      'forbidden',
    ],
  ] as const)('keeps the evidence when a unit is %s', (_what, said, kind) => {
    const life = story(...(said as readonly Partial<Fact>[]))
    expect(life.problems).toHaveLength(1)
    const [problem] = life.problems
    expect(problem).toMatchObject({ code: 'unit/transition', kind })
    expect(problem!.eventID).toBe(`urn:uuid:${said.length - 1}`)
    expect(problem!.against).toBeDefined()
    expect(stateOf(life) === 'conflict').toBe(kind === 'contradiction')
  })

  it.each([
    [
      'scanned once more where it was received',
      [born, shipped, { ...received, place: 'a:a' }, { ...received, place: 'a:a' }],
    ],
    ['accepted after receiving', [born, shipped, received, step('accepting')]],
    [
      'carried out of the shop when sold',
      [born, step('retail_selling', 'retail_sold'), step('entering_exiting', 'retail_sold')],
    ],
    [
      'dispensed in portions',
      [born, step('dispensing', 'partially_dispensed'), step('dispensing', 'partially_dispensed')],
    ],
    [
      'sent back by who bought it',
      [born, step('retail_selling'), step('shipping', 'returned'), step('receiving', 'returned')],
    ],
    [
      'unpacked in the books after it was destroyed',
      [
        born,
        destroyed,
        { type: 'AggregationEvent', action: 'DELETE', role: 'child', bizStep: 'unpacking' },
      ],
    ],
    [
      'shipped again after the shipment was void',
      [born, shipped, step('void_shipping'), shipped, received],
    ],
    ['not known before it was received', [received, shipped]],
    [
      'reintroduced after decommissioning',
      [born, { action: 'DELETE', bizStep: 'decommissioning' }, { ...born }],
    ],
    [
      'recovered after it was stolen',
      [
        born,
        step('inspecting', 'stolen'),
        { persistentDisposition: { set: [], unset: ['stolen'] } },
        step('inspecting', 'available'),
      ],
    ],
  ] as const)('has no problem with a unit that is %s', (_what, said) => {
    expect(story(...(said as readonly Partial<Fact>[])).problems).toEqual([])
  })

  it('takes a shipment back to where the unit was before', () => {
    expect(story(born, shipped, step('void_shipping')).status).toBe('commissioned')
    expect(story(born, shipped, received, shipped, step('void_shipping')).status).toBe('available')
  })

  it('keeps the status that stood before a contradiction, and says conflict', () => {
    const life = story(born, destroyed, shipped, received)
    expect(life.status).toBe('destroyed')
    expect(life.problems).toHaveLength(2)
    expect(stateOf(life)).toBe('conflict')
  })

  it('does not take a recall back because somebody shipped the unit', () => {
    const life = story(born, step('inspecting', 'recalled'), shipped)
    expect([life.status, stateOf(life)]).toEqual(['in_transit', 'recalled'])
    const set = { persistentDisposition: { set: ['recalled'], unset: [] } }
    const unset = { persistentDisposition: { set: [], unset: ['recalled'] } }
    expect(stateOf(story(born, set, shipped))).toBe('recalled')
    expect(stateOf(story(born, set, shipped, unset))).toBe('in_transit')
    expect(stateOf(story(born, set, destroyed))).toBe('destroyed')
  })

  it('holds what a disposition says until another one comes', () => {
    expect(conditionsOf(story(born, step('inspecting', 'damaged'), step('storing')))).toEqual([
      'damaged',
    ])
    expect(
      conditionsOf(story(born, step('inspecting', 'damaged'), step('inspecting', 'available'))),
    ).toEqual([])
  })
})

describe('what befalls a container', () => {
  it('befalls what is in it, but does not make or end it', () => {
    const inherited = (said: Partial<Fact>) => ({ ...said, inherited: true })
    expect(story(born, inherited(shipped), inherited(received)).status).toBe('available')
    expect(story(born, inherited(step('inspecting', 'stolen'))).status).toBe('stolen')
    expect(story(born, inherited(destroyed)).status).toBe('destroyed')
    expect(story(born, inherited(step('destroying', 'destroyed'))).status).toBe('destroyed')
    expect(story(born, inherited({ action: 'DELETE', bizStep: 'decommissioning' })).status).toBe(
      'commissioned',
    )
    expect(story(born, inherited(born)).problems).toEqual([])
  })

  it('is a gap, not a contradiction, when the unit was gone and nobody took it out', () => {
    const life = story(born, destroyed, { ...shipped, inherited: true })
    expect(life.problems.map(({ kind }) => kind)).toEqual(['gap'])
    expect(stateOf(life)).toBe('destroyed')
  })

  it('counts once when an event names the container and the unit', () => {
    const sold = at(1, step('retail_selling'))
    expect(lifeOf([at(0, born), { ...sold, inherited: true }, sold]).problems).toEqual([])
  })

  it('does not concern the others in it when something goes in', () => {
    const added: Partial<Fact> = {
      type: 'AggregationEvent',
      action: 'ADD',
      role: 'parent',
      inherited: true,
    }
    expect(claimsOf(at(0, { ...added, ...step('packing', 'in_transit') }))).toEqual([])
  })
})

type Answer = 'moves' | 'gap' | 'gapOnly' | 'forbidden' | 'contradiction'
/** The whole machine once more: what each status answers to which claims. The rest changes nothing. */
const rules: Record<Status, Partial<Record<Answer, string>>> = {
  unknown: {
    moves:
      'encode commission exist receive release return hold ship lock checkOut sell sample freeSample export steal consume decommission destroy',
  },
  allocated: {
    moves: 'commission decommission',
    gap: 'exist receive release return hold lock checkOut sell sample freeSample export steal consume destroy ship',
    gapOnly: 'use void',
  },
  commissioned: {
    moves:
      'release hold ship lock checkOut sell sample freeSample export steal consume decommission destroy',
    gap: 'receive return',
    gapOnly: 'void',
    contradiction: 'commission',
  },
  in_transit: {
    moves: 'receive return hold void lock sample freeSample export steal decommission destroy',
    gap: 'release checkOut sell consume',
    contradiction: 'commission',
  },
  available: {
    moves:
      'return hold ship lock checkOut sell sample freeSample export steal consume decommission destroy',
    gapOnly: 'void',
    contradiction: 'commission',
  },
  returned: {
    moves: 'release hold ship lock checkOut sample export steal consume decommission destroy',
    gapOnly: 'void',
    forbidden: 'sell freeSample',
    contradiction: 'commission',
  },
  held: {
    moves: 'release return ship lock sample steal decommission destroy',
    gapOnly: 'void',
    forbidden: 'checkOut sell freeSample export consume',
    contradiction: 'commission',
  },
  locked: {
    moves: 'release sample steal decommission destroy',
    forbidden: 'ship checkOut sell freeSample export consume',
    contradiction: 'commission',
  },
  checked_out: {
    moves: 'steal consume destroy',
    gap: 'release return',
    forbidden: 'ship',
    contradiction: 'commission lock sell sample freeSample export',
  },
  sold: {
    moves: 'return steal',
    gap: 'release hold lock consume destroy',
    contradiction: 'commission receive ship void checkOut sell sample freeSample export',
  },
  sample: {
    moves: 'release steal consume destroy',
    gap: 'return',
    contradiction: 'commission lock checkOut sell freeSample export',
  },
  free_sample: {
    moves: 'release steal destroy',
    gap: 'return consume',
    contradiction: 'commission lock checkOut sell sample export',
  },
  exported: {
    moves: 'destroy',
    gapOnly: 'receive return steal',
    contradiction: 'commission release lock checkOut sell sample freeSample consume',
  },
  stolen: {
    moves: 'hold lock destroy',
    gapOnly: 'use',
    contradiction:
      'commission receive release return ship void checkOut sell sample freeSample export consume',
  },
  consumed: {
    contradiction:
      'commission exist use receive release return hold ship void lock checkOut sell sample freeSample export steal consume destroy',
  },
  decommissioned: {
    moves: 'commission exist destroy',
    gapOnly: 'use',
    contradiction:
      'receive release return ship void lock checkOut sell sample freeSample export consume',
  },
  destroyed: {
    contradiction:
      'commission exist use receive release return hold ship void lock checkOut sell sample freeSample export steal consume destroy',
  },
}
const becomes: Partial<Record<Claim, Status>> = {
  encode: 'allocated',
  commission: 'commissioned',
  exist: 'commissioned',
  receive: 'available',
  release: 'available',
  return: 'returned',
  hold: 'held',
  ship: 'in_transit',
  lock: 'locked',
  checkOut: 'checked_out',
  sell: 'sold',
  sample: 'sample',
  freeSample: 'free_sample',
  export: 'exported',
  steal: 'stolen',
  consume: 'consumed',
  decommission: 'decommissioned',
  destroy: 'destroyed',
}
const own = (word: string): Partial<Fact> => ({ disposition: `${ownDispositions}${word}` })
const saying: Record<Claim, Partial<Fact>> = {
  encode: step('encoding'),
  commission: born,
  exist: step('commissioning'),
  use: step('storing'),
  receive: step('receiving'),
  release: { disposition: 'available' },
  return: { disposition: 'returned' },
  hold: step('holding'),
  ship: step('shipping'),
  void: step('void_shipping'),
  lock: own('locked'),
  checkOut: own('checked_out'),
  sell: step('retail_selling'),
  sample: own('sample'),
  freeSample: own('free_sample'),
  export: own('exported'),
  steal: { disposition: 'stolen' },
  consume: { type: 'TransformationEvent', role: 'input' },
  decommission: step('decommissioning'),
  destroy: step('destroying'),
}
const claims = Object.keys(saying) as Claim[]

/** Step by step through the rules above, with nothing of the machine. */
function walk(asked: readonly Claim[]): { status: Status; kinds: string[] } {
  let status: Status = 'unknown'
  let before: Status = 'unknown'
  const kinds: string[] = []
  for (const claim of asked) {
    const row = Object.entries(rules[status]) as [Answer, string][]
    const answer = row.find(([, list]) => list.split(' ').includes(claim))?.[0]
    if (answer === undefined) continue
    if (answer !== 'moves') kinds.push(answer === 'gapOnly' ? 'gap' : answer)
    if (answer === 'contradiction' || answer === 'gapOnly') continue
    const next: Status = claim === 'void' ? before : becomes[claim]!
    if (next === 'in_transit') before = status
    status = next
  }
  return { status, kinds }
}

describe('the machine', () => {
  it('is what the rules say, for any sequence of claims', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...claims), { maxLength: 12 }), (asked) => {
        const life = story(...asked.map((claim) => saying[claim]))
        const wanted = walk(asked)
        expect(life.status).toBe(wanted.status)
        expect(life.problems.map(({ kind }) => kind)).toEqual(wanted.kinds)
      }),
      { numRuns: 3000 },
    )
  })

  const words = fc.record({
    bizStep: fc.option(fc.constantFrom(...steps.words), { nil: undefined }),
    disposition: fc.option(fc.constantFrom(...disposition.words), { nil: undefined }),
    action: fc.constantFrom('ADD', 'OBSERVE', 'DELETE'),
    type: fc.constantFrom('ObjectEvent', 'AggregationEvent', 'TransactionEvent'),
    role: fc.constantFrom('object', 'parent', 'child', 'input', 'output'),
    inherited: fc.boolean(),
    eventTime: fc.integer({ min: 0, max: 5 }),
    eventID: fc.constantFrom('a:1', 'a:2', 'a:3', 'a:4', 'a:5', 'a:6'),
    place: fc.option(fc.constantFrom('p:1', 'p:2'), { nil: undefined }),
  })
  const facts = fc
    .array(words, { maxLength: 10 })
    // One event has one time and one content, whatever it says of whom.
    .map((list) => [...new Map(list.map((one) => [one.eventID, one])).values()])
    .map((list) => list.map((one) => JSON.parse(JSON.stringify(one)) as Fact))

  it('gives the same life whatever order the events came in, and however often', () => {
    fc.assert(
      fc.property(
        facts.chain((list) =>
          fc.tuple(
            fc.constant(list),
            fc.shuffledSubarray([...list, ...list], {
              minLength: list.length * 2,
              maxLength: list.length * 2,
            }),
          ),
        ),
        ([list, shuffled]) => {
          expect(lifeOf(shuffled)).toEqual(lifeOf(list))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('goes on from where it stopped, and never throws', () => {
    fc.assert(
      fc.property(facts, (list) => {
        const one = list.map((fact) => ({ ...fact, inherited: false })).toSorted(compareFacts)
        let life = unknownLife
        for (const fact of one) life = advance(life, fact).state
        expect(life).toEqual(lifeOf(one))
        expect(statuses).toContain(life.status)
      }),
      { numRuns: 1000 },
    )
  })

  it('knows every word of the vocabulary, and no word that is none', () => {
    const silent = [...steps.words].filter((word) => !(word in claimsOfSteps))
    expect(silent.sort()).toEqual(['killing', 'other', 'sensor_reporting', 'unpacking'])
    for (const word of Object.keys(claimsOfSteps)) expect(steps.words).toContain(word)
    for (const word of Object.keys(claimsOfDispositions))
      expect(word.startsWith(ownDispositions) || disposition.words.has(word)).toBe(true)
  })
})

describe('a captured event', () => {
  const captured = {
    type: 'ObjectEvent',
    eventTime: '2026-03-01T08:00:00Z',
    eventTimeZoneOffset: '+00:00',
    action: 'OBSERVE',
    bizStep: 'inspecting',
    readPoint: { id: 'https://id.gs1.org/414/9521234000006' },
    epcList: ['https://id.gs1.org/01/09521234543213/21/A1'],
    persistentDisposition: { set: ['cbv:Disp-recalled'], unset: ['completeness_inferred'] },
  }

  const parsed = (event: object): EpcisEvent => {
    const document = parseEpcisDocument([event])
    if (!document.ok) throw new Error(document.refusals[0]!.detail)
    return document.value[0]!
  }

  it('says of a unit what its steps, dispositions and place say', () => {
    expect(factOf(parsed(captured), { role: 'object', inherited: false })).toMatchObject({
      bizStep: 'inspecting',
      persistentDisposition: { set: ['recalled'], unset: ['completeness_inferred'] },
      place: 'https://id.gs1.org/414/9521234000006',
    })
  })

  it('says nothing when it was declared to be in error', () => {
    const errorDeclaration = { declarationTime: '2026-03-02T08:00:00Z', reason: 'did_not_occur' }
    const wrong = parsed({ ...captured, errorDeclaration })
    expect(factOf(wrong, { role: 'object', inherited: false })).toBeUndefined()
  })
})
