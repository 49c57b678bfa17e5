// How readings are written for InfluxDB: names of series as tags, points as line protocol, and the
// same names as InfluxQL text. Sends nothing.
import type { SeriesKey } from '../../domain/reading.ts'

/**
 * Event times that InfluxDB can hold, ±so many ms: it counts ns in 64 bits (1677 to 2262), and
 * rivals count µs in the 53 bits of a number (1684 to 2255).
 */
export const influxTimeMax = Math.floor(Number.MAX_SAFE_INTEGER / 1000)

/** Places for rivals within one ms, in µs. */
export const rivalSlots = 1000

/** `readings,channel=…,device=…,tenant=… `: all of a line up to its fields, tags in order. */
export function linePrefix({ tenant, device, channel }: SeriesKey): string {
  const tags = [`channel=${tagText(channel)}`, `device=${tagText(device)}`]
  return `readings,${tags.join()},tenant=${tagText(tenant)} `
}

/** `prefix` as linePrefix gives it; `time` in ms. */
export const readingLine = (
  prefix: string,
  time: number,
  { value, offset }: { value: number; offset: number },
): string => lineHead(prefix) + valueText(value) + lineTail(offset, time)

/** All of a line up to its value. */
export const lineHead = (prefix: string): string => `${prefix}value=`

/** -0 becomes 0: there is one zero. */
export const valueText = (value: number): string => String(value + 0)

/** What follows the value: the same for all readings of one envelope and time. */
export const lineTail = (offset: number, time: number): string => `,offset=${offset}i ${time}`

/** A value that another one beat or may yet: `us` is its place within its ms. */
export const rivalLine = (
  prefix: string,
  us: number,
  { value, offset }: { value: number; offset: number },
): string => readingLine(`rivals${prefix.slice('readings'.length)}`, us, { value, offset })

/** InfluxQL condition for a series, or for all channels of a device. */
export function whereSeries(of: { tenant: string; device: string; channel?: string }): string {
  const named = [`"tenant" = ${quote(of.tenant)}`, `"device" = ${quote(of.device)}`]
  if (of.channel !== undefined) named.push(`"channel" = ${quote(of.channel)}`)
  return named.join(' AND ')
}

/** The name as it was before it became a tag. */
export function nameOfTag(tag: string): string {
  if (tag === '%') return ''
  return tag.replace(/%(?:u([0-9A-F]{4})|([0-9A-F]{2}))/g, (_, unit: string, byte: string) =>
    String.fromCharCode(Number.parseInt(unit ?? byte, 16)),
  )
}

/** Stored name: the line protocol's own escapes are gone once it was read. */
function tagName(name: string): string {
  if (plainName.test(name)) return name
  // InfluxDB has no empty tags; a lone % is no escape of ours.
  if (name === '') return '%'
  return name.replace(unsafe, (unit) => {
    const code = unit.charCodeAt(0)
    const hex = code.toString(16).toUpperCase()
    return code < 0x100 ? `%${hex.padStart(2, '0')}` : `%u${hex}`
  })
}

const plainName = /^[\w.:/@-]+$/

/**
 * Line protocol has no escape for control characters, and a backslash before a comma or at the end
 * means something else than itself. Half a surrogate pair is no UTF-8.
 */
const unsafe = /[%\\\p{Cc}\p{Cs}\u2028\u2029]/gu

const tagText = (name: string): string => tagName(name).replace(/[, =]/g, '\\$&')

/** A name holds no backslash and no control character once it is a tag. */
const quote = (name: string): string => `'${tagName(name).replaceAll("'", "\\'")}'`
