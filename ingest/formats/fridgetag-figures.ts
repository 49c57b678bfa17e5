// What Fridge-tags (`Hist:`, day by day) and Q-tags (`Res:`, one transport) state about themselves,
// as figures. A figure that cannot be read is refused by its line and left out.
import type { DeviceFigures, StatedExcursion, StatedLimit, StatedPeriod } from './figures.ts'
import type { Reader } from './fridgetag.ts'
import { type Field, fieldOf, type IndentedFile, type Line, lineOf } from './indented.ts'

export function readFigures(file: IndentedFile, reader: Reader): Omit<DeviceFigures, 'rowsMarked'> {
  const conf = lineOf(file.top, 'Conf')?.children ?? []
  const hist = lineOf(file.top, 'Hist')?.children
  const res = lineOf(file.top, 'Res')?.children
  const stated = hist ?? res ?? []
  const activatedAt = moment(fieldOf(stated, 'TS Actv'), reader)
  const endedAt =
    moment(fieldOf(stated, 'TS Report Creation'), reader) ??
    moment(fieldOf(stated, 'TS Stop'), reader)
  const span = { activatedAt, endedAt }
  return {
    ...defined(span),
    limits: readLimits(conf, reader),
    periods: hist ? readDays(hist, reader, span) : res ? readTransport(res, conf, reader) : [],
  }
}

/**
 * Q-tag `Type`: 0 off, 1 single low, 2 single high, 3 cumulative low, 4 cumulative high. A
 * Fridge-tag has no type: 0 is the lower limit, 1 the upper one. 2.0 is within a lower limit of
 * 2.0.
 */
function readLimits(conf: readonly Line[], reader: Reader): StatedLimit[] {
  const limits: StatedLimit[] = []
  for (const line of lineOf(conf, 'Alarm')?.children ?? []) {
    const number = Number(line.pairs[0]!.key)
    const stated = fieldOf(line.children, 'Type')
    if (stated?.value === '0') continue
    const type = stated ? Number(stated.value) : number + 1
    const limitC = reader.celsius(fieldOf(line.children, 'T AL'))
    const allowanceMs = reader.minutes(fieldOf(line.children, 't AL'))
    const isKnown = Number.isInteger(number) && type >= 1 && type <= 4
    if (!isKnown || limitC === undefined || allowanceMs === undefined) {
      reader.reject(line.number, 'a limit needs a known type, T AL and t AL')
      continue
    }
    const side = type % 2 === 1 ? 'below' : 'above'
    const kind = type <= 2 ? 'single' : 'cumulative'
    limits.push({ number, side, kind, limitC, allowanceMs })
  }
  return limits
}

/** One block per day, newest first; turned round here. */
function readDays(
  hist: readonly Line[],
  reader: Reader,
  span: { activatedAt: number | undefined; endedAt: number | undefined },
): StatedPeriod[] {
  const days: StatedPeriod[] = []
  for (const { children, number } of hist.filter((line) => /^\d+$/.test(line.pairs[0]!.key))) {
    const date = fieldOf(children, 'Date')
    const midnight = reader.time(date?.value ?? '', '00:00')
    if (!date || Number.isNaN(midnight)) {
      reader.reject(date?.line ?? number, 'a day needs a date yyyy-MM-dd')
      continue
    }
    const clock = (key: string, lines: readonly Line[] = children) =>
      timeOfDay(fieldOf(lines, key), date.value, reader)
    const sensorLost: StatedPeriod['sensorLost'] = []
    for (const [sensor, key] of lostSensors) {
      const lost = lineOf(children, key)?.children ?? []
      const ms = reader.minutes(fieldOf(lost, 't AccST'))
      if (ms) sensorLost.push({ sensor, ms, ...defined({ raisedAt: clock('TS ST', lost) }) })
    }
    const excursions: StatedExcursion[] = []
    for (const line of lineOf(children, 'Alarm')?.children ?? []) {
      const ms = reader.minutes(fieldOf(line.children, 't Acc'))
      const raisedAt = clock('TS A', line.children)
      const limit = Number(line.pairs[0]!.key)
      if (ms !== undefined) excursions.push({ limit, ms, ...defined({ raisedAt }) })
    }
    const checked = lineOf(children, 'Checked')?.children ?? []
    const looks = checked.flatMap((line) => line.pairs).filter((field) => field.key === 'TS PM')
    days.push({
      title: date.value,
      from: Math.max(midnight, span.activatedAt ?? midnight),
      to: Math.min(midnight + dayMs, span.endedAt ?? midnight + dayMs),
      ...temperatures(children, reader),
      ...defined({ minTime: clock('TS Min T'), maxTime: clock('TS Max T') }),
      excursions,
      sensorLost,
      checkedAt: looks.flatMap((field) => timeOfDay(field, date.value, reader) ?? []),
    })
  }
  return days.toSorted((a, b) => a.from - b.from)
}

