// A shipment in words, for lists: what is inside, where it is on its way, when it should be there.
import type { Journey, Seen } from './fleet.ts'
import { nameOfPlace, type Places, placeAt } from './places.ts'
import { isNamedProduct, nameOfProduct } from './product-names.ts'
import * as say from './say.ts'
import { look } from './session.ts'
import { write } from './words/shipments.ts'
import { localeOf } from './words.ts'

/** Later by less is no news to who waits for it. */
const lateFromMs = 5 * 60_000

/**
 * GTINs worth a name: cases have a GTIN of their own, which is no product here. All of them when
 * none is registered.
 */
export function productsOf({ cargo }: Seen): string[] {
  const gtins = cargo?.gtins ?? []
  const named = gtins.filter(isNamedProduct)
  return named.length > 0 ? named : gtins
}

export const productsText = (seen: Seen): string =>
  productsOf(seen).map(nameOfProduct).join(', ') || (seen.cargo ? write('product.none') : '–')

export function whereText({ journey, position }: Seen, places: Places | null): string {
  if (!journey || (journey.phase !== 'destination' && placesOf(journey).length === 0))
    return position ? spotText(position, places) : '–'
  const { phase, origin, destination, next, last } = journey
  if (phase === 'destination') {
    const place = destination || last?.place
    return place ? write('where.arrived', { place: nameOfPlace(place) }) : write('way.destination')
  }
  if (phase === 'origin') {
    const place = last?.place ?? origin
    return place ? write('where.waits', { place: nameOfPlace(place) }) : write('way.origin')
  }
  return underWay({ next, stands: last && !last.left ? last.place : '' })
}

/** A place's name, or where on the globe: no event says more. */
function spotText(spot: { lat: number; lon: number }, places: Places | null): string {
  const place = placeAt(places, spot)?.name
  const { lat, lon } = spot
  return place
    ? write('where.stands', { place })
    : `${say.decimal(lat, 2)}°, ${say.decimal(lon, 2)}°`
}

function underWay({ next, stands }: { next: string; stands: string }): string {
  const place = nameOfPlace(stands)
  if (stands && next) return write('where.stops', { place, next: nameOfPlace(next) })
  if (stands) return write('where.stands', { place })
  return next ? write('where.to', { place: nameOfPlace(next) }) : write('way.transit')
}

/** The hour alone on the day that the data reach; the year where it is another. */
export function momentText(time: number | null, now: number | null): string {
  if (time === null || now === null || Math.abs(time - now) > halfYearMs) return say.time(time)
  if (say.day(time) === say.day(now)) return say.clock(time)
  const { zone, language } = look.value
  const written = new Intl.DateTimeFormat(localeOf(language), { ...dayAndHour, timeZone: zone })
  return written.format(time)
}

const halfYearMs = 182 * 86_400_000
const dayAndHour = {
  ...({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const),
  hourCycle: 'h23' as const,
}

/** `now`: how far the data reach. */
export function expectedText({ journey }: Seen, now: number | null): string {
  if (!journey || journey.expectedAt === null) return '–'
  const time = momentText(journey.expectedAt, now)
  if (now !== null && journey.expectedAt < now) return write('expected.overdue', { time })
  if (journey.lateMs < lateFromMs) return time
  return write('expected.late', { time, late: say.minutes(journey.lateMs / 60_000) })
}

/** Every place that its way touches, as far as it is known. */
export const placesOf = (journey: Journey | null): string[] =>
  journey === null
    ? []
    : [journey.origin, journey.destination, journey.next, journey.last?.place ?? ''].filter(
        (place) => place !== '',
      )
