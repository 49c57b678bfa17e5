// Route corridor: the loggers of a shipment are farther from its planned way than the plan allows,
// by more than their fixes may be off, in several fixes that follow each other on the ground; or
// they stand well beside it within the corridor. Needs a plan. Refuses to say why: a closed road
// looks the same.
import { distanceM } from '../../domain/earth.ts'
import type { Fix, Plan, Shipment } from '../../domain/suspicion.ts'
import { nearOn, type Way } from '../../domain/way.ts'
import { wayOfPlan } from '../cases/ground.ts'
import { type Episode, episodeOf, extend, minutesOf } from '../episodes.ts'
import { stoodAside } from './aside.ts'
import { both, movementDetector, whereOf } from './movement.ts'

interface Corridor {
  way: Way
  plan: Plan
}

interface Off extends Episode {
  farthestM: number
  /** Fixes in a row that are surely inside again. */
  inside: number
}

interface Own {
  off: Off | undefined
  before: Fix | undefined
  /** Has it ever been where the plan has it? A plan of another shipment says nothing. */
  wasOn: boolean
  piece: number
}

/** So many fixes show it, over so long at least, with none between that is surely inside. */
const fixesMin = 3
const lastsMs = 10 * 60_000
/** A radius is the likely one and not the largest: fixes lie beyond it, sometimes far. */
const radiusTimes = 2
/** One fix inside may be as wrong as one outside. */
const insideMin = 2
/** Faster is an aircraft, which goes where the air is clear. */
const groundMps = 60

const offTheWay = movementDetector<Corridor, Own, Off>({
  name: 'route-corridor',
  setup: ({ plan }: Shipment) => plan && { plan, way: wayOfPlan(plan) },
  begin: () => ({ off: undefined, before: undefined, wasOn: false, piece: 0 }),
  fix(own, fix, { plan, way }) {
    const { before } = own
    own.before = fix
    const slackM = radiusTimes * fix.spot.radiusM
    const withinM = plan.corridorM - slackM
    const { distanceM: offM, piece } = nearOn(way, fix.spot, { withinM, from: own.piece })
    own.piece = piece
    if (offM <= withinM) return inside(own)
    if (offM - slackM <= plan.corridorM || !own.wasOn || isFlying(before, fix)) return undefined
    const { off } = own
    if (off) {
      extend(off, fix)
      off.inside = 0
      off.farthestM = Math.max(off.farthestM, offM)
    } else own.off = { ...episodeOf(fix), farthestM: offM, inside: 0 }
    return undefined
  },
  current: ({ off }) => off,
  tell({ from, to, fixes, farthestM, spot }, { plan: { corridorM } }) {
    if (fixes < fixesMin || to - from < lastsMs) return undefined
    const [km, allowedKm] = [farthestM, corridorM].map((m) => Math.round(m / 100) / 10)
    const minutes = minutesOf(to - from)
    return {
      // Detours happen; of those that go many corridors off, few are for a closed road.
      logOdds: Math.min(3.5, 2.2 + 0.3 * Math.log(farthestM / corridorM / 2)),
      words: `For ${minutes} minutes off the planned way, by ${km} km at most where ${allowedKm} km are allowed.`,
      facts: { minutes, km: km!, corridorKm: allowedKm!, ...whereOf(spot) },
    }
  },
})

export const routeCorridor = both(offTheWay, stoodAside)

function inside(own: Own): Off | undefined {
  own.wasOn = true
  const { off } = own
  if (!off) return undefined
  off.inside++
  // What nothing confirmed yet were bad fixes.
  const isSure = off.fixes >= fixesMin
  if (isSure && off.inside < insideMin) return undefined
  own.off = undefined
  return isSure ? off : undefined
}

const isFlying = (before: Fix | undefined, fix: Fix): boolean =>
  before !== undefined &&
  distanceM(before.spot, fix.spot) - before.spot.radiusM - fix.spot.radiusM >
    jumpM + (groundMps * (fix.time - before.time)) / 1000

/** Fixes are off by so much though they say otherwise. */
const jumpM = 2000
