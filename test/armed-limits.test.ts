import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Arming,
  firstDifference,
  limitsOver,
  readLimitsLabel,
  saysLimits,
} from '../domain/armed-limits.ts'

const sscc = '106141412345678908'
const container = `https://id.gs1.org/00/${sscc}`
const gs = '\u001d'

describe('the label of a container', () => {
  it('says its limits in every syntax', () => {
    const limits = { container, minC: 2, maxC: 8 }
    for (const text of [
      `(00)${sscc}(4331)000800(4333)000200`,
      `]C100${sscc}4331000800${gs}4333000200`,
      `]d2${gs}00${sscc}4333000200${gs}4331000800`,
      `]Q300${sscc}4330004640${gs}4332003560`,
      `^00${sscc}4331000800^4333000200`,
      `${gs}00${sscc}4331000800${gs}4333000200`,
      `https://id.gs1.org/00/${sscc}?4331=000800&4333=000200`,
      `https://example.com/some/00/${sscc}?4333=000200&utm=x&4331=000800`,
      `]Q1https://id.gs1.org/00/${sscc}?4331=000800&4333=000200`,
    ]) {
      expect(readLimitsLabel(text), text).toEqual({ ok: true, value: limits })
      expect(saysLimits(text)).toBe(true)
    }
  })

  it('may say one side only, and below zero', () => {
    const told = readLimitsLabel(`(00)${sscc}(4331)001500-`)
    expect(told).toEqual({ ok: true, value: { container, minC: null, maxC: -15 } })
  })

  it('is refused with code and span when it cannot be meant', () => {
    const refusal = (text: string) => {
      const read = readLimitsLabel(text)
      if (read.ok) throw new Error(`taken: ${text}`)
      const { code, at, length } = read.refusals[0]!
      return [code, at === undefined ? '' : text.slice(at, at + length!)]
    }
    expect(refusal('(01)09506000134352(21)A1')).toEqual(['gs1/key-unknown', '09506000134352'])
    expect(refusal('(10)L1')).toEqual(['gs1/key-unknown', '(10)L1'])
    expect(refusal('urn:uuid:1')).toEqual(['gs1/key-unknown', 'urn:uuid:1'])
    expect(refusal('(01)09506000134352(4331)000800')).toEqual(['gs1/ai-combination', '000800'])
    expect(refusal(`(00)${sscc}`)).toEqual(['gs1/limits-missing', `(00)${sscc}`])
    expect(refusal(`urn:epc:id:sscc:0614141.1234567890`)[0]).toBe('gs1/limits-missing')
    expect(refusal(`(00)${sscc}(4331)000200(4333)000800`)).toEqual(['gs1/content', '000200'])
    expect(refusal(`(00)${sscc}(4330)004640(4331)000800`)[0]).toBe('gs1/ai-combination')
    expect(refusal(`(00)${sscc}(4331)000800(4331)000900`)).toEqual(['gs1/ai-combination', '000900'])
    expect(refusal(`(00)106141412345678907(4331)000800`)).toEqual(['gs1/check-digit', '7'])
    expect(refusal(`(00)${sscc}(4331)0008`)[0]).toBe('gs1/length')
    expect(refusal('carton')[0]).toBe('gs1/syntax')
    expect(saysLimits(`(00)${sscc}`)).toBe(false)
  })
})

describe('limits over time', () => {
  const side = fc.option(fc.constantFrom(-20, 2, 5, 8))
  const arming: fc.Arbitrary<Arming> = fc
    .record({ armedAt: fc.nat(12), minC: side, maxC: side })
    .filter(({ minC, maxC }) => minC !== null || maxC !== null)
  const scans = fc.array(arming, { maxLength: 8 })

  /** What holds at a moment: the newest scans, the stricter of each side. */
  const walk = (armings: readonly Arming[], at: number) => {
    const newest = Math.max(...armings.filter(({ armedAt }) => armedAt <= at).map((a) => a.armedAt))
    const held = armings.filter(({ armedAt }) => armedAt === newest)
    if (held.length === 0) return undefined
    const said = (values: (number | null)[]) => values.filter((value) => value !== null)
    const mins = said(held.map(({ minC }) => minC))
    const maxs = said(held.map(({ maxC }) => maxC))
    return {
      minC: mins.length > 0 ? Math.max(...mins) : null,
      maxC: maxs.length > 0 ? Math.min(...maxs) : null,
    }
  }

  it('are those of the newest scan at each moment, whatever order scans came in', () => {
    fc.assert(
      fc.property(scans, (armings) => {
        const spans = limitsOver(armings)
        expect(limitsOver([...armings].reverse())).toEqual(spans)
        for (let at = 0; at <= 13; at++) {
          const holding = spans.filter(({ from, to }) => from <= at && at < to)
          expect(holding.map(({ minC, maxC }) => ({ minC, maxC }))).toEqual(
            [walk(armings, at)].filter((one) => one !== undefined),
          )
        }
        // Each span says something else than the one before it.
        for (const [index, span] of spans.slice(1).entries())
          expect([span.minC, span.maxC]).not.toEqual([spans[index]!.minC, spans[index]!.maxC])
      }),
    )
  })

  it('differ from before a scan first where a walk finds it', () => {
    fc.assert(
      fc.property(scans, arming, (armings, more) => {
        const before = limitsOver(armings)
        const after = limitsOver([...armings, more])
        const moments = Array.from({ length: 14 }, (_, at) => at)
        const first = moments.find(
          (at) =>
            JSON.stringify(walk(armings, at)) !== JSON.stringify(walk([...armings, more], at)),
        )
        expect(firstDifference(before, after)).toBe(first)
        expect(firstDifference(after, after)).toBeUndefined()
      }),
    )
  })
})
