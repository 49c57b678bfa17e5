// Loads what the chart draws: readings of the target in its window, the limits of its products. The
// last answer stays until the next one is there, so that nothing jumps; a late answer to an old
// question is dropped.
import { signal } from '@preact/signals'
import { addRows, bucketMsFor, type Curve, gapMsOf, type Limits, limitsOf } from './chart-data.ts'
import { askJson, type Problem, toProblem } from './client.ts'
import { token } from './session.ts'
import { numberOf, objectOf, type Product, parsePage, parseProduct, parseRow } from './shapes.ts'
import { type Target, target, targetKey, type Window, windowOf } from './target.ts'

export interface Drawing {
  /** targetKey of what is drawn. */
  key: string
  window: Window
  curve: Curve
  limits: Limits | null
  productNames: string[]
}

export const drawing = signal<Drawing | null>(null)
export const drawingProblem = signal<Problem | null>(null)
export const drawingBusy = signal(false)

/** Single readings up to so many; more become buckets, whose extremes stay visible. */
const readingsMax = 3000
const bucketsMax = 600
/** Products of one container whose limits are looked up. */
const productsMax = 10

const products = new Map<string, Product>()
let asked: AbortController | undefined

export async function loadDrawing(): Promise<void> {
  const { value: current } = target
  const window = windowOf()
  asked?.abort()
  if (!current || !window || token.value === null) {
    drawing.value = null
    return
  }
  const controller = new AbortController()
  asked = controller
  const key = targetKey.value
  drawingBusy.value = true
  try {
    const read: Read = { token: token.value, signal: controller.signal }
    const known = await productsOf(current.gtins, read)
    const gapMs = gapMsOf(known[0], await intervalOf(current.device, read))
    const curve = await curveOf(current, window, { read, gapMs })
    if (controller.signal.aborted) return
    drawing.value = {
      key,
      window,
      curve,
      limits: limitsOf(known),
      productNames: known.map(({ gtin, name }) => name || gtin),
    }
    drawingProblem.value = null
  } catch (error) {
    if (!controller.signal.aborted) drawingProblem.value = toProblem(error)
  } finally {
    if (asked === controller) drawingBusy.value = false
  }
}

/** Adds a reading that the stream told of; true when it belongs to what is drawn. */
export function addReading(
  device: string,
  reading: { channel: string; time: number; value: number },
) {
  const { value: drawn } = drawing
  const { value: current } = target
  const mine = current?.device === device && current.channel === reading.channel
  if (!mine || !drawn || drawn.key !== targetKey.value) return false
  if (drawn.curve.everyMs !== null || reading.time < drawn.window.from) return true
  const { time, value } = reading
  const to = Math.max(drawn.window.to, time)
  const rows = addRows(drawn.curve.rows, [{ time, value }])
  drawing.value = {
    ...drawn,
    window: { ...drawn.window, to },
    curve: { ...drawn.curve, rows },
  }
  return true
}

export function clearDrawing(): void {
  asked?.abort()
  drawing.value = null
  drawingProblem.value = null
  products.clear()
}

interface Read {
  token: string
  signal: AbortSignal
}

/** Single readings where they fit, buckets where not; only the server knows how many there are. */
async function curveOf(
  { device, channel }: Target,
  window: Window,
  { read, gapMs }: { read: Read; gapMs: number },
): Promise<Curve> {
  // Readings stand into the window and out of it: take one standing time more at both ends.
  const from = new Date(window.from - gapMs).toISOString()
  const to = new Date(window.to + gapMs).toISOString()
  const ask = async (extra: Record<string, string | number>) => {
    const query = { device, channel, from, to, ...extra }
    const page = parsePage(await askJson('/api/v1/readings', { ...read, query }), parseRow)
    const rows = page.items.filter((row) => row !== undefined).sort((a, b) => a.time - b.time)
    return { rows, complete: page.next === null }
  }
  const single = await ask({ limit: readingsMax })
  if (single.complete) return { rows: single.rows, gapMs, everyMs: null }
  const everyMs = bucketMsFor(window.to - window.from, bucketsMax)
  const buckets = await ask({ limit: readingsMax, every: `${everyMs / 60_000}m` })
  return { rows: buckets.rows, gapMs, everyMs }
}

async function productsOf(gtins: readonly string[], read: Read): Promise<Product[]> {
  const found = await Promise.all(
    gtins.slice(0, productsMax).map(async (gtin) => {
      const kept = products.get(gtin)
      if (kept) return kept
      const json = await orNull(askJson(`/api/v1/products/${encodeURIComponent(gtin)}`, read), read)
      if (json === null) return null
      const product = parseProduct(json)
      products.set(gtin, product)
      return product
    }),
  )
  return found.filter((product) => product !== null)
}

async function intervalOf(device: string, read: Read): Promise<number | null> {
  const json = await orNull(askJson(`/api/v1/devices/${encodeURIComponent(device)}`, read), read)
  const seconds = numberOf(objectOf(json).loggingIntervalSeconds)
  return seconds === null ? null : seconds * 1000
}

/** Limits and intervals improve the picture; without them the readings are still worth showing. */
async function orNull(asking: Promise<unknown>, { signal }: Read): Promise<unknown> {
  try {
    return await asking
  } catch (error) {
    if (signal.aborted) throw error
    return null
  }
}
