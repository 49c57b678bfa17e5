// A map that needs no network but this server: drag or arrow keys move it, + and − or the wheel
// with Ctrl go closer, 0 shows everything. Markers near each other are one with their number; each
// is a button in the order of its place. Draws what it is given.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Icon } from '../icons.tsx'
import { theme, wall } from '../session.ts'
import { writeMap as write } from '../words/map.ts'
import { Board, type Ground, rootPx } from './board.ts'
import type { Above, Fence, Track } from './draw.ts'
import { type Cluster, clusterOf, type Point, project, type Spot } from './view.ts'
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
  /** How near to show everything, pixels for the whole world; absent: as near as a lane. */
  nearest?: number
}

type Placed = Marker & Point

/** At a type of 14 px; a wall screen has larger type and larger marks. */
const apartPx = 34
const typePx = 14
/** So near lie the corners of a fence, or pharmacies of one town, apart. */
const townPx = 4_000_000
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
  useLayoutEffect(() => board.place(clusters.map(aboveOf)), [clusters])
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
function aboveOf({ x, y, members }: Cluster<Placed>): Above {
  const [first] = members
  return members.length === 1 && first?.kind === 'place' ? { x, y, name: first.label } : { x, y }
}

const typeScale = (): number => rootPx() / typePx

const sameSpot = (members: readonly Placed[]): boolean =>
  members.every(({ x, y }) => Math.hypot(x - members[0]!.x, y - members[0]!.y) < 1e-7)
