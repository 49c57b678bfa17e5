// Loads what a chart draws: readings of a channel in a window, the limits of the products that were
// there. Keeps nothing but product names and limits; draws nothing.

import type { Span } from './chart-data.ts'
import { addRows, bucketMsFor, type Curve, gapMsOf, type Limits, limitsOf } from './chart-data.ts'
import { apiPath, read } from './server.ts'
import { numberOf, objectOf, type Product, parsePage, parseProduct, parseRow } from './shapes.ts'

export interface Asked {
  device: string
  channel: string
  window: Span
  /** Products whose limits are drawn. */
  gtins: readonly string[]
}

export interface Drawing extends Asked {
  curve: Curve
  limits: Limits | null
}

/** Single readings up to so many; more become buckets, whose extremes stay visible. */
const readingsMax = 3000
const bucketsMax = 600
/** Products of one container whose limits are looked up. */
const productsMax = 10

const products = new Map<string, Product>()

/** Throws a Problem; what is not readings (limits, intervals) may be missing. */
export async function loadDrawing(asked: Asked, signal: AbortSignal): Promise<Drawing> {
  const known = await productsOf(asked.gtins, signal)
  const gapMs = gapMsOf(known[0], await intervalOf(asked.device, signal))
  const curve = await curveOf(asked, gapMs, signal)
  return { ...asked, curve, limits: limitsOf(known) }
}

/** A window that follows the newest reading ends so near to it; others are of the past. */
const followedShare = 0.1

/**
 * With a reading that the stream told of; null when it must be asked for: it belongs to a bucket,
 * or to a time that is not drawn.
 */
export function withReading(
  drawn: Drawing,
  { time, value }: { time: number; value: number },
): Drawing | null {
  const { from, to: end } = drawn.window
  const last = end + followedShare * (end - from)
  if (drawn.curve.everyMs !== null || time < from || time > last) return null
  const to = Math.max(end, time)
  const rows = addRows(drawn.curve.rows, [{ time, value }])
  return { ...drawn, window: { ...drawn.window, to }, curve: { ...drawn.curve, rows } }
}

/** Names and limits of products, each asked for once; those that are not known are left out. */
export async function productsOf(
  gtins: readonly string[],
  signal: AbortSignal,
): Promise<Product[]> {
  const found = await Promise.all(
    gtins.slice(0, productsMax).map(async (gtin) => {
      const kept = products.get(gtin)
      if (kept) return kept
      const json = await orNull(read(apiPath('products', gtin), {}, signal), signal)
      if (json === null) return null
      const product = parseProduct(json)
      products.set(gtin, product)
      return product
    }),
  )
  return found.filter((product) => product !== null)
}

/** Single readings where they fit, buckets where not; only the server knows how many there are. */
async function curveOf(
  { device, channel, window }: Asked,
  gapMs: number,
  signal: AbortSignal,
): Promise<Curve> {
  // Readings stand into the window and out of it: take one standing time more at both ends.
  const from = new Date(window.from - gapMs).toISOString()
  const to = new Date(window.to + gapMs).toISOString()
  const ask = async (extra: Record<string, string | number>) => {
    const query = { device, channel, from, to, ...extra }
    const page = parsePage(await read(apiPath('readings'), query, signal), parseRow)
    const rows = page.items.filter((row) => row !== undefined).sort((a, b) => a.time - b.time)
    return { rows, complete: page.next === null }
  }
  const single = await ask({ limit: readingsMax })
  if (single.complete) return { rows: single.rows, gapMs, everyMs: null }
  const everyMs = bucketMsFor(window.to - window.from, bucketsMax)
  const buckets = await ask({ limit: readingsMax, every: `${everyMs / 60_000}m` })
  return { rows: buckets.rows, gapMs, everyMs }
}

async function intervalOf(device: string, signal: AbortSignal): Promise<number | null> {
  const json = await orNull(read(apiPath('devices', device), {}, signal), signal)
  const seconds = numberOf(objectOf(json).loggingIntervalSeconds)
  return seconds === null ? null : seconds * 1000
}

/** Limits and intervals improve the picture; without them the readings are still worth showing. */
async function orNull(asking: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  try {
    return await asking
  } catch (error) {
    if (signal.aborted) throw error
    return null
  }
}
