// What reports and records of a transmission are graded by: the WHO/UNICEF schema for CCE data
// transmission 0.8 (clause 3.2 of the requirements of 30 March 2025) and what the requirements ask
// beyond it. Decides nothing about readings.
import {
  numberObjects,
  plainTexts,
  recordTexts,
  reportTexts,
  requiredInRecord,
  requiredInReport,
  type TransferType,
  versionObjects,
} from './objects.ts'

/** error: the schema does not allow it. warning: the requirements do not. notice: it is said. */
export type Grade = 'error' | 'warning' | 'notice'

export const findingCodes = [
  'missing',
  'type',
  'range',
  'time',
  'version-place',
  'power-supply',
  'sensor-error',
  'device-list',
  'unknown-object',
  'doubled',
  'late-alarm',
  'relative-time',
  'clock-apart',
  'clock-interrupted',
  'alarm',
  'equipment-error',
] as const
export type FindingCode = (typeof findingCodes)[number]

export interface Finding {
  grade: Grade
  code: FindingCode
  /** Of the requirements of 30 March 2025: 3.2 is the schema. */
  clause: string
  /** JSON pointer. */
  path: string
  detail: string
}

/** All are counted; only the first are told one by one. */
export interface Findings {
  counts: Record<Grade, number>
  items: Finding[]
}

/** Who needs more than so many to mend a transmission? */
export const findingsMax = 500

export interface Place {
  type: TransferType
  path: string
  /** Epoch ms; NaN when the transmission does not say. */
  transferredAt: number
  findings: Findings
}

export const noFindings = (): Findings => ({
  counts: { error: 0, warning: 0, notice: 0 },
  items: [],
})

export function addFinding(findings: Findings, finding: Omit<Finding, 'clause'>): void {
  findings.counts[finding.grade]++
  const { grade, code, path, detail } = finding
  const clause = clauses[code] ?? (path.startsWith('/meta') ? '3.1' : '3.2')
  if (findings.items.length < findingsMax)
    findings.items.push({ grade, code, clause, path, detail })
}

type Fields = Record<string, unknown>

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Epoch ms of `YYYYMMDDThhmmssZ`, the compact form of ABST; NaN for anything else. */
export function parseAbst(value: unknown): number {
  if (typeof value !== 'string') return Number.NaN
  const found = /^(2\d{3})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d(?:\.\d+)?)Z$/.exec(value)
  if (!found) return Number.NaN
  const [, year, month, day, hour, minute, second] = found
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  // Date.parse takes 31 February for 3 March.
  const real = !Number.isNaN(time) && new Date(time).getUTCDate() === Number(day)
  return real ? time : Number.NaN
}

/** The records of a report, as far as they are objects. */
export function gradeReport(report: Fields, place: Place): Fields[] {
  const { type, path } = place
  const add = adder(place, path)
  for (const name of requiredInReport[type])
    if (!Object.hasOwn(report, name)) add('error', 'missing', name, 'is required')
  for (const [name, value] of Object.entries(report))
    if (reportTexts.has(name)) gradeText(name, value, add)
    else if (Object.hasOwn(numberObjects, name)) gradeNumber(name, value, add)
    else if (!['records', 'DLST', ...clockObjects].includes(name)) gradeUnknown(name, add)
  if (type === 'rtm' && report.DLST !== undefined) gradeDeviceList(report.DLST, add)
  const records = Array.isArray(report.records) ? report.records : []
  if (Object.hasOwn(report, 'records') && records.length === 0)
    add('error', 'type', 'records', 'want an array of at least one record')
  for (const name of versionObjects[type]) gradeVersionPlace(name, { report, records }, add)
  gradeRepeats(records, add)
  return records.filter((record, index) => {
    if (isObject(record)) return true
    add('error', 'type', `records/${index}`, 'want an object')
    return false
  })
}

export function gradeRecord(record: Fields, place: Place): void {
  const { type, path, transferredAt } = place
  const add = adder(place, path)
  for (const name of requiredInRecord[type])
    if (!Object.hasOwn(record, name)) add('error', 'missing', name, 'is required')
  if (type === 'rtm' && !['TVC', 'TFRZ', 'TAMB'].some((name) => Object.hasOwn(record, name)))
    add('error', 'missing', '', 'one of TVC, TFRZ and TAMB is required')
  const time = parseAbst(record.ABST)
  if (Object.hasOwn(record, 'ABST') && Number.isNaN(time))
    add('error', 'time', 'ABST', 'want UTC as YYYYMMDDThhmmssZ')
  for (const [name, value] of Object.entries(record))
    if (recordTexts.has(name)) gradeText(name, value, add)
    else if (Object.hasOwn(numberObjects, name)) gradeNumber(name, value, add)
    else if (name === 'MSW') gradeSwitch(value, add)
    else if (!clockObjects.includes(name)) gradeUnknown(name, add)
  if (type === 'ems') gradeSupply(record, add)
  gradeTroubles(record, { time, transferredAt }, add)
}

/** Both clocks of a logger, and for how long the absolute one stood still. */
const clockObjects: readonly string[] = ['ABST', 'RELT', 'RTCW']

