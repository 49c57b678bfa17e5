// Why a verdict is what it is, as a printed report says it: in the language of its reader, from
// findings and figures. English, and what is not known here, as the record has it.
import { type Pen, sentenceOf } from '../../domain/verdict/sentences.ts'
import { clauseWords, reasonWords } from '../../domain/verdict/words.ts'
import { type Reader, writingFor } from './reader.ts'

export interface ReasonFacts {
  step: string
  outcome: string
  finding: string
  detail: string
  clause: string
  figures: Readonly<Record<string, unknown>>
}

/** Step, outcome, and the sentence with its clause. */
export function reasonCells(reason: ReasonFacts, reader: Reader): [string, string, string] {
  const { step, outcome, detail, clause } = reason
  if (reader.language === 'en') return [step, outcome, `${detail} (${clause})`]
  const words: Readonly<Record<string, Message>> = reasonWords[reader.language]
  const named = (key: string, own: string): string => {
    const word = words[key]
    return typeof word === 'string' ? word : own
  }
  const said = sentenceOf(reason, penOf(reader)) ?? `${detail}.`
  return [
    named(`step.${step}`, step),
    named(`outcome.${outcome}`, outcome),
    `${said} ${clauseIn(clause, reader)}`,
  ]
}

type Message = string | { readonly one: string; readonly other: string }

const sides: Readonly<Record<string, string>> = {
  ...{ above: '>', atOrAbove: '>=', below: '<', atOrBelow: '<=' },
}

function penOf(reader: Reader): Pen {
  const { language } = reader
  const writing = writingFor(reader)
  const numbers = new Intl.NumberFormat(language)
  const plurals = new Intl.PluralRules(language)
  return {
    write(key, values = {}) {
      const message: Message = reasonWords[language][key]
      const one = plurals.select(Number(values.count ?? 0)) === 'one'
      const text = typeof message === 'string' ? message : one ? message.one : message.other
      return unbroken(text, reader).replace(/\{(\w+)\}/g, (_, name: string) => {
        const value = values[name] ?? ''
        return typeof value === 'number' ? numbers.format(value) : value
      })
    },
    minutes: (minutes) => `${writing.minutes(minutes * 60_000)} min`,
    degrees: writing.degrees,
    day: (time) => writing.moment(Date.parse(time)).slice(0, 10),
    moment: (time) => writing.moment(Date.parse(time)),
    limit: (side, celsius) => `${sides[side] ?? side} ${writing.degrees(celsius)}`,
  }
}

function clauseIn(clause: string, reader: Reader): string {
  const keys = Object.keys(clauseWords.en) as (keyof typeof clauseWords.en)[]
  const known = keys.find((key) => clauseWords.en[key] === clause)
  return unbroken(`(${known ? clauseWords[reader.language][known] : clause})`, reader)
}

/** No line ends before what French sets apart; the fonts have no narrow space. */
const unbroken = (text: string, { language }: Reader): string =>
  language === 'fr' ? text.replace(/ (?=[;:!?»])/g, '\u00a0').replace(/« /g, '«\u00a0') : text
