// Why a verdict is what it is, as a sentence in the language and unit of the reader, from the
// finding and figures that the server tells beside its own sentence. What is not known here stays
// as the server said it.
import { type Pen, sentenceOf } from '../../../../domain/verdict/sentences.ts'
import * as say from '../say.ts'
import { objectOf, parseTime } from '../shapes.ts'
import { reasons } from '../words/reasons.ts'
import { formatMessage, language } from '../words.ts'
import { limitText } from './figures.ts'

export interface ToldReason {
  step: string
  finding: string
  detail: string
  figures: unknown
}

export function sentenceOfReason({ step, finding, detail, figures }: ToldReason): string {
  if (finding === '') return detail
  return sentenceOf({ step, finding, figures: objectOf(figures) }, pen) ?? detail
}

const pen: Pen = {
  write: (key, values) => formatMessage(reasons[language.value][key], language.value, values),
  minutes: say.minutes,
  degrees: say.temperature,
  day: (time) => say.day(parseTime(time)),
  moment: (time) => say.time(parseTime(time)),
  limit: (side, limitC) => {
    const known = (['above', 'atOrAbove', 'below', 'atOrBelow'] as const).find(
      (one) => one === side,
    )
    return known ? limitText({ side: known, limitC }) : `${side} ${say.temperature(limitC)}`
  },
}
