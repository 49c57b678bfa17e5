// Limits and places as quality pages write them, in the unit and language of the reader.
import { nameOfPlace } from '../places.ts'
import * as say from '../say.ts'
import { writeQuality } from '../words/quality.ts'
import type { limit } from './decode.ts'

/** `above 8.0 °C` */
export const limitText = (of: ReturnType<typeof limit>): string =>
  of === null ? '–' : writeQuality(`limit.${of.side}`, { degrees: say.temperature(of.limitC) })

/** Its name; `GLN 9521234000013 (0)` of an SGLN without one; a name as it is. */
export const placeText = (of: string | null): string => (of === null ? '–' : nameOfPlace(of))

/** `shipping`, `in_transit` of a word of the CBV, whether URI or bare. */
export const wordText = (of: string | null): string =>
  of === null ? '' : (/[^:/#-]+$/.exec(of)?.[0] ?? of).replaceAll('_', ' ')

/** `85 %`; `> 99 %` of what is all but certain, since nothing is. */
export const chanceText = (probability: number): string =>
  probability > 0.99 ? `> ${say.share(0.99)}` : say.share(probability)
