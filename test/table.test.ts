import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ParseOptions, parseLoggerFile } from '../ingest/formats/format.ts'
import { isZone, zoneClock } from '../ingest/formats/moments.ts'

const importOf = (text: string | Uint8Array, options: Partial<ParseOptions> = {}) =>
  parseLoggerFile(typeof text === 'string' ? Buffer.from(text) : text, {
    utcOffsetMinutes: 0,
    ...options,
  })

/** Times and values of the temperature, and what was refused. */
function told(text: string | Uint8Array, options: Partial<ParseOptions> = {}) {
  const result = importOf(text, options)
  if (!result.ok) return { refused: result.refusals.map(({ code, path }) => `${code} ${path}`) }
  const { readings, refusals } = result.value
  return {
    rows: readings.map(({ time, value }) => `${new Date(time).toISOString()} ${value}`),
    lines: refusals.map(({ path }) => Number(path)),
  }
}

const detailOf = (text: string, options: Partial<ParseOptions> = {}): string => {
  const result = importOf(text, options)
  return (result.ok ? result.value.refusals : result.refusals).map((one) => one.detail).join('\n')
}

describe('a logger without a clock', () => {
  const file = 'RELT,Temp (°C)\nPT0S,4.1\nPT15M,4.2\nPT30M,9.5\n'
  const start = Date.parse('2026-03-01T08:00:00+01:00')

  it('is refused without the time of its start, with the line and the remedy', () => {
    expect(told(file)).toEqual({ refused: ['import/times 2'] })
    expect(detailOf(file)).toMatch(/--start/)
  })

  it('gets its times from the start that is stated', () => {
    expect(told(file, { startAt: start })).toEqual({
      rows: [
        '2026-03-01T07:00:00.000Z 4.1',
        '2026-03-01T07:15:00.000Z 4.2',
        '2026-03-01T07:30:00.000Z 9.5',
      ],
      lines: [],
    })
  })

  it.each([
    ['elapsed (s)', ['0', '900', '1800']],
    ['elapsed_min', ['0', '15', '30.0']],
    ['Elapsed time [h]', ['0', '0.25', '0.5']],
    ['Laufzeit', ['0:00:00', '0:15:00', '0.00:30:00']],
  ])('may count in %s', (name, [a, b, c]) => {
    const same = `${name},Temp (°C)\n${a},4.1\n${b},4.2\n${c},9.5\n`
    expect(told(same, { startAt: start })).toEqual(told(file, { startAt: start }))
  })

  it('that counts in nobody knows what is refused row by row', () => {
    const result = told('elapsed,Temp (°C)\n0,4.1\n900,4.2\n', { startAt: start })
    expect(result).toEqual({ refused: ['import/empty ', 'import/line 2', 'import/line 3'] })
  })

  it('that was started again tells from which line on another start is needed', () => {
    const again = `${file}PT0S,5\nPT15M,5.5\n`
    expect(told(again, { startAt: start })).toMatchObject({ lines: [5, 6] })
    expect(detailOf(again, { startAt: start })).toMatch(/line 5.*--start/)
  })

  it('reads from the newest to the oldest as well', () => {
    const lines = file.trimEnd().split('\n')
    const turned = [lines[0], ...lines.slice(1).reverse()].join('\n')
    expect(told(turned, { startAt: start })).toEqual(told(file, { startAt: start }))
  })

  it('needs no start where one row tells both clocks, and refuses one that contradicts it', () => {
    const both = 'RELT,ABST,Temp (°C)\nPT0S,,4.1\nPT15M,20260301T071500Z,4.2\nPT30M,,9.5\n'
    expect(told(both)).toEqual(told(file, { startAt: start }))
    expect(told(both, { startAt: start + 60_000 })).toMatchObject({ lines: [] })
    expect(told(both, { startAt: start + 3_600_000 })).toEqual({ refused: ['import/times 2'] })
  })

  it('whose start lies in the future is refused by its lines', () => {
    const now = start - 50 * 3_600_000
    expect(told(file, { startAt: start, now })).toEqual({
      refused: ['import/empty ', 'import/line 2', 'import/line 3', 'import/line 4'],
    })
  })
})

