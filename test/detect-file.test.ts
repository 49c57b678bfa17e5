import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { detectFile } from '../cli/detect.ts'
import { delimiterOf, isEarlier, readTimedValues } from '../ingest/files/timed-values.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-detect-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const isotherm = (...args: string[]) =>
  spawnSync(process.execPath, ['isotherm.js', ...args], { encoding: 'utf8' })
const rowsOf = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
const minutes = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => new Date(1.7e12 + i * 300_000).toISOString())
const usual = (i: number): number => 5 + Math.sin(i / 4) + 0.2 * Math.sin(i * 7.3)

describe('isotherm detect', () => {
  it('writes a score for every row, and the reason beside those that are unusual', () => {
    const file = join(folder, 'warm.csv')
    const out = join(folder, 'scores.csv')
    const times = minutes(2000)
    const value = (i: number): number => usual(i) + (i >= 1800 && i < 1850 ? 12 : 0)
    writeFileSync(
      file,
      `timestamp,value\n${times.map((time, i) => `${time},${value(i)}\n`).join('')}`,
    )
    const run = isotherm('detect', file, '--out', out)
    expect(run.stderr).toContain('2000 of 2000 rows scored')
    expect(run.status).toBe(0)
    const [header, ...rows] = rowsOf(readFileSync(out, 'utf8'))
    expect(header!.slice(0, 3)).toEqual(['timestamp', 'value', 'score'])
    expect(rows.map(([time]) => time)).toEqual(times)
    const scores = rows.map(([, , score]) => Number(score))
    const most = scores.indexOf(Math.max(...scores))
    expect(most).toBeGreaterThanOrEqual(1800)
    expect(most).toBeLessThan(1860)
    const [, , , low, high, mean, from, to] = rows[most]!
    expect(Number(low)).toBeLessThan(Number(high))
    expect(Number(mean) < Number(low) || Number(mean) > Number(high)).toBe(true)
    expect(times.indexOf(from!)).toBeLessThanOrEqual(times.indexOf(to!))
    expect(times.indexOf(to!)).toBeLessThanOrEqual(most)
  })

  it('gives refused rows no score, names their lines, and says so with its exit code', () => {
    const file = join(folder, 'bad.csv')
    writeFileSync(
      file,
      'Date;Value\n2020-01-01 00:00;1,5\nnever;2\n2020-01-01 00:10;warm\n\n1577836800;3',
    )
    const text = isotherm('detect', file)
    expect(text.status).toBe(1)
    expect(rowsOf(text.stdout).map(([time]) => time)).toEqual([
      'timestamp',
      '2020-01-01 00:00',
      'never',
      '2020-01-01 00:10',
      '1577836800',
    ])
    expect(text.stdout).toContain('never,2,,')
    expect(text.stderr).toContain('line 3: "never" is no time')
    expect(text.stderr).toContain('line 4: "warm" is no finite number')
    expect(text.stderr).toContain('2 of 4 rows scored, 2 refused')
    const json = isotherm('detect', file, '--json')
    const objects = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(objects[0]).toEqual({ line: 2, timestamp: '2020-01-01 00:00', value: 1.5, score: 0 })
    expect(objects[1]).toMatchObject({ line: 3, refused: '"never" is no time' })
    expect(JSON.parse(json.stderr)).toMatchObject({ rows: 4, scored: 2, refused: 2 })
  })

  it('says what is wrong with a file it cannot read, and does not write over what it reads', () => {
    const missing = isotherm('detect', join(folder, 'none.csv'))
    expect(missing.status).toBe(1)
    expect(missing.stderr).toContain('cannot read')
    const file = join(folder, 'same.csv')
    writeFileSync(file, 'timestamp,value\n')
    expect(isotherm('detect', file, '--out', file).stderr).toContain('would be overwritten')
    expect(isotherm('detect').status).toBe(2)
  })
})

describe('files as other programs write them', () => {
  const rows = minutes(40).map((time, i) => [time, usual(i).toFixed(2)] as const)
  const points = `timestamp,value\n${rows.map((row) => `${row}\n`).join('')}`
  const detect = async (bytes: string | Uint8Array): Promise<string[][]> => {
    const [file, out] = [join(folder, 'odd.csv'), join(folder, 'odd-scores.csv')]
    writeFileSync(file, bytes)
    expect(await detectFile(file, { out, json: false })).toBe(true)
    const [, ...scored] = rowsOf(readFileSync(out, 'utf8'))
    return scored.map(([time = '', value = '', score]) => {
      expect(Number(score)).toBeGreaterThanOrEqual(0)
      return [time, value]
    })
  }

  it.each([
    ['packed by gzip', gzipSync(points)],
    ['with the line ends of old Macs', points.replaceAll('\n', '\r')],
    ['with the line ends of Windows', points.replaceAll('\n', '\r\n')],
    ['in UTF-16', Buffer.from(`\ufeff${points}`, 'utf16le')],
    ['with lines before its header', `# Logger 7\n# limit,8\n\n${points}`],
    ['with an index', points.replaceAll(/^(?=.)/gm, '7,').replace('7,', ',')],
    ['cut by bars', points.replaceAll(',', '|')],
  ])('have a score for each row, in their order: %s', async (_, bytes) => {
    expect(await detect(bytes)).toEqual(rows.map((row) => [...row]))
  })

  it('cut by semicolons may write their numbers with commas, without a header too', async () => {
    const text = rows.map(([time, value]) => `${time};${value.replace('.', ',')}\n`).join('')
    const read = readTimedValues(delimiterOf(text))
    const [first] = text.trim().split('\n')
    expect(read.take({ line: 1, cells: first!.split(';'), raw: '' })?.value).toBe(
      Number(rows[0]![1]),
    )
  })

  it.each([
    ['', 'is empty'],
    ['\ufeff\n', 'is empty'],
    ['value\n4.5\n4.6\n', 'none of the first 3 lines has a time and a number'],
    ['some words\nand more\n'.repeat(200), 'none of the first'],
    [Buffer.from([0x1f, 0x8b, 8, 0, 1]), 'cannot read'],
    [Buffer.from([7, 0, 1, 10, 200, 0]), 'this is no text'],
  ])('are refused with the reason when nothing in them can be scored: %j', async (bytes, why) => {
    await expect(detect(bytes)).rejects.toThrow(why)
  })
})

