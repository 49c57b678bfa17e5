// Light: it grows light in a container, or its door opens, while it stands away from every place
// where it may be opened. On the ramp of a known place goods see light all the time; on the road a
// container that leaks sees it every day. A theft needs this and the stop: it is one signal of two.
// Refuses to guess where an opening was when no fix says so.
import { type Detector, type Level, restsMax, type Shipment } from '../../domain/suspicion.ts'
import { type Ground, groundOf, knowing, reasonToStand } from '../cases/ground.ts'
import { type Stand, standOn } from '../cases/stands.ts'
import { type Episode, minutesOf } from '../episodes.ts'
import { type Movement, movementDetector, whereOf } from './movement.ts'

/** From the first lit reading to the last one. */
interface Opening extends Episode {
  /** Where it stood; undefined: it was on its way. */
  stand: Stand | undefined
  /** That were lit or found the door open. */
  readings: number
  lit: number
  /** Of these, when light falls on the goods, not only past them. */
  bright: number
  brightestLx: number
  door: boolean
  /** The logger knows the door only, and cannot say whether light fell on the goods. */
  isBlind: boolean
  knocked: boolean
  /** The container lets light in on the way, too. */
  leaks: boolean
}

interface Own {
  stand: Stand | undefined
  /** When it was last lit, and its door open; undefined: it is not. */
  lit: number | undefined
  open: number | undefined
  /** It was dark and shut before: when last. */
  shutAt: number
  opening: Opening | undefined
  knockedAt: number
  seesLight: boolean
  /** Readings of light on the way, and those that were lit. */
  onWay: number
  litOnWay: number
}

const standM = 250
/** Moonlight, the logger's own lamp, a sensor's offset are below. */
const litLx = 10
/** Through an open door light falls past goods; above, on them: their own packing was opened. */
const brightLx = 75
const knockG = 1
/** What was light or open when we first heard is no opening. */
const freshMs = 90 * 60_000
const nearMs = 15 * 60_000
/** Dark for longer, and the next light is another opening. */
const againMs = 60 * 60_000
/** In traffic it opens no door. */
const standsMs = 10 * 60_000
const leaks = { readingsMin: 24, share: 0.1 }

/**
 * Every driver who hears a noise opens a door: what fell past the goods says little. Of the door
 * alone nobody knows what followed.
 */
const weights = { bright: 5, door: 3, past: 1.1, onWay: 0.8, once: 0.8 }

export const light: Detector<Shipment, Movement<Ground, Own, Opening>> = movementDetector<
  Ground,
  Own,
  Opening
>({
  name: 'light',
  setup: groundOf,
  begin: () => ({
    ...{ stand: undefined, lit: undefined, open: undefined, shutAt: -Infinity },
    ...{ opening: undefined, knockedAt: -Infinity, onWay: 0, litOnWay: 0, seesLight: false },
  }),
  fix(own, fix) {
    const { now, ended } = standOn(own.stand, fix, standM)
    own.stand = now
    const { opening } = own
    if (opening && ended && opening.stand === ended && ended.to - ended.from < standsMs)
      opening.stand = undefined
    return undefined
  },
  level(own, level) {
    const { channel, value, time } = level
    if (channel === 'shock' && value >= knockG) knock(own, time)
    if (channel === 'light') {
      own.lit = value >= litLx ? time : undefined
      own.seesLight = true
      count(own)
    } else if (channel === 'door') own.open = value >= 0.5 ? time : undefined
    else return undefined
    const ended = endIfPast(own, time)
    const isShut = ![own.lit, own.open].some((at) => at !== undefined && time - at <= freshMs)
    if (isShut) own.shutAt = time
    else if ((channel === 'light' ? own.lit : own.open) === time) lit(own, level)
    return ended
  },
  current: ({ opening }) => opening,
  tell(opening, ground) {
    const { stand, from, to, bright, brightestLx, door, knocked } = opening
    const where = stand?.middle ?? opening.spot
    // One reading alone is a sensor's whim; what lets light in on the way has nothing to say.
    if (opening.leaks || (opening.readings < 2 && !knocked)) return undefined
    if (reasonToStand(ground, where)) return undefined
    const minutes = minutesOf(to - from)
    const [how, logOdds] = weightOf(opening)
    const what = brightestLx > 0 ? `Light of ${brightestLx} lx` : 'Its door was open'
    return {
      logOdds: knowing(ground) * logOdds,
      words: `${what} for ${minutes} minutes ${how}.`,
      facts: {
        ...{ minutes, readings: opening.readings, bright, lux: brightestLx, door, knocked },
        ...{ stood: stand !== undefined, halted: isHalted(opening), ...whereOf(where) },
      },
    }
  },
})

const isHalted = ({ stand }: Opening): boolean =>
  stand !== undefined && stand.to - stand.from >= standsMs

function weightOf(opening: Opening): [string, number] {
  const { lit, bright, knocked, door, isBlind } = opening
  if (!isHalted(opening)) return ['on the way', weights.onWay]
  const how = 'while it stood where nobody planned to stand'
  if (bright >= 2 || (bright === 1 && (knocked || door))) return [how, weights.bright]
  if (isBlind) return [how, weights.door]
  return [how, lit >= 2 || knocked ? weights.past : weights.once]
}

function knock(own: Own, time: number): void {
  own.knockedAt = time
  if (own.opening && time - own.opening.to <= nearMs) own.opening.knocked = true
}

function count(own: Own): void {
  if (!own.stand || own.stand.to > own.stand.from) return
  own.onWay++
  if (own.lit !== undefined) own.litOnWay++
}

/** What flickers is one opening, as long as it has not gone elsewhere meanwhile. */
function endIfPast(own: Own, time: number): Opening | undefined {
  const { opening, stand } = own
  if (!opening || (time - opening.to <= againMs && !isElsewhere(opening, stand))) return undefined
  own.opening = undefined
  opening.leaks ||= isLeaking(own)
  return opening
}

/** A stand after the opening's, or, when that was on the way, any after its light. */
const isElsewhere = (opening: Opening, now: Stand | undefined): boolean =>
  now !== undefined && now !== opening.stand && now.fixes > 1 && now.from > opening.to

function lit(own: Own, { channel, value, time, device, id }: Level): void {
  const { stand, shutAt, knockedAt } = own
  if (!own.opening) {
    // Where it is must be known, and that it was dark before.
    if (time - shutAt > freshMs || !stand || time - stand.to > nearMs) return
    own.opening = {
      ...{ device, from: time, to: time, spot: stand.spot, fixes: 0, rests: [] },
      ...{ voices: new Map(), stand, readings: 0, lit: 0, bright: 0, brightestLx: 0, door: false },
      isBlind: !own.seesLight,
      ...{ knocked: time - knockedAt <= nearMs, leaks: isLeaking(own) },
    }
  }
  const { opening } = own
  if (opening.readings === 0 || time > opening.to) opening.readings++
  opening.to = time
  // Opened as it came to stand: the last fix on the way was older.
  if (!opening.stand && stand && stand.from - opening.from <= nearMs) opening.stand = stand
  if (opening.rests.length < restsMax) opening.rests.push(id)
  if (channel === 'door') opening.door = true
  else {
    opening.lit++
    if (value >= brightLx) opening.bright++
    opening.brightestLx = Math.max(opening.brightestLx, Math.round(value))
  }
}

const isLeaking = ({ onWay, litOnWay }: Own): boolean =>
  onWay >= leaks.readingsMin && litOnWay > leaks.share * onWay
