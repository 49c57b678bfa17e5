// What detectors of diversion and counterfeits rest on: places, and the weighing of findings.
import { describe, expect, it } from 'vitest'
import { chainGap } from '../analytics/cases/shipment-detectors.ts'
import { weigh } from '../domain/case.ts'
import { spotsOfCountry } from '../domain/countries.ts'
import { apartM, distanceM, isInRing, leastApartM, spotOf, spotOfGeohash } from '../domain/earth.ts'
import { type Finding, type Inside, runDetector, type Shipment } from '../domain/suspicion.ts'

describe('places', () => {
  it('are none at 0,0, where receivers without satellites say they are', () => {
    expect(spotOf(0, 0)).toBeUndefined()
    expect(spotOf(0, 9.5)).toBeDefined()
    expect(spotOf(91, 3)).toBeUndefined()
  })

  it('are near each other across the 180th meridian, and in one fence', () => {
    const [west, east] = [spotOf(-17, 179.9, 10)!, spotOf(-17, -179.9, 10)!]
    expect(distanceM(west, east)).toBeLessThan(22_000)
    const ring: [number, number][] = [
      [179, -18],
      [181, -18],
      [181, -16],
      [179, -16],
      [179, -18],
    ]
    expect([west, east].map((spot) => isInRing(spot, ring))).toEqual([true, true])
    expect(isInRing({ lat: -17, lon: 178 }, ring)).toBe(false)
  })

  it('are as far apart at least as their accuracies leave: Lisbon and Warsaw, Portugal and Spain', () => {
    const lisbon = spotOfGeohash('eyck')!
    expect(distanceM(lisbon, { lat: 38.72, lon: -9.14 })).toBeLessThan(lisbon.radiusM)
    expect(apartM(lisbon, spotOfGeohash('u3qc')!)).toBeGreaterThan(2_600_000)
    expect(leastApartM(spotsOfCountry('PT'), spotsOfCountry('ES'))).toBe(0)
    expect(leastApartM(spotsOfCountry('PT'), spotsOfCountry('PL'))).toBeGreaterThan(1_500_000)
    expect(spotOfGeohash('a')).toBeUndefined()
  })
})

const finding = (over: Partial<Finding>): Finding => ({
  ...{ detector: 'impossible-travel', key: 'k', serials: ['s'], from: 1, to: 2, logOdds: 9 },
  ...{ witnesses: 1, words: '', facts: {}, rests: [], ...over },
})

