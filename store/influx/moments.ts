// Readings that are not newer than all of their series: what stands for their moment in InfluxDB,
// and what must be written so that the greater value stands and every value that once stood can be
// told. InfluxDB keeps the last of two values, so it is asked before it is written to.
import { bounds } from '../../config.ts'
import type { RejectedRow, SeriesRow } from '../series.ts'
import type { InfluxHttp, InfluxTable } from './http.ts'
import type { KnownSeries } from './known.ts'
import { nameOfTag, readingLine, rivalLine, rivalSlots, whereSeries } from './lines.ts'
import { Lines } from './lots.ts'

export interface LateRow {
  row: SeriesRow
  known: KnownSeries
}

export interface Settled {
  /** µs: values that lost or that beat another, written before the readings. */
  rivals: Lines
  /** ms: the values that stand. */
  readings: Lines
  rejected: RejectedRow[]
}

/** Of one series and one ms. */
interface Moment {
  known: KnownSeries
  time: number
  /** Unlike that of any other device of any tenant. */
  device: string
  rows: SeriesRow[]
  stands: Candidate | undefined
  /** By place; looked up only where values compete. */
  rivals: Map<number, Candidate>
}

interface Candidate {
  value: number
  offset: number
}

/** Throws Unavailable. Writes nothing. */
export async function settleLate(http: InfluxHttp, late: readonly LateRow[]): Promise<Settled> {
  const moments = momentsOf(late)
  await lookUp(http, moments)
  const contested = moments.filter((moment) => frontOf(moment).length > 1)
  await lookUpRivals(http, contested)
  const settled: Settled = { rivals: new Lines(), readings: new Lines(), rejected: [] }
  for (const moment of moments) settle(moment, settled)
  return settled
}

/** In the order of device and time, for the channels of a device are looked up together. */
function momentsOf(late: readonly LateRow[]): Moment[] {
  const devices = new Map<string, Map<string, Moment>>()
  for (const { row, known } of late) {
    const { tenant, device, channel, time } = row
    const name = JSON.stringify([tenant, device])
    const moments = devices.get(name) ?? new Map<string, Moment>()
    devices.set(name, moments)
    const moment = moments.get(`${time} ${channel}`)
    if (moment) moment.rows.push(row)
    else {
      const empty = { stands: undefined, rivals: new Map() }
      moments.set(`${time} ${channel}`, { known, time, device: name, rows: [row], ...empty })
    }
  }
  return [...devices.values()].flatMap((moments) =>
    [...moments.values()].sort((one, other) => one.time - other.time),
  )
}

/**
 * The candidates that no other one beats at every offset, the greatest value first: of the others
 * no question can ever tell (`beforeOffset` asks for the greatest below an offset).
 */
function frontOf({ rows, stands }: Moment): Candidate[] {
  const all: Candidate[] = stands ? [stands, ...rows] : [...rows]
  all.sort((one, other) => other.value - one.value || one.offset - other.offset)
  const front: Candidate[] = []
  for (const { value, offset } of all)
    if (front.length === 0 || offset < front.at(-1)!.offset)
      front.push({ value: value + 0, offset })
  return front
}

function settle(moment: Moment, settled: Settled): void {
  const { known, time, stands, rows } = moment
  const front = frontOf(moment)
  const winner = front[0]!
  if (front.length > 1)
    for (const candidate of front) {
      const slot = placeOf(candidate, moment.rivals)
      if (slot === undefined) continue
      if (moment.rivals.size >= bounds.influxRivalsMax && !moment.rivals.has(slot)) {
        const reason = `more than ${bounds.influxRivalsMax} values for one moment of one channel`
        settled.rejected.push(...rows.map((row) => ({ row, reason })))
        return
      }
      moment.rivals.set(slot, candidate)
      settled.rivals.add(rivalLine(known.prefix, time * rivalSlots + slot, candidate), rows)
    }
  if (stands && stands.value === winner.value && stands.offset === winner.offset) return
  settled.readings.add(readingLine(known.prefix, time, winner), rows)
}