describe('local times of a zone', () => {
  const berlin = { timeZone: 'Europe/Berlin' }

  it('in the hour that spring leaves out are refused, not moved', () => {
    const file = 'time,temperature\n2025-03-30 01:59,1\n2025-03-30 02:30,2\n2025-03-30 03:00,3\n'
    expect(told(file, berlin)).toEqual({
      rows: ['2025-03-30T00:59:00.000Z 1', '2025-03-30T01:00:00.000Z 3'],
      lines: [3],
    })
    expect(detailOf(file, berlin)).toMatch(/02:30.*--utc-offset/)
  })

  it('in the hour that autumn has twice are told apart where the file goes back', () => {
    const file =
      'time,temperature\n2025-10-26 01:30,1\n2025-10-26 02:00,2\n2025-10-26 02:30,3\n2025-10-26 02:00,4\n2025-10-26 02:30,5\n2025-10-26 03:00,6\n'
    const right = {
      rows: [
        ...['2025-10-25T23:30:00.000Z 1', '2025-10-26T00:00:00.000Z 2'],
        ...['2025-10-26T00:30:00.000Z 3', '2025-10-26T01:00:00.000Z 4'],
        ...['2025-10-26T01:30:00.000Z 5', '2025-10-26T02:00:00.000Z 6'],
      ],
      lines: [],
    }
    expect(told(file, berlin)).toEqual(right)
    const [head, ...rows] = file.trimEnd().split('\n')
    expect(told([head, ...rows.reverse()].join('\n'), berlin)).toEqual(right)
  })

  it('in that hour are refused where the file does not go back', () => {
    const file = 'time,temperature\n2025-10-26 01:30,1\n2025-10-26 02:30,3\n2025-10-26 03:00,6\n'
    expect(told(file, berlin)).toMatchObject({ lines: [3] })
    expect(detailOf(file, berlin)).toMatch(/twice.*--utc-offset/)
  })

  it('of any zone are found again from the moments they were made of', () => {
    const zones = ['Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe']
    const clocks = new Map(zones.map((zone) => [zone, zoneClock(zone)]))
    const walls = new Map(
      zones.map((timeZone) => [
        timeZone,
        new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }),
      ]),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2001, 0, 1) / 60_000, max: Date.UTC(2030, 0, 1) / 60_000 }),
        (timeZone, minute) => {
          const time = minute * 60_000
          const shown = walls.get(timeZone)!.format(time)
          const wall = Date.parse(`${shown.replace(' ', 'T')}Z`)
          const times = clocks.get(timeZone)!(wall)
          expect(times).toContain(time)
          expect(times.length).toBeLessThanOrEqual(2)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('are asked of a zone that exists', () => {
    expect(isZone('Europe/Berlin')).toBe(true)
    expect(isZone('Europe/Entenhausen')).toBe(false)
  })
})

