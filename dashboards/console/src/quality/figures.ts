// Limits and places as quality pages write them, in the unit and language of the reader.
import { nameOfPlace } from '../places.ts'
import * as say from '../say.ts'
import { codeText } from '../words/codes.ts'
import { writeQuality } from '../words/quality.ts'
import type { limit } from './decode.ts'

/** `above 8.0 °C` */
export const limitText = (of: ReturnType<typeof limit>): string =>
  of === null ? '–' : writeQuality(`limit.${of.side}`, { degrees: say.temperature(of.limitC) })

/** Its name; `GLN 9521234000013 (0)` of an SGLN without one; a name as it is. */
export const placeText = (of: string | null): string => (of === null ? '–' : nameOfPlace(of))

/** Of a word of the CBV, whether URI or bare; one that is not known stays as it is. */
export function wordText(of: string | null): string {
  if (of === null) return ''
  const word = /[^:/#-]+$/.exec(of)?.[0] ?? of
  return codeText('cbv', word) ?? word.replaceAll('_', ' ')
}

/** Why a revision was made; a cause that is not known stays as it is. */
export const causeText = (cause: string): string => codeText('cause', cause) ?? cause

/** `85 %`; `> 99 %` of what is all but certain, since nothing is. */
export const chanceText = (probability: number): string =>
  probability > 0.99 ? `> ${say.share(0.99)}` : say.share(probability)