describe('weighing', () => {
  it('opens nothing on one finding of one witness, however sure it is', () => {
    const [weighed] = weigh([finding({ logOdds: 1000 })], {})
    expect(weighed!.opens).toBe(false)
  })

  it('opens on two that agree, whatever order they come in', () => {
    const two = [finding({}), finding({ detector: 'duplicate-scan', witnesses: 2, logOdds: 4 })]
    expect(weigh(two, {})[0]).toMatchObject({ opens: true, kind: 'clone' })
    expect(weigh(two.toReversed(), {})).toEqual(weigh(two, {}))
  })

  it('believes a detector less after its cases were dismissed, and not without bound', () => {
    const two = [finding({ logOdds: 4 }), finding({ detector: 'duplicate-scan', logOdds: 4 })]
    const oddsAfter = (dismissed: number) =>
      weigh(two, { 'duplicate-scan': { confirmed: 0, dismissed } })[0]!.logOdds
    expect(oddsAfter(0)).toBeGreaterThan(oddsAfter(10))
    expect(oddsAfter(1e9)).toBeCloseTo(oddsAfter(0) - 2)
  })

  it('takes copies that are sold abroad for copies, and other units for goods', () => {
    const market = finding({ detector: 'market', serials: ['s', 't'], witnesses: 3 })
    const kinds = (...findings: Finding[]) => weigh(findings, {}).map(({ kind }) => kind)
    expect(kinds(market, finding({}))).toEqual(['clone'])
    expect(kinds({ ...market, serials: ['t', 'u', 'v'] }, finding({}))).toEqual([
      'off-market',
      'clone',
    ])
  })

  it('takes what is missing though the vehicle stood nowhere for taken where it may stand', () => {
    const missing = finding({ detector: 'chain-gap', logOdds: 4.5, facts: { gap: 'missing' } })
    const abroad = finding({ detector: 'market', serials: ['t', 'u', 'v'], witnesses: 3 })
    const late = finding({ detector: 'delay', serials: 'inside', logOdds: 0.5 })
    expect(weigh([missing, abroad], {})[0]!.kind).toBe('silent-unpack')
    expect(weigh([missing, abroad, late], {})[0]!.kind).toBe('diversion')
  })

  it('hears a stop that is told by two detectors once', () => {
    const stop = finding({ detector: 'unscheduled-stop', logOdds: 1.6 })
    const dwell = finding({ detector: 'dwell', logOdds: 0.6 })
    const oddsOf = (...findings: Finding[]) => weigh(findings, {})[0]!.logOdds
    const both = oddsOf(stop, dwell)
    expect(both - oddsOf(stop)).toBeCloseTo(0.15)
    expect(oddsOf(stop, { ...dwell, from: 8, to: 9 }) - oddsOf(stop)).toBeCloseTo(0.6)
  })

  it('tells a warehouse off the way from a halt beside it', () => {
    const halt = (['light', 'unscheduled-stop', 'chain-gap', 'market'] as const).map((detector) =>
      finding({ detector, serials: 'inside' }),
    )
    const off = finding({ detector: 'route-corridor', serials: 'inside', logOdds: 2.2 })
    expect(weigh(halt, {})[0]!.kind).toBe('theft')
    expect(weigh([...halt, off], {})[0]!.kind).toBe('diversion')
  })
})

describe('a chain', () => {
  it('has no gap where something was taken out, looked at and put back', () => {
    const stay = (epc: string, from: number, to: number): Inside => ({
      ...{ epc, parent: 'pallet', from, to, endedBy: to === Infinity ? null : 'removed' },
    })
    const gaps = (...inside: Inside[]) => {
      const shipment: Shipment = {
        ...{ container: 'pallet', inside, units: [{ epcs: ['a', 'b'] }], loggers: [] },
        ...{ plan: undefined, places: new Map(), asOf: 10 ** 9 },
      }
      return runDetector(chainGap, shipment, { list: [], asOf: 10 ** 9 }).findings
    }
    expect(gaps(stay('a', 0, 10), stay('a', 20, Infinity), stay('b', 0, Infinity))).toEqual([])
    expect(gaps(stay('a', 0, 10), stay('b', 0, Infinity))[0]).toMatchObject({ serials: ['b'] })
  })

  it('still has its gap when the shipper that held it comes back empty from a later trip', () => {
    const dayMs = 86_400_000
    const stay = (epc: string, to: number, endedBy: string): Inside => ({
      ...{ epc, parent: epc === 'shipper' ? 'pallet' : 'shipper', from: 0, to, endedBy },
    })
    const missingAfter = (emptiedAt: number) => {
      const shipment: Shipment = {
        ...{ container: 'pallet', units: [{ epcs: ['a', 'b'] }], loggers: [] },
        inside: [
          ...[stay('shipper', 10, 'removed'), stay('a', 20, 'removed')],
          stay('b', emptiedAt, 'emptied'),
        ],
        ...{ plan: undefined, places: new Map(), asOf: 9 * dayMs },
      }
      return runDetector(chainGap, shipment, { list: [], asOf: 9 * dayMs }).findings
    }
    expect(missingAfter(3 * dayMs)).toMatchObject([{ detector: 'chain-gap', serials: ['b'] }])
    expect(missingAfter(3_600_000)).toEqual([])
  })
})