describe('dates', () => {
  it('that may be read in two ways are refused until somebody says which', () => {
    const file = 'date,time,temperature\n03/04/2025,10:00,1\n04/04/2025,10:00,2\n'
    expect(told(file)).toEqual({ refused: ['import/times 2'] })
    expect(detailOf(file)).toMatch(/--dates dmy or --dates mdy/)
    expect(told(file, { dates: 'dmy' })).toMatchObject({
      rows: ['2025-04-03T10:00:00.000Z 1', '2025-04-04T10:00:00.000Z 2'],
    })
  })

  it('are read by the row that can be read in one way only, wherever it stands', () => {
    const file = 'time,temperature\n03/04/25 10:00,1\n05/04/25 10:00,2\n'
    expect(told(file)).toEqual({ refused: ['import/times 2'] })
    const clear = `${file}31/12/25 10:00,3\n`
    expect(told(clear)).toMatchObject({ lines: [] })
    expect(told(clear)).toMatchObject({
      rows: [
        '2025-04-03T10:00:00.000Z 1',
        '2025-04-05T10:00:00.000Z 2',
        '2025-12-31T10:00:00.000Z 3',
      ],
    })
  })

  it.each([
    ['2025-12-01T10:00:00+01:00', '2025-12-01T09:00:00.000Z'],
    ['2025-12-01 10:00:00+00', '2025-12-01T10:00:00.000Z'],
    ['2025/12/01 10:00:00.25', '2025-12-01T10:00:00.250Z'],
    ['20251201T100000Z', '2025-12-01T10:00:00.000Z'],
    ['1764583200', '2025-12-01T10:00:00.000Z'],
    ['1764583200000', '2025-12-01T10:00:00.000Z'],
    ['01.12.2025 10:00', '2025-12-01T10:00:00.000Z'],
    ['1.12.25 10:00', '2025-12-01T10:00:00.000Z'],
    ['12/13/2025 12:05 AM', '2025-12-13T00:05:00.000Z'],
  ])('%s are %s', (text, time) => {
    expect(told(`timestamp;temperature\n${text};4,5\n`)).toEqual({
      rows: [`${time} 4.5`],
      lines: [],
    })
  })

  it.each([
    '2025-02-30 10:00',
    '2025-01-01 24:30',
    '31.04.2025 10:00',
    'yesterday',
    '2025-01-01 1:00 XM',
  ])('that are not there, %s, are refused by their line', (text) => {
    const file = `time;temperature\n2025-01-01 10:00;4\n${text};5\n`
    expect(told(file)).toEqual({ rows: ['2025-01-01T10:00:00.000Z 4'], lines: [3] })
  })
})

describe('values', () => {
  it('of a name without its unit are not read, unless it is the channel itself', () => {
    expect(told('time;temp\n2025-01-01 10:00;4\n')).toEqual({ refused: ['import/format-unknown '] })
    const result = importOf('time;temperature;Temp2;RH (%)\n2025-01-01 10:00;4;5;6\n')
    expect(result).toMatchObject({
      value: { device: { model: 'table of temperature, humidity (not read: Temp2)' } },
    })
  })

  it('of two columns that are the same channel are refused as a whole', () => {
    expect(told('time,temperature,Temp (°F)\n2025-01-01 10:00,4,40\n')).toEqual({
      refused: ['import/times 1'],
    })
  })

  it('for a time that has another one are refused', () => {
    const file = 'time,temperature\n2025-01-01 10:00,4\n2025-01-01 10:00,4\n2025-01-01 10:00,5\n'
    expect(told(file)).toEqual({ rows: ['2025-01-01T10:00:00.000Z 4'], lines: [4] })
  })

  it('are found below whatever an export says of the logger first', () => {
    const file =
      'Serial,LL-7\nInterval,15 min\n\nDate/Time,Temp 1 (°F),Temp 2 (°F)\n2025-01-01 10:00,50,41\n'
    const result = importOf(file)
    expect(result).toMatchObject({
      value: {
        readings: [
          { channel: 'temperature.1', value: 10 },
          { channel: 'temperature.2', value: 5 },
        ],
      },
    })
  })

  it('stay where the file is cut: what comes before is kept, the rest is told', () => {
    const whole = `time,temperature,humidity\n${Array.from({ length: 20 }, (_, i) => `2025-01-01 10:${i + 10},4.5,40`).join('\n')}\n`
    for (let end = whole.indexOf('\n') + 1; end < whole.length; end += 13) {
      const result = importOf(whole.slice(0, end))
      const rows = whole.slice(0, end).split('\n').length - 2
      if (!result.ok) continue
      expect(result.value.readings.length).toBeGreaterThanOrEqual(2 * rows)
    }
  })
})

