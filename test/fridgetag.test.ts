import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { isBeyond } from '../domain/breach.ts'
import { meanOfRows, runsBeyond, standsOf } from '../domain/exposure.ts'
import { compareFigures, cutToTenth, type FigureRow } from '../ingest/formats/figures.ts'
import {
  type LoggerFile,
  loggerFormats,
  parseLoggerFile,
  toReadingsBodies,
} from '../ingest/formats/format.ts'
import { decodeReadings } from '../ingest/readings-json.ts'

const golden = 'test/golden/formats'

/** Epoch ms of this century as RFC 3339, so that a person can check a golden file. */
const readable = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, v) =>
    typeof v === 'number' && Number.isInteger(v) && v > 1e11 ? new Date(v).toISOString() : v,
  )

function parse(body: Uint8Array, utcOffsetMinutes = 0): LoggerFile {
  const result = parseLoggerFile(body, { utcOffsetMinutes })
  if (!result.ok) throw new Error(JSON.stringify(result.refusals))
  return result.value
}

describe('golden files of every format', () => {
  const cases = readdirSync(golden).flatMap((format) =>
    readdirSync(`${golden}/${format}`).map((name) => [format, name] as const),
  )

  it('every format has a golden folder', () => {
    expect(new Set(cases.map(([format]) => format))).toEqual(
      new Set(loggerFormats.map((format) => format.id)),
    )
  })

  it.each(cases)('%s %s', (format, name) => {
    const body = readFileSync(`${golden}/${format}/${name}/input.txt`)
    const expected = JSON.parse(readFileSync(`${golden}/${format}/${name}/expected.json`, 'utf8'))
    const recognised = loggerFormats.filter((known) => known.recognise(body.toString()))
    expect(recognised.map((known) => known.id)).toEqual([format])
    const file = parse(body, expected.utcOffsetMinutes)
    expect({
      utcOffsetMinutes: expected.utcOffsetMinutes,
      device: file.device,
      readings: readable(file.readings.map((r) => [r.time, r.channel, r.value])),
      gaps: readable(file.gaps.map((gap) => [gap.from, gap.to])),
      refusals: file.refusals.map((r) => `${r.code} ${r.path}`),
      figures: readable(file.figures),
      compared: readable(compareFigures(file)),
    }).toEqual(expected)
  })
})

