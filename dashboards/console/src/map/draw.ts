// Draws a map on a canvas: the atlas, fences, corridors, tracks. Markers are elements above it, so
// that they can have the focus. Knows pixels and colours, no shipment.
import { type Atlas, unit } from './atlas.ts'
import { type Named, placeLabels } from './labels.ts'
import { type Point, project, type Size, type Spot, toPixels, type View } from './view.ts'

export interface Track {
  spots: readonly Spot[]
  kind: 'travelled' | 'planned'
}

export interface Fence {
  ring: readonly Spot[]
  chosen?: boolean
  /** Written beside it where there is room. */
  name?: string
}

export interface Scene {
  tracks: readonly Track[]
  fences: readonly Fence[]
}

const colourNames = [
  'sea',
  'land',
  'border',
  'grid',
  'track',
  'plan',
  'fence',
  'chosen',
  'name',
  'halo',
] as const
export type Colours = Record<(typeof colourNames)[number], string>

export interface Sheet extends Size {
  context: CanvasRenderingContext2D
  /** Pixels of the device per pixel of the page. */
  ratio: number
  colours: Colours
  /** Size of names, pixels of the page. */
  emPx: number
}

/** What stands above the canvas: nothing is written below it. */
export interface Above extends Point {
  /** Absent: it has none, or stands for several. */
  name?: string
}

interface Drawn {
  atlas: Atlas | null
  scene: Scene
  marks: readonly Above[]
  /** Of a country (ISO 3166-1, two letters), as the reader calls it. */
  nameOf(region: string): string
}

/** From so near on names help; farther off they would be a thicket. */
const namesFromPx = 1400
/** Of a world of places so many are looked at: the first ones. */
const namesMax = 400

export function drawMap(sheet: Sheet, view: View, of: Drawn): void {
  const { context, width, height, ratio, colours } = sheet
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.fillStyle = colours.sea
  context.fillRect(0, 0, width, height)
  if (of.atlas) drawAtlas(sheet, view, of.atlas)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  for (const fence of of.scene.fences) drawFence(sheet, view, fence)
  for (const track of of.scene.tracks) drawTrack(sheet, view, track)
  if (view.worldPx >= namesFromPx) writeNames(sheet, view, of)
}

/** A canvas knows no custom properties: let the browser resolve them. */
export function readColours(host: HTMLElement): Colours {
  const probe = host.appendChild(document.createElement('i'))
  const colours = {} as Colours
  for (const name of colourNames) {
    probe.style.color = `var(--map-${name})`
    colours[name] = getComputedStyle(probe).color
  }
  probe.remove()
  return colours
}

/** Nearer than this coast lines are a few strokes, and browsers no longer fill so large a path. */
const coastPx = 1_000_000

/** The world once for each of its copies in sight. */
function drawAtlas(sheet: Sheet, view: View, { land, borders, graticule }: Atlas): void {
  const { context, width, height, ratio, colours } = sheet
  const scale = view.worldPx / unit
  context.setTransform(1, 0, 0, 1, 0, 0)
  if (view.worldPx > coastPx) {
    if (!context.isPointInPath(land, view.x * unit, view.y * unit)) return
    context.fillStyle = colours.land
    context.fillRect(0, 0, width * ratio, height * ratio)
    return
  }
  const left = width / 2 - view.x * view.worldPx
  const top = height / 2 - view.y * view.worldPx
  const first = Math.floor(-left / view.worldPx)
  const last = Math.floor((width - left) / view.worldPx)
  for (let copy = first; copy <= last; copy++) {
    const x = (left + copy * view.worldPx) * ratio
    context.setTransform(scale * ratio, 0, 0, scale * ratio, x, top * ratio)
    context.lineWidth = 1 / scale
    context.strokeStyle = colours.grid
    context.stroke(graticule)
    context.fillStyle = colours.land
    context.fill(land)
    context.strokeStyle = colours.border
    context.stroke(borders)
  }
}

