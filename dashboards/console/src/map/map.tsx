// A map that needs no network but this server: drag or arrow keys move it, + and − or the wheel
// with Ctrl go closer, 0 shows everything. Markers near each other are one with their number; each
// is a button in the order of its place. Draws what it is given.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Icon } from '../icons.tsx'
import { theme, wall } from '../session.ts'
import { writeMap as write } from '../words/map.ts'
import { type Atlas, loadAtlas } from './atlas.ts'
import { type Above, drawMap, type Fence, readColours, type Sheet, type Track } from './draw.ts'
import {
  type Cluster,
  clusterOf,
  fitView,
  fromPixels,
  type Point,
  panBy,
  project,
  type Size,
  type Spot,
  stepOf,
  toPixels,
  unproject,
  type View,
  zoomBy,
} from './view.ts'
import './map.css'

export type MarkerKind = 'alert' | 'silent' | 'fine' | 'place'

export interface Marker extends Spot {
  id: string
  label: string
  kind: MarkerKind
}

export interface MapProps {
  name: string
  markers: readonly Marker[]
  tracks?: readonly Track[]
  fences?: readonly Fence[]
  /** Opens the things that stand at one spot; absent: markers say what they are and no more. */
  onOpen?(ids: readonly string[]): void
  /** Clicks on the ground, to draw with. */
  onSpot?(spot: Spot): void
  chosen?: string | null
  /** How near it comes to show everything, pixels for the whole world; absent: as near as a lane. */
  nearest?: number
}

type Placed = Marker & Point

/** At a type of 14 px; a wall screen has larger type and larger marks. */
const apartPx = 34
const typePx = 14
/** So near lie the corners of a fence, or pharmacies of one town, apart. */
const townPx = 4_000_000
const stepPx = 80
const fineFromPx = 2600
const kinds: readonly MarkerKind[] = ['alert', 'silent', 'fine', 'place']

export function MapView(props: MapProps) {
  const { name, markers, tracks = [], fences = [], nearest } = props
  const host = useRef<HTMLButtonElement>(null)
  const layer = useRef<HTMLDivElement>(null)
  const placed = useMemo(
    () => markers.map((marker) => ({ ...marker, ...project(marker) })),
    [markers],
  )
  const scene = useMemo(() => ({ tracks, fences }), [tracks, fences])
  const [step, setStep] = useState(1024)
  const clusters = useMemo(
    () => clusterOf(placed, step, apartPx * typeScale()),
    [placed, step, wall.value],
  )
  const all = useMemo(() => allPoints(placed, tracks, fences), [placed, tracks, fences])
  const board = useBoard(host, layer, { scene, all, nearest, onStep: setStep })
  useLayoutEffect(() => board.place(clusters), [clusters])
  const open = (cluster: Cluster<Placed>): void => {
    const close = board.view.worldPx >= townPx || sameSpot(cluster.members)
    if (cluster.members.length === 1 || close) props.onOpen?.(cluster.members.map(({ id }) => id))
    else board.show(cluster.members, townPx)
  }
  return (
    <section class="map" aria-label={name}>
      <button
        type="button"
        class="map-ground"
        ref={host}
        aria-label={write('map.keys', { name })}
        onKeyDown={(event) => {
          if (board.key(event.key)) event.preventDefault()
        }}
        onPointerDown={board.drag}
        onClick={(event) => props.onSpot?.(board.spotAt(event))}
        onDblClick={(event) => board.closer(2, event)}
      >
        <canvas />
      </button>
      <div class="map-marks" ref={layer}>
        {clusters.map((cluster) => (
          <Mark
            key={cluster.members[0]!.id}
            cluster={cluster}
            chosen={cluster.members.some(({ id }) => id === props.chosen)}
            onOpen={props.onOpen ? open : undefined}
          />
        ))}
      </div>
      <div class="map-buttons">
        <MapButton name={write('map.closer')} icon="plus" onClick={() => board.closer(2)} />
        <MapButton name={write('map.wider')} icon="minus" onClick={() => board.closer(0.5)} />
        <MapButton name={write('map.fit')} icon="fit" onClick={() => board.show(all)} />
      </div>
    </section>
  )
}

function MapButton({ name, icon, onClick }: MapButtonProps) {
  return (
    <button type="button" class="icon-button" aria-label={name} title={name} onClick={onClick}>
      <Icon name={icon} />
    </button>
  )
}

interface MapButtonProps {
  name: string
  icon: 'plus' | 'minus' | 'fit'
  onClick(): void
}