describe('any file', () => {
  const good = readFileSync(`${golden}/fridgetag/fridge-two-days/input.txt`)

  it('of no known format is refused with the formats that are known', () => {
    const result = parseLoggerFile(Buffer.from('time;temp\n1;2'), { utcOffsetMinutes: 0 })
    expect(result).toMatchObject({ ok: false, refusals: [{ code: 'import/format-unknown' }] })
    for (const format of loggerFormats)
      expect(!result.ok && result.refusals[0]!.detail).toContain(format.title)
  })

  it('without anything usable is refused as empty, with its bad lines', () => {
    const result = parseLoggerFile(Buffer.from('Device: Q-tag X\n???'), { utcOffsetMinutes: 0 })
    expect(!result.ok && result.refusals.map((r) => `${r.code} ${r.path}`)).toEqual([
      'import/empty ',
      'import/line 1',
      'import/line 2',
      'import/line 2',
    ])
  })

  it('keeps the rows before the cut and says that it was cut', () => {
    const text = good.toString()
    const rowsAt = text.indexOf('Data:')
    let most = 0
    for (let end = rowsAt; end < text.length; end += 7) {
      const file = parse(Buffer.from(text.slice(0, end)))
      if (end < text.lastIndexOf('Sig:'))
        expect(file.refusals.at(-1)!.detail).toMatch(/cut short|not a/)
      expect(file.readings.length).toBeGreaterThanOrEqual(most)
      most = file.readings.length
    }
    expect(most).toBe(parse(good).readings.length)
  })

  it('reads with LF as with CRLF, and with a byte order mark', () => {
    const text = good.toString()
    expect(parse(Buffer.from(text.replaceAll('\r\n', '\n')))).toEqual(parse(good))
    expect(parse(Buffer.from(`\uFEFF${text}`))).toEqual(parse(good))
  })

  it('moves all its times by the offset of the device clock', () => {
    const [utc, east] = [parse(good), parse(good, 60)]
    expect(east.readings.map((r) => r.time + 3_600_000)).toEqual(utc.readings.map((r) => r.time))
    expect(east.figures.periods[0]!.from + 3_600_000).toBe(utc.figures.periods[0]!.from)
    expect(east.figures.periods[0]!.minTime! + 3_600_000).toBe(utc.figures.periods[0]!.minTime)
  })

  it('never throws and never loses order, however it is damaged', () => {
    const edit = fc.tuple(fc.nat(good.length - 1), fc.constantFrom(...'\n\t :,x-.0 9'))
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 30 }), fc.nat(good.length), (edits, length) => {
        const bytes = Buffer.from(good)
        for (const [at, char] of edits) bytes[at] = char.charCodeAt(0)
        const result = parseLoggerFile(bytes.subarray(0, length), { utcOffsetMinutes: 0 })
        if (!result.ok) {
          expect(result.refusals.length).toBeGreaterThan(0)
          return
        }
        const { readings } = result.value
        for (let i = 1; i < readings.length; i++)
          expect(readings[i]!.time).toBeGreaterThan(readings[i - 1]!.time)
        compareFigures(result.value)
      }),
      { numRuns: 500 },
    )
  })

  it('goes to the log in bodies of readings JSON that give the same readings', () => {
    const count = bounds.importChunkReadings * 2 + 1
    const readings = Array.from({ length: count }, (_, i) => ({
      channel: i % 2 ? 'temperature' : 'temperature.2',
      time: Date.UTC(2026, 0, 1) + i * 60_000,
      value: i / 10,
    }))
    const bodies = toReadingsBodies(readings)
    expect(bodies.length).toBe(3)
    for (const body of bodies) expect(body.length).toBeLessThan(bounds.packetBytesMax)
    const recordTime = Date.UTC(2026, 1, 1)
    const decoded = bodies.map((body) => decodeReadings(body, { recordTime }))
    expect(decoded.flatMap((d) => d.readings)).toEqual(readings)
    expect(decoded.flatMap((d) => d.refusals)).toEqual([])
    expect(toReadingsBodies([])).toEqual([])
  })
})

describe('figures as these loggers print them', () => {
  it('are cut toward zero, not rounded', () => {
    expect([5.461, -16.49, 5.49, -0.04, 4.6, -15.3, 0.30000000000000004].map(cutToTenth)).toEqual([
      5.4, -16.4, 5.4, 0, 4.6, -15.3, 0.3,
    ])
  })
})

const folder = '../shared/data/fridgetag'
const present = existsSync(folder)
if (!present) console.warn(`skipped: ${folder} not present`)