describe('rows of time and value', () => {
  const read = (header: string[] | undefined, ...cells: string[]) => {
    const reader = readTimedValues(',')
    if (header) reader.take({ line: 1, cells: header, raw: '' })
    return reader.take({ line: 2, cells, raw: '' })
  }

  it('are found by the names of their columns, else by their place', () => {
    expect(read(['value', 'sensor', 'Time'], '4.5', 'a', '2020-01-01')?.value).toBe(4.5)
    expect(read(['when', 'value'], '2020-01-01', '4.5')?.timestamp).toBe('2020-01-01')
    expect(read(undefined, '2020-01-01T00:00:00Z', '4.5')?.value).toBe(4.5)
    expect(delimiterOf('a\tb\n1,5\t2,6\n')).toBe('\t')
    expect(delimiterOf('2020-01-01 00:00;1,5\n2020-01-01 00:05;1,6\n')).toBe(';')
    expect(delimiterOf('# of a; b and c\nt,v\n1,2\n2,3\n')).toBe(',')
  })

  it('are found by longer names with units, by names of other languages and by what they hold', () => {
    const time = '2020-01-01 08:00'
    expect(read(['value', 'unit', 'Time (UTC)'], '4.5', 'C', time)).toMatchObject({
      ...{ timestamp: time, value: 4.5 },
    })
    expect(read(['sensor', 'recorded_at', 'temperature_c'], '9', time, '4.5')?.value).toBe(4.5)
    expect(read(['Zeitpunkt', 'Temperatur °C'], time, '4.5')?.value).toBe(4.5)
    expect(read(undefined, '17', time, '4.5')?.value).toBe(4.5)
    expect(read(['id', 'gemessen', 'grad'], '12345678', time, '4.5')?.value).toBe(4.5)
    expect(read(['date', 'time', 'value'], '2020-01-01', '08:00', '4.5')?.timestamp).toBe(time)
    expect(read(['t', 'x'], '300', '4.5')?.value).toBe(4.5)
  })

  it('are none in lines before the header, and no row after it is left out', () => {
    const reader = readTimedValues(',')
    const take = (...cells: string[]) => reader.take({ line: 1, cells, raw: '' })
    expect(take('Logger 7')).toBeUndefined()
    expect(take('Start time', '2020-01-01 08:00')).toBeUndefined()
    expect(take('Temperature limit', '8')).toBeUndefined()
    expect(reader.isKnown()).toBe(false)
    expect(take('moment', 'value')).toBeUndefined()
    expect(take('never', '2')?.fault).toBe('"never" is no time')
    expect(reader.isKnown()).toBe(true)
    expect(take('2020-01-01 08:00', '2')?.value).toBe(2)
  })

  it('may have a unit behind the number, and not two signs within it', () => {
    const value = (text: string) => read(['time', 'value'], '2020-01-01', text)
    expect(value('4.5 °C')?.value).toBe(4.5)
    expect(value('\u22124.5C')?.value).toBe(-4.5)
    expect(value('45 %')?.value).toBe(45)
    for (const text of ['4,5', '1.234,5', '1,234.5'])
      expect(value(text)?.fault).toContain('write it with a point and without separators')
  })

  it('are known to run backwards when their times are written with the year first', () => {
    expect(isEarlier('2020-01-01 08:00', '2020-01-01 08:05')).toBe(true)
    expect(isEarlier('2020-01-01 08:05', '2020-01-01 08:05')).toBe(false)
    expect(isEarlier('1577836800', '1577837100')).toBe(true)
    expect(isEarlier('01.02.2020', '31.01.2020')).toBe(false)
  })

  it.each(['sensor 12', 'SN-123', 'a1', ''])('have no time such as "%s"', (time) => {
    expect(read(undefined, time, '1')).toBeUndefined()
    expect(read(['timestamp', 'value'], time, '1')?.fault).toContain('is no time')
  })

  it.each([
    '2014-04-01 00:00:00',
    '2014-04-01T00:00:00.000000',
    '2014-04-01T00:00:00+02:00',
    '01.04.2014 00:00',
    '4/1/2014 12:00:00 AM',
    '1396310400',
    '1396310400000',
    '1 Apr 2014 00:00:00',
  ])('have times such as %s', (time) => {
    expect(read(undefined, time, '1')?.fault).toBeUndefined()
  })

  it.each(['NaN', 'Infinity', '', '1e999', '0x10', '--'])('have no value such as %s', (text) => {
    expect(read(['timestamp', 'value'], '2014-04-01', text)?.fault).toContain('no finite number')
  })
})