interface MarkProps {
  cluster: Cluster<Placed>
  chosen: boolean
  onOpen: ((cluster: Cluster<Placed>) => void) | undefined
}

function Mark({ cluster, chosen, onOpen }: MarkProps) {
  const { members } = cluster
  const [first] = members
  const kind = kinds.find((one) => members.some((member) => member.kind === one)) ?? 'fine'
  const count = members.length
  const bad = members.filter((member) => member.kind === 'alert').length
  const label = count === 1 ? (first?.label ?? '') : write('map.cluster', { count, bad })
  const marked = `mark mark-${kind} ${chosen ? 'mark-chosen' : ''} ${count > 1 ? 'mark-many' : ''}`
  const text = count > 1 ? String(count) : ''
  return onOpen ? (
    <button
      type="button"
      class={marked}
      aria-label={label}
      title={label}
      onClick={() => onOpen(cluster)}
    >
      {text}
    </button>
  ) : (
    <span class={marked} role="img" aria-label={label} title={label}>
      {text}
    </span>
  )
}

interface Ground {
  scene: { tracks: readonly Track[]; fences: readonly Fence[] }
  all: readonly Point[]
  nearest: number | undefined
  onStep(worldPx: number): void
}

/** The canvas with its view: everything that happens between two drawings of the page. */
class Board {
  view: View = { x: 0.5, y: 0.42, worldPx: 1024 }
  size: Size = { width: 800, height: 500 }
  ground: Ground
  touched = false
  #atlas: Atlas | null = null
  #detail: 'coarse' | 'fine' | null = null
  #asked = 0
  #clusters: readonly Above[] = []
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

  place(clusters: readonly Cluster<Placed>[]): void {
    this.#clusters = clusters.map(markOf)
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
      drawMap(this.#sheet, this.view, { atlas: this.#atlas, scene, marks: this.#clusters })
      this.#placeMarks()
    })
  }

  #pan(dx: number, dy: number): void {
    this.touched = true
    this.look(panBy(this.view, dx, dy))
  }

  #placeMarks(): void {
    const marks = this.#layer()?.children
    for (const [index, cluster] of this.#clusters.entries()) {
      const mark = marks?.[index]
      if (!(mark instanceof HTMLElement)) continue
      const { x, y } = toPixels(cluster, this.view, this.size)
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

type ElementRef = { current: HTMLElement | null }

function useBoard(host: ElementRef, layer: ElementRef, ground: Ground): Board {
  const kept = useRef<Board | null>(null)
  kept.current ??= new Board(
    () => host.current,
    () => layer.current,
    ground,
  )
  const board = kept.current
  board.ground = ground
  useLayoutEffect(() => {
    const { current } = host
    if (!current) return
    board.resize()
    const sizes = new ResizeObserver(board.resize)
    sizes.observe(current)
    current.addEventListener('wheel', board.wheel, { passive: false })
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', board.recolour)
    // On paper it is light, whatever the screen is.
    const paper = matchMedia('print')
    paper.addEventListener('change', board.recolour)
    return () => {
      sizes.disconnect()
      current.removeEventListener('wheel', board.wheel)
      dark.removeEventListener('change', board.recolour)
      paper.removeEventListener('change', board.recolour)
    }
  }, [])
  useEffect(() => {
    if (board.touched) board.draw()
    else board.fit()
  }, [ground.all, ground.scene])
  useEffect(board.recolour, [theme.value])
  return board
}

function allPoints(
  placed: readonly Placed[],
  tracks: readonly Track[],
  fences: readonly Fence[],
): Point[] {
  const seen = [...placed, ...tracks.flatMap(({ spots }) => spots).map(project)]
  // Places are what things are near to: alone they are what is looked at.
  return seen.length > 0 ? seen : fences.flatMap(({ ring }) => ring).map(project)
}

/** Of a place its name is written; several as one have theirs when somebody comes nearer. */
function markOf({ x, y, members }: Cluster<Placed>): Above {
  const [first] = members
  return members.length === 1 && first?.kind === 'place' ? { x, y, name: first.label } : { x, y }
}

/** Names are a little smaller than text. */
const nameEm = 0.857

const rootPx = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize)

const typeScale = (): number => rootPx() / typePx

const sameSpot = (members: readonly Placed[]): boolean =>
  members.every(({ x, y }) => Math.hypot(x - members[0]!.x, y - members[0]!.y) < 1e-7)