/**
 * Where a rival is written; undefined when it is there. It follows from the value, so that what is
 * written twice, or arrives late, meets itself.
 */
function placeOf({ value, offset }: Candidate, taken: ReadonlyMap<number, Candidate>) {
  for (const [slot, rival] of taken)
    if (rival.value === value) return rival.offset <= offset ? undefined : slot
  scratch.setFloat64(0, value)
  let slot = ((scratch.getUint32(0) * 31) ^ scratch.getUint32(4)) >>> 0
  slot %= rivalSlots
  while (taken.has(slot)) slot = (slot + 1) % rivalSlots
  return slot
}

const scratch = new DataView(new ArrayBuffer(8))

/** Fills in what stands. Neighbours of one device share a statement. */
async function lookUp(http: InfluxHttp, moments: readonly Moment[]): Promise<void> {
  let open = clustersOf(moments)
  while (open.length > 0) {
    const statements = open.map((cluster) => {
      const { tenant, device } = cluster[0]!.rows[0]!
      const span = `time >= ${cluster[0]!.time}ms AND time <= ${cluster.at(-1)!.time}ms`
      return `${select('readings', { tenant, device }, span)} GROUP BY "channel" ${limit}`
    })
    const answers = await inRequests(statements, (some) => http.query(some))
    open = clustersOf(open.flatMap((cluster, i) => fillIn(cluster, answers[i] ?? [])))
  }
}

/** The moments that the answer did not reach. */
function fillIn(cluster: readonly Moment[], tables: readonly InfluxTable[]): Moment[] {
  const rest: Moment[] = []
  const channels = Map.groupBy(cluster, ({ rows }) => rows[0]!.channel)
  for (const { tags, values, partial } of tables) {
    const moments = channels.get(nameOfTag(tags?.channel ?? '')) ?? []
    const times = new Map(moments.map((moment) => [moment.time, moment]))
    for (const [time, value, offset] of values) {
      const moment = times.get(Number(time))
      if (moment) moment.stands = { value: Number(value), offset: Number(offset) }
    }
    const seen = Number(values.at(-1)?.[0])
    if (partial || values.length >= bounds.influxLookupMax)
      rest.push(...moments.filter(({ time }) => time > seen))
  }
  return rest.sort((one, other) => one.time - other.time)
}

function clustersOf(moments: readonly Moment[]): Moment[][] {
  const clusters: Moment[][] = []
  for (const moment of moments) {
    const before = clusters.at(-1)?.at(-1)
    const near = before && moment.time - before.time <= bounds.influxLookupGapMs
    if (near && before.device === moment.device) clusters.at(-1)!.push(moment)
    else clusters.push([moment])
  }
  return clusters
}

async function lookUpRivals(http: InfluxHttp, moments: readonly Moment[]): Promise<void> {
  const statements = moments.map(({ rows, time }) => {
    const span = `time >= ${time}ms AND time < ${time + 1}ms`
    return `${select('rivals', rows[0]!, span)} ${limit}`
  })
  const answers = await inRequests(statements, (some) => http.query(some, 'u'))
  for (const [i, { time, rivals }] of moments.entries())
    for (const [us, value, offset] of answers[i]?.[0]?.values ?? [])
      rivals.set(Number(us) - time * rivalSlots, { value: Number(value), offset: Number(offset) })
}

const select = (
  from: 'readings' | 'rivals',
  of: Parameters<typeof whereSeries>[0],
  span: string,
): string => `SELECT "value", "offset" FROM "${from}" WHERE ${whereSeries(of)} AND ${span}`

/** Of each series of an answer. */
const limit = `LIMIT ${bounds.influxLookupMax}`

/** The answers in the order of the statements, asked in requests of bounded length. */
export async function inRequests(
  statements: readonly string[],
  ask: (some: string[]) => Promise<InfluxTable[][]>,
): Promise<InfluxTable[][]> {
  const requests: Promise<InfluxTable[][]>[] = []
  for (let first = 0; first < statements.length; first += bounds.influxStatementsMax)
    requests.push(ask(statements.slice(first, first + bounds.influxStatementsMax)))
  return (await Promise.all(requests)).flat()
}
