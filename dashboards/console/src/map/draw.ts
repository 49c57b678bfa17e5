// Draws a map on a canvas: the atlas, fences, corridors, tracks. Markers are elements above it, so
// that they can have the focus. Knows pixels and colours, no shipment.
import { type Atlas, unit } from './atlas.ts'
import { type Point, project, type Size, type Spot, toPixels, type View } from './view.ts'

export interface Track {
  spots: readonly Spot[]
  kind: 'travelled' | 'planned'
}

export interface Fence {
  ring: readonly Spot[]
  chosen?: boolean
}

export interface Scene {
  tracks: readonly Track[]
  fences: readonly Fence[]
}

const colourNames = ['sea', 'land', 'border', 'grid', 'track', 'plan', 'fence', 'chosen'] as const
export type Colours = Record<(typeof colourNames)[number], string>

export interface Sheet extends Size {
  context: CanvasRenderingContext2D
  /** Pixels of the device per pixel of the page. */
  ratio: number
  colours: Colours
}

export function drawMap(sheet: Sheet, view: View, of: { atlas: Atlas | null; scene: Scene }): void {
  const { context, width, height, ratio, colours } = sheet
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.fillStyle = colours.sea
  context.fillRect(0, 0, width, height)
  if (of.atlas) drawAtlas(sheet, view, of.atlas)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  for (const fence of of.scene.fences) drawFence(sheet, view, fence)
  for (const track of of.scene.tracks) drawTrack(sheet, view, track)
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

/** The world once for each of its copies in sight. */
function drawAtlas(sheet: Sheet, view: View, { land, borders, graticule }: Atlas): void {
  const { context, width, height, ratio, colours } = sheet
  const scale = view.worldPx / unit
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

function drawFence(sheet: Sheet, view: View, { ring, chosen = false }: Fence): void {
  const { context, colours } = sheet
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
