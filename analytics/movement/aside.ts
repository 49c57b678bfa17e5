// Within its corridor and yet off its way: the loggers of a shipment stand some kilometres beside
// the planned line of a road, where nobody planned to stand. How true to the road that line is, the
// fixes on the way tell. Part of the detector of the corridor: both say that the vehicle left its
// way. Refuses to look beyond the corridor.
import { nearestOn } from '../../domain/way.ts'
import { carried, type Ground, groundOf, reasonToStand, wayOfPlan } from '../cases/ground.ts'
import { type Stand, standOn } from '../cases/stands.ts'
import { minutesOf } from '../episodes.ts'
import { movementDetector, whereOf } from './movement.ts'

interface Own {
  now: Aside | undefined
  piece: number
  moves: number
  /** How far fixes on the way are from the line on average, and of how many that is known. */
  usualM: number
  known: number
}

interface Aside extends Stand {
  /** Of the line, as the way until then told. */
  usualM?: number
}

const standM = 250
const fixesMin = 3
const lastsMs = 40 * 60_000
/** Services, fuel and supermarkets are nearer. */
const asideM = 5000
const usualTimes = 4
/** A mean of the last so many. */
const meanOf = 50
/** Of fixes on the way so many tell enough of the line. */
const everyMoves = 4
const logOdds = 1.2

export const stoodAside = movementDetector<Ground, Own, Aside>({
  name: 'route-corridor',
  sameM: 3000,
  setup: (shipment) => (shipment.plan ? groundOf(shipment) : undefined),
  begin: () => ({ now: undefined, piece: 0, moves: 0, usualM: 0, known: 0 }),
  fix(own, fix, { plan }) {
    const { now, ended }: { now: Aside | undefined; ended?: Aside } = standOn(own.now, fix, standM)
    own.now = now
    if (now?.fixes === 1 && own.moves++ % everyMoves === 0) {
      const { distanceM, piece } = nearestOn(wayOfPlan(plan!), fix.spot, own.piece)
      own.piece = piece
      if (distanceM <= plan!.corridorM) {
        own.known = Math.min(meanOf, own.known + 1)
        own.usualM += (distanceM - own.usualM) / own.known
      }
    }
    if (now?.fixes === 2) now.usualM = own.usualM
    return ended && isLong(ended) ? ended : undefined
  },
  current: ({ now }) => now,
  tell(stand, ground) {
    const { plan } = ground
    if (!isLong(stand) || reasonToStand(ground, stand.middle)) return undefined
    const { distanceM, line } = nearestOn(wayOfPlan(plan!), stand.middle)
    const leastM = Math.max(asideM, usualTimes * (stand.usualM ?? 0))
    const isAside = distanceM > leastM && distanceM <= plan!.corridorM
    if (!isAside || carried.has(plan!.legs[line]!.mode)) return undefined
    const minutes = minutesOf(stand.to - stand.from)
    const km = Math.round(distanceM / 100) / 10
    return {
      logOdds,
      words: `Stood for ${minutes} minutes ${km} km beside the planned road, within its corridor.`,
      facts: {
        minutes,
        km,
        usualKm: Math.round((stand.usualM ?? 0) / 100) / 10,
        ...whereOf(stand.middle),
      },
    }
  },
})

const isLong = ({ from, to, fixes }: Stand): boolean => to - from >= lastsMs && fixes >= fixesMin
