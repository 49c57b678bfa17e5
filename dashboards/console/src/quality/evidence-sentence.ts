// What a detector found, as a sentence in the language of the reader, from the figures that the
// server tells beside its own. What is not known here stays as the server said it.
import * as say from '../say.ts'
import { numberOf, textOf } from '../shapes.ts'
import { writeEvidence as write } from '../words/evidence.ts'
import type { Evidence } from './case-shapes.ts'
import { placeText, wordText } from './figures.ts'

type Facts = Readonly<Record<string, unknown>>

export function sentenceOfEvidence({ detector, facts: told, words }: Evidence): string {
  const facts: Facts = typeof told === 'object' && told !== null ? (told as Facts) : {}
  const sentence = Object.hasOwn(sentences, detector) ? sentences[detector]?.(facts) : undefined
  if (sentence === undefined) return words
  const against = numberOf(facts.against) ?? 0
  return against > 0 ? `${sentence} ${write('against', { against })}` : sentence
}

/** Of the heaviest three, as the server sums a case up. */
export const summaryOfEvidence = (heaviest: readonly Evidence[]): string =>
  heaviest.slice(0, 3).map(sentenceOfEvidence).join(' ')

const number = (value: unknown): number => numberOf(value) ?? 0
const lasting = ({ minutes }: Facts): string => say.minutes(number(minutes))

/** Undefined: its figures are not those that are known here. */
const sentences: Readonly<Record<string, (facts: Facts) => string | undefined>> = {
  'route-corridor': (facts) => {
    const km = number(facts.km)
    const of = { minutes: lasting(facts), km }
    if ('usualKm' in facts) return write('aside', of)
    return write('corridor', { ...of, allowed: number(facts.corridorKm) })
  },
  'unscheduled-stop': (facts) => write('stop', { minutes: lasting(facts) }),
  dwell: (facts) => write('dwell', { minutes: lasting(facts) }),
  delay: ({ leg, lateHours, plannedHours }) => {
    const hours = say.minutes(number(lateHours) * 60)
    if (leg === undefined) return write('late', { hours })
    return write('late.leg', {
      leg: number(leg),
      hours,
      planned: say.minutes(number(plannedHours) * 60),
    })
  },
  light: (facts) => {
    if (typeof facts.halted !== 'boolean') return undefined
    const lux = number(facts.lux)
    const where = facts.halted ? 'halted' : 'way'
    const of = { minutes: lasting(facts) }
    return lux > 0 ? write(`light.${where}`, { ...of, lux }) : write(`door.${where}`, of)
  },
  geofence: (facts) => {
    const of = { minutes: lasting(facts) }
    if (facts.what === 'abroad') return write('fence.abroad', of)
    const place = placeText(textOf(facts.place))
    if (facts.what === 'no-go') return write('fence.no-go', { ...of, place })
    return facts.what === 'foreign place' ? write('fence.foreign', { ...of, place }) : undefined
  },
  market: ({ units, scanned }) =>
    write('market', { units: number(units), scanned: number(scanned) }),
  'chain-gap': ({ gap, missing, of }) => {
    if (gap === 'missing') return write('gap.missing', { missing: number(missing), of: number(of) })
    return gap === 'no-shipping' || gap === 'no-receiving' || gap === 'destination'
      ? write(`gap.${gap}`)
      : undefined
  },
  'serial-logger-divorce': ({ places, km }) => {
    const [place] = Array.isArray(places) ? places : []
    return write('divorce', { place: placeText(textOf(place)), km: number(km) })
  },
  'profile-decorrelation': ({ beside, missed, alone, peakK, felt }) =>
    write('profile', {
      ...{ peers: Array.isArray(beside) ? beside.length : 0, missed: number(missed) },
      ...{ alone: number(alone), peak: number(peakK), felt: number(felt) },
    }),
  'silent-unpack': ({ lux, missing, scans }) =>
    write('unpack', {
      ...{ lux: Math.round(number(lux)), missing: number(missing), scans: number(scans) },
    }),
  'temperature-alibi': ({ km }) => write('alibi', { km: number(km) }),
  'unknown-serial': ({ unknown, known }) =>
    write('unknown', { unknown: number(unknown), known: number(known) }),
  enumeration: ({ run, gtin }) => write('run', { run: number(run), gtin: textOf(gtin) }),
  'impossible-travel': (facts) =>
    write('travel', { km: number(facts.km), minutes: lasting(facts) }),
  'duplicate-scan': ({ sessions, places }) =>
    write('sessions', { sessions: number(sessions), places: number(places) }),
  'return-fraud': ({ sold, returnsBefore }) =>
    write('returned', { sold: number(sold), before: number(returnsBefore) }),
  'attribute-mismatch': ({ said }) => write('label', { said: textOf(said) }),
  'status-conflict': ({ claim, status }) =>
    write('status', { claim: wordText(textOf(claim)), status: wordText(textOf(status)) }),
  'aggregation-conflict': ({ km }) => write('apart', { km: number(km) }),
}