describe.skipIf(!present)('real exports, against what their devices computed', () => {
  const read = (name: string) => parse(readFileSync(`${folder}/${name}`))
  const row = (rows: FigureRow[], figure: string, period: string, limit?: number) =>
    rows.find((r) => r.figure === figure && r.period === period && r.limit === limit)!
  const clock = (time: number | undefined) => new Date(time ?? 0).toISOString().slice(11, 16)

  it('a transport with alarms both ways: everything agrees within one logging interval', () => {
    const file = read('q-tag-clm-doc_10min-log.txt')
    expect(file.refusals).toEqual([])
    expect(file.gaps).toEqual([])
    expect(file.readings.length).toBe(124)
    const rows = compareFigures(file)
    expect(rows.filter((r) => !r.agrees)).toEqual([])
    expect(row(rows, 'mean', 'transport').computed).toBeCloseTo(5.4613, 4)
    expect(row(rows, 'mkt', 'transport').computed).toBeCloseTo(10.5841, 4)
    expect(row(rows, 'rowsMarked', 'file')).toMatchObject({ device: 79, computed: 79 })
    expect(row(rows, 'beyond', 'transport', 4)).toMatchObject({ device: 598, computed: 580 })
    expect(clock(row(rows, 'from', 'transport', 1).computed!)).toBe('21:59')
    const low = file.figures.limits.find((l) => l.number === 5)!
    const values = file.readings.map((r) => r.value)
    expect(values.filter((v) => isBeyond('below', low.limitC, v)).length).toBe(58)
    // A minute above the limit between two rows is not logged, so rows show more runs than the
    // device.
    const runs = runsBeyond(standsOf(file.readings, { gapMs: 1_500_000 }), low)
    const long = runs.filter((run) => run.to - run.from >= low.allowanceMs)
    const stated = file.figures.periods[0]!.excursions.filter((e) => e.limit === 5)
    expect(stated.map((e) => [clock(e.from), clock(e.to), e.ms / 60_000, e.extremeC])).toEqual([
      ['12:16', '14:41', 145, 0.9],
      ['14:52', '15:24', 32, 1.4],
      ['15:39', '16:10', 31, 1.4],
    ])
    for (const run of long) {
      const isStated = stated.some((e) => Math.abs(e.from! - run.from) <= 600_000)
      expect(isStated || run.to - run.from <= 40 * 60_000).toBe(true)
    }
  })

  it('four days in the wrong freezer: days, sensor loss and the upper limit', () => {
    const file = read('fridge-tag-ultra-low_5min-log.txt')
    expect(file.refusals).toEqual([])
    expect(file.readings.length).toBe(841 - 6)
    const rows = compareFigures(file)
    const days = ['2023-04-17', '2023-04-18', '2023-04-19', '2023-04-20']
    const computed = (figure: string) => days.map((day) => row(rows, figure, day).computed)
    expect(computed('min')).toEqual([-17, -16.6, -16.8, -16.8])
    expect(computed('max')).toEqual([-9.6, -9.6, -12.1, -16.1])
    const means = [-15.18, -15.4, -15.73, -16.49]
    for (const [i, mean] of computed('mean').entries()) expect(mean).toBeCloseTo(means[i]!, 2)
    const beyond = days.map((day) => row(rows, 'beyond', day, 1))
    expect(beyond.map((r) => [r.device, r.computed, r.agrees])).toEqual([
      [474, 460, true],
      [1440, 1440, true],
      [1440, 1440, true],
      [834, 835, true],
    ])
    expect(row(rows, 'mean', days[3]!)).toMatchObject({ device: -16.4, agrees: true })
    const [first, , , last] = file.figures.periods
    expect(clock(first!.excursions[1]!.raisedAt)).toBe('17:06')
    expect(last!.sensorLost.map((l) => [l.sensor, l.ms / 60_000, clock(l.raisedAt)])).toEqual([
      ['external', 17, '14:04'],
    ])
    expect(file.gaps.map((gap) => [clock(gap.from), clock(gap.to)])).toEqual([
      ['16:06', '16:21'],
      ['13:51', '14:06'],
    ])
    expect(meanOfRows(file.readings.map((r) => r.value))).toBeLessThan(-15)
  })

  it('a fridge that keeps daily figures only', () => {
    const file = read('fridge-tag-2_daily-summary-only.txt')
    expect(file.refusals).toEqual([])
    expect(file.readings).toEqual([])
    expect(compareFigures(file)).toEqual([])
    const days = file.figures.periods.map((p) => [
      p.title,
      [p.minC, clock(p.minTime)],
      [p.maxC, clock(p.maxTime)],
      p.meanC,
      p.excursions.map((e) => e.ms / 60_000),
      p.sensorLost.map((l) => [l.ms / 60_000, clock(l.raisedAt)]),
    ])
    expect(days).toEqual([
      ['2023-04-17', [2.3, '20:11'], [20.8, '19:41'], 4.4, [0, 8], [[178, '16:53']]],
      ['2023-04-18', [1.9, '14:08'], [8.5, '13:18'], 4, [0, 2], []],
      ['2023-04-19', [1.5, '18:44'], [7.1, '17:38'], 3.9, [0, 0], []],
      ['2023-04-20', [2, '13:30'], [8, '14:33'], 4.6, [0, 0], [[21, '15:04']]],
    ])
    expect(file.figures.limits).toMatchObject([
      { side: 'below', limitC: -0.5, allowanceMs: 3_600_000 },
      { side: 'above', limitC: 8, allowanceMs: 36_000_000 },
    ])
  })
})
