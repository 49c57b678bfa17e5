// The canvas of a map with its view: what happens between two drawings of the page. Moves, zooms,
// loads the atlas it needs, and puts the marks of the page where they belong.
import { language } from '../words.ts'
import { type Atlas, loadAtlas } from './atlas.ts'
import { type Above, drawMap, type Fence, readColours, type Sheet, type Track } from './draw.ts'
import {
  fitView,
  fromPixels,
  type Point,
  panBy,
  type Size,
  type Spot,
  stepOf,
  toPixels,
  unproject,
  type View,
  zoomBy,
} from './view.ts'

const stepPx = 80
const fineFromPx = 2600
/** Names are a little smaller than text. */
const nameEm = 0.857

/** Size of the type of the page: marks and names grow with it. */
export const rootPx = (): number =>
  Number.parseFloat(getComputedStyle(document.documentElement).fontSize)

let regions = new Intl.DisplayNames(language.value, { type: 'region' })

/** Of a country, in the language of the page. */
function nameOf(region: string): string {
  if (regions.resolvedOptions().locale !== language.value)
    regions = new Intl.DisplayNames(language.value, { type: 'region' })
  return regions.of(region) ?? region
}

export interface Ground {
  scene: { tracks: readonly Track[]; fences: readonly Fence[] }
  all: readonly Point[]
  nearest: number | undefined
  onStep(worldPx: number): void
}

export class Board {
  view: View = { x: 0.5, y: 0.42, worldPx: 1024 }
  size: Size = { width: 800, height: 500 }
  ground: Ground
  touched = false
  #atlas: Atlas | null = null
  #detail: 'coarse' | 'fine' | null = null
  #asked = 0
  #marks: readonly Above[] = []
  readonly #host: () => HTMLElement | null
  readonly #layer: () => HTMLElement | null
  #sheet: Sheet | null = null

  constructor(host: () => HTMLElement | null, layer: () => HTMLElement | null, ground: Ground) {
    this.#host = host
    this.#layer = layer
    this.ground = ground
  }

  /** Takes the size of its element; before anybody moved it, it shows everything. */
  resize = (): void => {
    const host = this.#host()
    const canvas = host?.querySelector('canvas')
    const context = canvas?.getContext('2d')
    if (!host || !canvas || !context) return
    const [width, height] = [Math.max(100, host.clientWidth), Math.max(100, host.clientHeight)]
    const ratio = Math.min(2, devicePixelRatio)
    this.size = { width, height }
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    const colours = readColours(host)
    this.#sheet = { context, width, height, ratio, colours, emPx: nameEm * rootPx() }
    if (this.touched) this.look(this.view)
    else this.fit()
  }

  look(view: View): void {
    this.view = view
    const step = stepOf(view.worldPx)
    this.ground.onStep(step)
    this.#load(view.worldPx >= fineFromPx ? 'fine' : 'coarse')
    this.draw()
  }

  /** Everything there is. */
  fit(): void {
    this.look(fitView(this.ground.all, this.size, this.ground.nearest))
  }

  show(points: readonly Point[], nearest = this.ground.nearest): void {
    this.touched = true
    this.look(fitView(points, this.size, nearest))
  }

  closer(factor: number, event?: MouseEvent): void {
    this.touched = true
    const { width, height } = this.size
    const pixel = event ? this.#pixel(event) : { x: width / 2, y: height / 2 }
    this.look(zoomBy(this.view, factor, { pixel, size: this.size }))
  }

  key(key: string): boolean {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [stepPx, 0],
      ArrowRight: [-stepPx, 0],
      ArrowUp: [0, stepPx],
      ArrowDown: [0, -stepPx],
    }
    const move = moves[key]
    if (move) this.#pan(...move)
    else if (key === '+' || key === '=') this.closer(1.5)
    else if (key === '-' || key === '−') this.closer(1 / 1.5)
    else if (key === '0') this.show(this.ground.all)
    else return false
    return true
  }

  drag = (event: PointerEvent): void => {
    if (event.button !== 0) return
    const { currentTarget: ground } = event
    if (!(ground instanceof HTMLElement)) return
    let { clientX, clientY } = event
    ground.setPointerCapture(event.pointerId)
    const move = (moved: PointerEvent): void => {
      if (moved.pointerId !== event.pointerId) return
      this.#pan(moved.clientX - clientX, moved.clientY - clientY)
      clientX = moved.clientX
      clientY = moved.clientY
    }
    const end = (): void => ground.removeEventListener('pointermove', move)
    ground.addEventListener('pointermove', move)
    ground.addEventListener('pointerup', end, { once: true })
    ground.addEventListener('pointercancel', end, { once: true })
  }

  /** With Ctrl as everywhere; a page that scrolls is not held up by a map. */
  wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    this.closer(Math.exp(-event.deltaY / 300), event)
  }

  spotAt(event: MouseEvent): Spot {
    // By the keyboard: the middle.
    const pixel = event.detail === 0 ? undefined : this.#pixel(event)
    return unproject(pixel ? fromPixels(pixel, this.view, this.size) : this.view)
  }

  place(marks: readonly Above[]): void {
    this.#marks = marks
    this.draw()
    this.#placeMarks()
  }

  recolour = (): void => {
    const host = this.#host()
    if (this.#sheet && host) this.#sheet = { ...this.#sheet, colours: readColours(host) }
    this.draw()
  }

  draw(): void {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0
      if (!this.#sheet) return
      const { scene } = this.ground
      drawMap(this.#sheet, this.view, { atlas: this.#atlas, scene, marks: this.#marks, nameOf })
      this.#placeMarks()
    })
  }

  #pan(dx: number, dy: number): void {
    this.touched = true
    this.look(panBy(this.view, dx, dy))
  }

  #placeMarks(): void {
    const elements = this.#layer()?.children
    for (const [index, at] of this.#marks.entries()) {
      const mark = elements?.[index]
      if (!(mark instanceof HTMLElement)) continue
      const { x, y } = toPixels(at, this.view, this.size)
      const outside = x < -20 || y < -20 || x > this.size.width + 20 || y > this.size.height + 20
      mark.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`
      mark.style.visibility = outside ? 'hidden' : ''
    }
  }

  #load(detail: 'coarse' | 'fine'): void {
    if (this.#detail === 'fine' || this.#detail === detail) return
    this.#detail = detail
    loadAtlas(detail).then(
      (atlas) => {
        this.#atlas = atlas
        this.draw()
      },
      () => {
        // The marks are what counts; the next look tries again.
        this.#detail = null
      },
    )
  }

  #pixel(event: MouseEvent): Point {
    const box = this.#host()?.getBoundingClientRect()
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) }
  }
}