/** A table of the same readings in one of many ways to write it. */
interface Way {
  delimiter: string
  decimal: string
  date: 'iso' | 'dmy' | 'mdy' | 'epoch'
  newest: boolean
  encoding: 'utf8' | 'bom' | 'utf16le' | 'utf16be' | 'bare16'
  unit: 'C' | 'F'
  breaks: string
}

const anyWay: fc.Arbitrary<Way> = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    decimal: fc.constantFrom('.', ','),
    date: fc.constantFrom('iso' as const, 'dmy' as const, 'mdy' as const, 'epoch' as const),
    newest: fc.boolean(),
    encoding: fc.constantFrom('utf8', 'bom', 'utf16le', 'utf16be', 'bare16') as fc.Arbitrary<
      Way['encoding']
    >,
    unit: fc.constantFrom('C' as const, 'F' as const),
    breaks: fc.constantFrom('\n', '\r\n'),
  })
  .map((way) => (way.delimiter === ',' ? { ...way, decimal: '.' } : way))

function written(rows: readonly { time: number; tenths: number }[], way: Way): Uint8Array {
  const line = ({ time, tenths }: { time: number; tenths: number }): string => {
    const [date, clock] = new Date(time).toISOString().slice(0, 19).split('T') as [string, string]
    const [y, m, d] = date.split('-')
    const shown = { iso: date, dmy: `${d}.${m}.${y}`, mdy: `${m}/${d}/${y}`, epoch: '' }[way.date]
    const moment = way.date === 'epoch' ? String(time / 1000) : `${shown} ${clock}`
    const value = way.unit === 'C' ? tenths / 10 : (tenths * 9) / 50 + 32
    return `${moment}${way.delimiter}${String(value).replace('.', way.decimal)}`
  }
  const body = (way.newest ? rows.toReversed() : rows).map(line)
  const text = [`Time${way.delimiter}Temp (°${way.unit})`, ...body, ''].join(way.breaks)
  const wide = Buffer.from(text, 'utf16le')
  switch (way.encoding) {
    case 'utf8':
      return Buffer.from(text)
    case 'bom':
      return Buffer.from(`\uFEFF${text}`)
    case 'bare16':
      return wide
    case 'utf16le':
      return Buffer.from(`\uFEFF${text}`, 'utf16le')
    case 'utf16be':
      return Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()
  }
}

it('gives the same readings however the table was written', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(
      times,
      fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 40, maxLength: 40 }),
      anyWay,
      (minutes, tenths, way) => {
        const rows = minutes
          .sort((a, b) => a - b)
          .map((minute, i) => ({
            time: Date.UTC(2025, 0, 31) + minute * 60_000,
            tenths: tenths[i]!,
          }))
        const result = importOf(written(rows, way), way.date === 'mdy' ? { dates: 'mdy' } : {})
        const readings = result.ok ? result.value.readings : []
        expect(readings.map(({ time }) => time)).toEqual(rows.map(({ time }) => time))
        for (const [i, { value }] of readings.entries())
          expect(value).toBeCloseTo(rows[i]!.tenths / 10, 8)
      },
    ),
    { numRuns: 150 },
  )
})

const kitchen = '../shared/data/foodsafety-kitchen/item1.csv'
const marmot = '../shared/data/marmot-cce/raw_temperature.csv'

it.skipIf(!existsSync(kitchen))(
  'reads the tags of a real kitchen (skipped without its files)',
  () => {
    const result = importOf(readFileSync(kitchen))
    expect(result.ok && result.value.refusals).toEqual([])
    const values = result.ok ? result.value.readings.map(({ value }) => value) : []
    expect(Math.min(...values)).toBeCloseTo(3.16, 2)
    expect(Math.max(...values)).toBeCloseTo(20.49, 2)
  },
)

it.skipIf(!existsSync(marmot))(
  'says what a table lacks whose columns have no names it knows',
  () => {
    expect(told(readFileSync(marmot))).toMatchObject({ refused: [/format-unknown/] })
  },
)