const dayMs = 86_400_000
const lostSensors = [
  ['external', 'Ext Sensor timeout'],
  ['internal', 'Int Sensor timeout'],
] as const

function readTransport(
  res: readonly Line[],
  conf: readonly Line[],
  reader: Reader,
): StatedPeriod[] {
  const at = (key: string, line = lineOf(res, key)) => moment(line && fieldOf([line], key), reader)
  const from = at('TS Start')
  const to = at('TS Stop')
  // Never started, or still running without a stop: there is no span that figures could be of.
  if (from === undefined || to === undefined) return []
  const excursions: StatedExcursion[] = []
  for (const { pairs, children } of lineOf(res, 'Alarm')?.children ?? []) {
    for (const line of children) {
      const ms = reader.minutes(fieldOf([line], 't A'))
      const times = { from: at('TS S', line), raisedAt: at('TS A', line), to: at('TS E', line) }
      const extremeC = reader.celsius(fieldOf([line], 'T M'))
      const rest = defined({ ...times, extremeC, extremeTime: at('TS M', line) })
      if (ms !== undefined) excursions.push({ limit: Number(pairs[0]!.key), ms, ...rest })
    }
  }
  const energy = fieldOf(conf, 'MKT Energy')
  const deltaHKjPerMol =
    energy && /^\d+(\.\d+)?$/.test(energy.value) ? Number(energy.value) : undefined
  return [
    {
      title: 'transport',
      from,
      to,
      ...temperatures(res, reader),
      ...defined({ minTime: at('TS Min T'), maxTime: at('TS Max T'), deltaHKjPerMol }),
      excursions,
      sensorLost: [],
      checkedAt: [],
    },
  ]
}

function temperatures(lines: readonly Line[], reader: Reader) {
  const celsius = (key: string) => reader.celsius(fieldOf(lines, key))
  return defined({
    minC: celsius('Min T'),
    maxC: celsius('Max T'),
    meanC: celsius('Avrg T'),
    mktC: celsius('MKT'),
  })
}

/** `yyyy-MM-dd hh:mm`; undefined when empty or absent. */
function moment(field: Field | undefined, reader: Reader): number | undefined {
  if (field === undefined || field.value === '') return undefined
  const [date, clock] = field.value.split(' ')
  const time = reader.time(date!, clock ?? '')
  if (!Number.isNaN(time)) return time
  reader.reject(field.line, `${field.key}: ${JSON.stringify(field.value)} is not a time`)
}

/** `hh:mm` of a day. */
function timeOfDay(field: Field | undefined, date: string, reader: Reader): number | undefined {
  if (field === undefined || field.value === '') return undefined
  return moment({ ...field, value: `${date} ${field.value}` }, reader)
}

/** Without the members that are undefined: absent is said by absence. */
function defined<T extends Record<string, number | undefined>>(
  members: T,
): { [K in keyof T]?: number } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: number }
}