type Add = (grade: Grade, code: FindingCode, name: string, detail: string) => void

const clauses: Partial<Record<FindingCode, string>> = {
  'unknown-object': '3.1',
  doubled: '1.8',
  'late-alarm': '2.3',
  alarm: '3.3',
  'equipment-error': '3.3',
}

function adder({ findings }: Place, base: string): Add {
  return (grade, code, name, detail) => {
    const path = name === '' ? base : `${base}/${name.replaceAll('~', '~0')}`
    addFinding(findings, { grade, code, path, detail })
  }
}

function gradeText(name: string, value: unknown, add: Add): void {
  if (typeof value === 'string') return
  if (value === null && !plainTexts.has(name)) return
  add('error', 'type', name, plainTexts.has(name) ? 'want text' : 'want text or null')
}

function gradeNumber(name: string, value: unknown, add: Add): void {
  const { min, max, nullable, unit } = numberObjects[name]!
  if (value === null && nullable) return
  if (typeof value !== 'number')
    add('error', 'type', name, nullable ? 'want a number or null' : 'want a number')
  else if (value < min || value > max)
    add('error', 'range', name, `${value} ${unit} is outside of ${min} to ${max}`)
}

function gradeSwitch(value: unknown, add: Add): void {
  if (typeof value !== 'boolean' && value !== null)
    add('error', 'type', 'MSW', 'want true, false or null')
}

/** Objects of a maker's own are allowed, and have to be described (DS01.3, 5.3.5). */
const gradeUnknown = (name: string, add: Add): void =>
  add('notice', 'unknown-object', name, 'is none of DS01; it is not kept')

function gradeDeviceList(list: unknown, add: Add): void {
  if (!isObject(list)) {
    add('error', 'device-list', 'DLST', 'want an object')
    return
  }
  if (!Object.hasOwn(list, 'TVC')) add('error', 'device-list', 'DLST/TVC', 'is required')
  for (const [name, sensor] of Object.entries(list)) {
    if (!['TVC', 'TFRZ', 'TAMB', 'IDRV'].includes(name))
      add('error', 'device-list', `DLST/${name}`, 'want TVC, TFRZ, TAMB or IDRV')
    for (const part of ['SID', 'SMFR', 'SMOD'])
      if (!isObject(sensor) || typeof sensor[part] !== 'string')
        add('error', 'device-list', `DLST/${name}/${part}`, 'want text')
  }
}

function gradeVersionPlace(
  name: string,
  { report, records }: { report: Fields; records: unknown[] },
  add: Add,
): void {
  const inReport = Object.hasOwn(report, name)
  const inAll = records.every((record) => isObject(record) && Object.hasOwn(record, name))
  if (inReport !== (inAll && records.length > 0)) return
  const detail = inReport ? 'stands in the report and in all records' : 'is in neither of'
  const rest = inReport ? ': want one of both' : ' the report and all records'
  add('error', 'version-place', name, detail + rest)
}

/** The same moment twice is allowed for different objects only. */
function gradeRepeats(records: readonly unknown[], add: Add): void {
  const seen = new Map<string, unknown>()
  for (const [index, record] of records.entries()) {
    if (!isObject(record)) continue
    for (const name of ['TVC', 'TFRZ', 'TAMB']) {
      if (typeof record[name] !== 'number') continue
      const key = `${name} ${String(record.ABST ?? record.RELT)}`
      if (seen.has(key)) {
        const same = seen.get(key) === record[name] ? 'the same value' : 'another value'
        add('warning', 'doubled', `records/${index}/${name}`, `${same} was told before for it`)
      } else seen.set(key, record[name])
    }
  }
}

/** Mains appliances say SVA, solar ones DCSV and DCCD; TVC may be null only with a LERR. */
function gradeSupply(record: Fields, add: Add): void {
  const mains = Object.hasOwn(record, 'SVA')
  const solar = Object.hasOwn(record, 'DCSV') && Object.hasOwn(record, 'DCCD')
  if (mains === solar)
    add('error', 'power-supply', '', 'want SVA (mains), or DCSV and DCCD (solar), not both')
  const said = typeof record.LERR === 'string' && record.LERR !== ''
  if (record.TVC === null && !said)
    add('error', 'sensor-error', 'TVC', 'is null without a LERR that says why')
}

/** Alarms have to be sent within 15 minutes (2.3); one that is sent once more is late as well. */
function gradeTroubles(
  record: Fields,
  { time, transferredAt }: { time: number; transferredAt: number },
  add: Add,
): void {
  const { ALRM, EERR, LERR } = record
  if (typeof ALRM === 'string' && ALRM.trim() !== '') {
    add('notice', 'alarm', 'ALRM', ALRM.trim().slice(0, 100))
    const minutes = Math.round((transferredAt - time) / 60_000)
    if (minutes > 15) add('warning', 'late-alarm', 'ALRM', `was sent ${minutes} minutes after it`)
  }
  for (const [name, value] of Object.entries({ EERR, LERR }))
    if (typeof value === 'string' && value.trim() !== '')
      add('notice', 'equipment-error', name, value.trim().slice(0, 100))
}
