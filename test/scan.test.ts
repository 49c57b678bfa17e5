import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gs, openBursts, togetherMs } from '../dashboards/console/src/scan/burst.ts'
import { faultsOf } from '../dashboards/console/src/scan/faults.ts'
import { standingOf } from '../dashboards/console/src/scan/standing.ts'
import { contents, epc, lot } from '../dashboards/console/src/scan/test-codes.ts'
import { fnc1 } from '../domain/gs1/element.ts'
import { statuses } from '../domain/lifecycle/lifecycle.ts'
import { drawLabel } from '../trace/labels.ts'

const key = (name: string, at: number, ctrl = false, alt = false) => ({ key: name, at, ctrl, alt })

/** What comes of keys that follow each other at a pace; Enter at the end. */
function typed(text: string, paceMs: number): string | null {
  const bursts = openBursts()
  let code: string | null = null
  for (const [index, name] of [...text, 'Enter'].entries()) {
    const heard = bursts.hear(key(name, 1000 + index * paceMs))
    if (heard.state === 'done') code = heard.code
  }
  return code
}

describe('a burst of keys', () => {
  it('is a scan when it is faster than people, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6, maxLength: 100 }),
        fc.integer({ min: 0, max: togetherMs }),
        (text, paceMs) => {
          fc.pre([...text].every((char) => char.length === 1))
          expect(typed(text, paceMs)).toBe(text)
        },
      ),
    )
  })

  it('is typing when it is slower or short', () => {
    expect(typed(']d20109521234543213', togetherMs + 1)).toBeNull()
    expect(typed('gs', 5)).toBeNull()
  })

  it('holds FNC1 as Ctrl+], on whatever key, and as F8; Shift counts for nothing, AltGr writes', () => {
    const bursts = openBursts()
    const strokes = [
      key('1', 0),
      key('Shift', 2),
      key('A', 4),
      key('+', 6, true),
      key('F8', 8),
      key('@', 10, true, true),
      key('2', 12),
      key('3', 14),
    ]
    for (const stroke of strokes) bursts.hear(stroke)
    expect(bursts.silence(30)).toEqual({ state: 'inside' })
    expect(bursts.silence(100)).toEqual({ state: 'done', code: `1A${gs}${gs}@23` })
  })
})

describe('the scanner test', () => {
  const [plain, separated] = contents

  it('shows codes that hold what it compares with', async () => {
    for (const [content, batch] of [
      [plain, undefined],
      [separated, lot],
    ] as const) {
      const drawing = { symbol: 'datamatrix', format: 'svg', scale: 3, text: false } as const
      const label = await drawLabel({ epc, ...drawing, ...(batch && { lot: batch }) })
      if (!label.ok) throw new Error(JSON.stringify(label.refusals))
      const said = label.value.content.replace(new RegExp(`^\\${fnc1}`), '').replaceAll(fnc1, gs)
      expect(said).toBe(content)
    }
  })

  it.each([
    ['all is well', `]d2${plain}`, []],
    ['the symbology is not told', plain, ['no-symbology']],
    ['a German computer reads a US scanner', ']d2010952123454321321zYaQwMß-1', ['layout-qwertz']],
    ['a US computer reads a German scanner', '9d2010952123454321321zYaQwM/&1', ['layout-qwertz']],
    ['a French computer reads a US scanner', '$d2à&àç(é&é"\'(\'"é&"é&yWqAz?)!&', ['layout-azerty']],
    ['caps lock is on', `]D2${'0109521234543213'}21YzAqWm-/1`, ['caps-lock']],
    ['small letters become capitals', `]D2${plain.toUpperCase()}`, ['one-case']],
    ['something else comes', ']d20109521234543213', ['altered']],
  ])('says what is wrong when %s', (_, arrived, faults) => {
    expect(faultsOf(plain, arrived)).toEqual(faults)
  })

  it('says when FNC1 is lost, also beside other faults', () => {
    expect(faultsOf(separated, `]d2${separated}\r`)).toEqual([])
    expect(faultsOf(separated, `]d2${separated.replace(gs, '')}`)).toEqual(['lost-fnc1'])
    const both = `]d2${separated.replace(gs, '').toUpperCase()}`
    expect(faultsOf(separated, both)).toEqual(['one-case', 'lost-fnc1'])
  })
})

describe('a scanned unit', () => {
  it('is called genuine only when its state is sound and nothing is held against it', () => {
    const genuine = statuses.filter((status) => standingOf(status, []) === 'genuine')
    for (const bad of ['unknown', 'held', 'locked', 'stolen', 'destroyed', 'decommissioned'])
      expect(genuine).not.toContain(bad)
    for (const status of [...statuses, 'conflict', 'recalled', 'of a newer server', '']) {
      expect(standingOf(status, ['damaged'])).not.toBe('genuine')
      if (!genuine.some((each) => each === status))
        expect(standingOf(status, [])).not.toBe('genuine')
    }
    expect(standingOf(null, [])).toBe('unknown')
    expect(standingOf('available', ['recalled'])).toBe('recalled')
    expect([standingOf('held', []), standingOf('locked', ['damaged'])]).toEqual([
      'quarantined',
      'quarantined',
    ])
    expect(['conflict', 'stolen'].map((state) => standingOf(state, []))).toEqual(['unfit', 'unfit'])
  })
})