/** Marks first: what is under way counts more than where it could be; countries last. */
function writeNames(sheet: Sheet, view: View, { scene, marks, ...ground }: Drawn): void {
  const { context, colours, emPx } = sheet
  context.font = `${emPx}px system-ui, sans-serif`
  context.textBaseline = 'middle'
  const named: { at: Point; text: string }[] = marks.flatMap((mark) =>
    mark.name === undefined ? [] : [{ at: mark, text: mark.name }],
  )
  for (const { ring, name } of scene.fences)
    if (name && ring[0]) named.push({ at: middleOf(ring), text: name })
  const names: Named[] = named.slice(0, namesMax).map(({ at, text }) => ({
    ...toPixels(at, view, sheet),
    ...{ text, width: context.measureText(text).width },
  }))
  names.push(...countryNames(sheet, view, ground))
  const pixels = marks.map((mark) => toPixels(mark, view, sheet))
  const room = { marks: pixels, size: sheet, emPx, clearPx: emPx * 0.9 }
  context.lineJoin = 'round'
  context.lineWidth = emPx / 4
  context.strokeStyle = colours.halo
  context.fillStyle = colours.name
  context.setLineDash([])
  for (const { text, x, y, area } of placeLabels(names, room)) {
    context.globalAlpha = area ? countryAlpha : 1
    context.strokeText(text, x, y)
    context.fillText(text, x, y)
  }
  context.globalAlpha = 1
}

/** A country is ground: its name stands behind those of places. */
const countryAlpha = 0.6

/** Those whose name has room on their land. */
function countryNames(
  sheet: Sheet,
  view: View,
  { atlas, nameOf }: Pick<Drawn, 'atlas' | 'nameOf'>,
): Named[] {
  return (atlas?.countries ?? []).flatMap(({ region, across, ...at }) => {
    const point = toPixels(at, view, sheet)
    const outside = point.x < 0 || point.x > sheet.width || point.y < 0 || point.y > sheet.height
    // Narrower than a letter: not worth measuring its name.
    if (outside || across * view.worldPx < sheet.emPx) return []
    const text = nameOf(region)
    const { width } = sheet.context.measureText(text)
    return width > across * view.worldPx ? [] : [{ ...point, text, width, area: true }]
  })
}

function middleOf(ring: readonly Spot[]): Point {
  const points = ring.map(project)
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }))
  return { x: sum.x / points.length, y: sum.y / points.length }
}

/** A fence of fewer pixels would be a blot: a ring of this radius says where it is. */
const ringEm = 0.3

function drawFence(sheet: Sheet, view: View, { ring, chosen = false }: Fence): void {
  const { context, colours, emPx } = sheet
  if (ring.length === 0) return
  const ringPx = ringEm * emPx
  const pixels = ring.map((spot) => toPixels(project(spot), view, sheet))
  const [xs, ys] = [pixels.map(({ x }) => x), pixels.map(({ y }) => y)]
  const across = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys))
  if (across < 2 * ringPx) {
    const { x, y } = toPixels(middleOf(ring), view, sheet)
    context.beginPath()
    context.arc(x, y, ringPx, 0, 2 * Math.PI)
    context.fillStyle = colours.halo
    context.fill()
    context.lineWidth = 1.5
    context.strokeStyle = chosen ? colours.chosen : colours.fence
    context.stroke()
    return
  }
  trace(sheet, view, ring)
  context.closePath()
  context.strokeStyle = chosen ? colours.chosen : colours.fence
  context.fillStyle = context.strokeStyle
  context.globalAlpha = 0.12
  context.fill()
  context.globalAlpha = 1
  context.lineWidth = chosen ? 2.5 : 1.5
  context.stroke()
}

function drawTrack(sheet: Sheet, view: View, { spots, kind }: Track): void {
  const { context, colours } = sheet
  trace(sheet, view, spots)
  context.lineJoin = 'round'
  context.lineCap = 'round'
  context.setLineDash(kind === 'planned' ? [2, 7] : [])
  context.strokeStyle = kind === 'planned' ? colours.plan : colours.track
  context.lineWidth = kind === 'planned' ? 2.5 : 3
  context.stroke()
  context.setLineDash([])
}

/** A line across 180° goes on beyond the edge, not back over the whole map. */
function trace({ context, width, height }: Sheet, view: View, spots: readonly Spot[]): void {
  context.beginPath()
  let before: Point | null = null
  for (const spot of spots) {
    const pixel = toPixels(project(spot), view, { width, height })
    if (before) {
      const turns = Math.round((before.x - pixel.x) / view.worldPx)
      pixel.x += turns * view.worldPx
      context.lineTo(pixel.x, pixel.y)
    } else context.moveTo(pixel.x, pixel.y)
    before = pixel
  }
}
