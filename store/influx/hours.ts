// Hours in InfluxDB: measurement `readings_hours`, in a place of its own that drops nothing. In 1.x
// that is the retention policy `isotherm_hours` of the same database, in 2.x and 3.x the bucket
// with `_hours` behind its name. Tags are tenant, device and channel; never a serial number.
import { bounds } from '../../config.ts'
import { Unavailable } from '../../domain/refusal.ts'
import { binsText, hourColumns, hourOf, numbersOf } from '../hour-columns.ts'
import type { HourRow, Series, SeriesExtent } from '../series.ts'
import { type Contact, makeHoursPlace } from './contact.ts'
import { type InfluxTable, Missing } from './http.ts'
import type { InfluxLine } from './line.ts'
import { linePrefix, nameOfTag, whereSeries } from './lines.ts'
import { clamp } from './queries.ts'

type InfluxHours = Pick<Series, 'writeHours' | 'hours' | 'hourChannels'>

/** The place is made when it is first written to. */
export function openInfluxHours(line: InfluxLine): InfluxHours {
  const { http } = line
  let made = false
  const ask = async (contact: Contact, statements: (from: string) => string[]) => {
    const { from, db } = contact.hours
    try {
      // One at a time: of several, 1.x tells only that they were not executed, not that there is no
      // place.
      const asked = statements(from).map((statement) => http.query([statement], 'ms', db))
      return (await Promise.all(asked)).flat()
    } catch (error) {
      // Nothing was ever written there.
      if (error instanceof Missing) return []
      throw error
    }
  }
  return {
    writeHours: (rows) =>
      line.change(async (contact) => {
        if (!made) await makeHoursPlace(http, contact)
        made = true
        for (let first = 0; first < rows.length; first += bounds.influxLinesMax) {
          const lines = rows.slice(first, first + bounds.influxLinesMax).map(hourLine)
          const refused = await http
            .write(contact.hours.writePath, lines.join('\n'))
            .catch((error) => {
              if (error instanceof Missing) made = false
              throw error
            })
          // Readings wait for their hours: what is refused here must not be passed over.
          if (refused) throw new Unavailable(`InfluxDB refuses hours: ${refused.reason}`)
        }
      }),
    hours: (span) =>
      line.read(async (contact) => {
        const { limit = Number.POSITIVE_INFINITY } = span
        const found: Awaited<ReturnType<Series['hours']>> = []
        let { from, to } = clamp(span)
        while (from < to && found.length < limit) {
          const most = Math.min(limit - found.length, bounds.influxPageMax)
          const within = `${whereSeries(span)} AND time >= ${from}ms AND time < ${to}ms`
          const [tables] = await ask(contact, (of) => [
            `SELECT ${fields} FROM ${of} WHERE ${within} LIMIT ${most}`,
          ])
          const page = tables?.[0]
          if (!page) break
          found.push(...page.values.map(hourOfValues))
          if (page.values.length < most && !page.partial) break
          from = found.at(-1)!.time + 1
        }
        return found
      }),
    hourChannels: (tenant, device) =>
      line.read(async (contact) => {
        const where = `WHERE ${whereSeries({ tenant, device })} GROUP BY "channel"`
        const answers = await ask(contact, (of) =>
          ['first', 'last', 'count'].map((name) => `SELECT ${name}("count") FROM ${of} ${where}`),
        )
        return extentsOf(answers)
      }),
  }
}

const fields = [...hourColumns, 'bins'].map((name) => `"${name}"`).join(', ')

/** What an hour has not is left out: the same hour made again has the same. */
function hourLine(row: HourRow): string {
  const numbers = numbersOf(row)
  const told = hourColumns.flatMap((name, i) =>
    numbers[i] === null ? [] : `${name}=${numbers[i]}`,
  )
  const bins = binsText(row)
  if (bins !== undefined) told.push(`bins="${bins}"`)
  return `readings_hours${linePrefix(row).slice('readings'.length)}${told.join()} ${row.time}`
}

function hourOfValues([time, ...values]: InfluxTable['values'][number]) {
  const bins = values.pop()
  return hourOf(Number(time), values as (number | null)[], typeof bins === 'string' ? bins : null)
}

function extentsOf(answers: readonly InfluxTable[][]): SeriesExtent[] {
  const [first, last, count] = answers.map(
    (tables) =>
      new Map(tables.map(({ tags, values }) => [nameOfTag(tags?.channel ?? ''), values[0] ?? []])),
  )
  return [...(count ?? [])].map(([channel, [, counted]]) => ({
    channel,
    from: Number(first!.get(channel)?.[0]),
    to: Number(last!.get(channel)?.[0]),
    count: Number(counted),
  }))
}
