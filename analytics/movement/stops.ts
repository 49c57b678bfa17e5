// Unscheduled stop and dwell: the loggers of a shipment stand where nobody planned to stand, longer
// than a jam; or do not leave a small area for longer still, also when they move about in it.
// Ferries move, and what stands on a leg over the sea is no stop. Refuses to know what was done
// there.
import type { Detector, Shipment } from '../../domain/suspicion.ts'
import { type Ground, groundOf, knowing, reasonToStand } from '../cases/ground.ts'
import { type Stand, standOn } from '../cases/stands.ts'
import { minutesOf } from '../episodes.ts'
import { type Movement, movementDetector, whereOf } from './movement.ts'

interface Own {
  now: Stand | undefined
}

interface Kind {
  name: 'unscheduled-stop' | 'dwell'
  /** Fixes of a stand are within, beside what each may be off. */
  radiusM: number
  lastsMs: number
  logOdds: (minutes: number) => number
  words: (minutes: number) => string
}

const fixesMin = 3
const minuteMs = 60_000

/**
 * Jams end within half an hour. Most stops that nobody planned are innocent: the driver's need, a
 * breakdown; so a stop weighs little, and a long one not much more.
 */
export const unscheduledStop = standing({
  ...{ name: 'unscheduled-stop', radiusM: 250, lastsMs: 40 * minuteMs },
  logOdds: () => 1.6,
  words: (minutes) => `Stood for ${minutes} minutes where nobody planned to stand.`,
})

/** Says little beside a stop, which it mostly is; alone it also sees what moves about in a yard. */
export const dwell = standing({
  ...{ name: 'dwell', radiusM: 1500, lastsMs: 45 * minuteMs },
  logOdds: (minutes) => Math.min(0.7, 0.6 + 0.05 * Math.log(minutes / 45)),
  words: (minutes) => `Did not leave an area away from known places for ${minutes} minutes.`,
})

function standing(kind: Kind): Detector<Shipment, Movement<Ground, Own, Stand>> {
  const isLong = ({ from, to, fixes }: Stand): boolean =>
    to - from >= kind.lastsMs && fixes >= fixesMin
  return movementDetector<Ground, Own, Stand>({
    name: kind.name,
    sameM: 3000,
    setup: groundOf,
    begin: () => ({ now: undefined }),
    fix(own, fix) {
      const { now, ended } = standOn(own.now, fix, kind.radiusM)
      own.now = now
      return ended && isLong(ended) ? ended : undefined
    },
    current: ({ now }) => now,
    tell(stand, ground) {
      if (!isLong(stand) || reasonToStand(ground, stand.middle)) return undefined
      const minutes = minutesOf(stand.to - stand.from)
      return {
        logOdds: knowing(ground) * kind.logOdds(minutes),
        words: kind.words(minutes),
        facts: { minutes, planned: ground.plan !== undefined, ...whereOf(stand.middle) },
      }
    },
  })
}
