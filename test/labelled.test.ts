// Labelled breaches of others, judged by our arithmetic: what their authors say lies beside their
// data and is read from there.
//
// foodsafety-kitchen: recorded at the restaurant Rye & Soda, which kindly lent its kitchen; scenarios
// acted out on purpose to show compliance and non-compliance with food-safety rules, which say
// nothing about how the restaurant works.
import { describe, expect, it } from 'vitest'
import { breachesOf, type JudgeOptions, type Point } from '../domain/breach.ts'
import type { Rule } from '../domain/profile/profile.ts'
import { readVectors, vectorsPresent } from './vectors.ts'

const minute = 60_000
const forever = { from: Number.NEGATIVE_INFINITY, to: Infinity }

const single = (side: 'above' | 'below', limitC: number, minutes: number): JudgeOptions => {
  const rule: Rule = {
    ...{ id: 'r', kind: 'single', severity: 'major' },
    ...{ side, limitC, allowanceMs: minutes * minute },
  }
  // Their readings stand until the next one, however long that takes.
  return { rule, gapMs: 366 * 86_400_000, hysteresisC: 0 }
}

const linesOf = (name: string): string[][] =>
  readVectors(name)
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '').trim()))
/** Rows of the tables of a README, cell by cell. */
const tableOf = (name: string): string[][] =>
  readVectors(name)
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('|--'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
/** Ascending, each moment once. */
function pointsOf(rows: readonly [time: string, value: string][]): Point[] {
  const times = new Map(rows.map(([time, value]) => [Date.parse(time), Number(value)]))
  return [...times].map(([time, value]) => ({ time, value })).sort((a, b) => a.time - b.time)
}

describe.skipIf(!vectorsPresent('foodsafety-kitchen'))(
  'burgers in the kitchen of Rye & Soda',
  () => {
    const folder = 'foodsafety-kitchen'
    const items = [1, 2, 3, 4, 5, 6, 7]
    const table = vectorsPresent(folder) ? tableOf(`${folder}/README.md`) : []
    const labelOf = (item: number): string[] =>
      table.find((row) => row[0] === `${item}` && row.length === 6)!
    const readingsOf = (item: number): Point[] =>
      pointsOf(linesOf(`${folder}/item${item}.csv`).map(([time, value]) => [time!, value!]))
    /** The last word of the probe in it, by hand annotation; none of the one that was not cooked right. */
    const cookedAt = (item: number): number => {
      const told = table.find((row) => row[0] === `${item}` && row.length === 2)?.[1]
      if (!told) return Infinity
      // `14:31:13, :23`: what follows keeps hour and minute.
      let clock = ''
      for (const [time] of told.matchAll(/(\d\d:\d\d)?:\d\d/g))
        clock = time.length > 3 ? time : `${clock.slice(0, 5)}${time}`
      return Date.parse(`2016-02-10T${clock}Z`)
    }

    it.each(items)('item %i leaves 8 °C when its authors say, with their extremes', (item) => {
      const label = labelOf(item)
      const points = readingsOf(item)
      const [breach] = breachesOf(points, single('above', 8, 1), forever)
      expect(new Date(breach!.from).toISOString().slice(11, 19)).toBe(label[4])
      const values = points.map(({ value }) => value)
      expect(`${Math.min(...values).toFixed(2)} / ${Math.max(...values).toFixed(2)}`).toBe(label[3])
    })

    it('is told apart by a rule of 30 minutes above 8 °C before the pan', () => {
      for (const item of items) {
        const raw = readingsOf(item).filter(({ time }) => time <= cookedAt(item))
        const verdicts = breachesOf(raw, single('above', 8, 30), forever).map(
          ({ verdict }) => verdict,
        )
        expect([item, verdicts.includes('out')]).toEqual([
          item,
          /^non-compliant/.test(labelOf(item)[5]!),
        ])
      }
    })
  },
)

describe.skipIf(!vectorsPresent('marmot-cce'))('alarms of cold-chain equipment', () => {
  const folder = 'marmot-cce'
  const rules: Record<string, [file: string, options: JudgeOptions]> = {
    freeze: ['raw_temperature', single('below', -0.5, 60)],
    'heat, fridge': ['raw_temperature', single('above', 8, 600)],
    'heat, freezer': ['raw_temperature', single('above', -15, 60)],
    power: ['raw_power', single('below', 1, 1440)],
    connection: ['raw_emd_connection', single('below', 1, 30)],
    door: ['raw_door', single('above', 0, 5)],
  }
  const full = (time: string, day: string): string => {
    const text = /^\d{4}/.test(time) ? time : `${day} ${time}`
    return `${text.replace(' ', 'T')}${text.length < 19 ? ':00' : ''}`.slice(0, 19)
  }

  it.each(Object.keys(rules))('%s are found where their rules say', (alarm) => {
    const wanted = tableOf(`${folder}/README.md`)
      .filter((row) => row.length === 4 && row[0] === alarm && row[1] !== '')
      .flatMap(([, equipment, begin, stop]) =>
        equipment!.split(',').map((id) => {
          const day = begin!.slice(0, 10)
          return `${id.trim()} ${full(begin!, day)} ${stop === 'open' ? stop : full(stop!, day)}`
        }),
      )
    const [file, options] = rules[alarm]!
    // Whatever monitor is put to it: alarms belong to the equipment.
    const head = readVectors(`${folder}/${file}.csv`).split(/\r?\n/)[0]!.split(',')
    const column = (names: string[]): number =>
      head.findIndex((name) => names.includes(name.trim()))
    const [time, value, id] = [
      column(['t', 'created_at']),
      column(['temperature', 'power', 'connected', 'door_open']),
      column(['cce_id']),
    ]
    const groups = Map.groupBy(linesOf(`${folder}/${file}.csv`), (row) => row[id]!)
    const found = [...groups].flatMap(([equipment, rows]) => {
      const points = pointsOf(rows.map((row) => [row[time]!.replace(/\+00$/, 'Z'), row[value]!]))
      return breachesOf(points, options, forever)
        .filter(({ verdict }) => verdict === 'out')
        .map(({ from, to }) => {
          const text = (moment: number) => new Date(moment).toISOString().slice(0, 19)
          return `${equipment} ${text(from)} ${to === null ? 'open' : text(to)}`
        })
    })
    expect(found.sort()).toEqual(wanted.sort())
  })
})
