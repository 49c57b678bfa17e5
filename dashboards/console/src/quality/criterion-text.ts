// A condition of a recall in words: names of products and places, times as the reader has them.
// What is not known here is shown as it came.
import { nameOfPlace } from '../places.ts'
import { nameOfProduct } from '../product-names.ts'
import * as say from '../say.ts'
import { numberOf, parseTime, textOf } from '../shapes.ts'
import { write } from '../words/criteria.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'
import { limitSides } from './decode.ts'

type Condition = Readonly<Record<string, unknown>>

/** Of very many values, so many stand in a sentence. */
const valuesShown = 8

export function criterionText(of: Condition): string {
  const field = textOf(of.field)
  const span = spanText(of, field === 'expiry' ? say.day : say.time)
  const values = valuesText(namesOf(of.anyOf, field))
  if (field === 'gtin' || field === 'lot' || field === 'supplier' || field === 'input')
    return write(field, { values })
  if (field === 'expiry') return write('expiry', { span }).trim()
  if (field === 'container') return write('container', { values, span }).trim()
  if (field === 'place')
    return write(of.when === 'is' ? 'place.is' : 'place.was', { values, span }).trim()
  if (field === 'attribute') return write('attribute', { name: textOf(of.name), values })
  if (field === 'epc') return write('epc', { count: listOf(of.anyOf).length, values })
  if (field === 'condition') return write('condition', { values: alertText(of) })
  return field === 'exposure' ? exposureText(of, span) : JSON.stringify(of)
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

function namesOf(anyOf: unknown, field: string): string[] {
  const values = listOf(anyOf)
  // Beside the name the number: who recalls must be sure.
  if (field === 'gtin')
    return values.map((gtin) => {
      const name = nameOfProduct(gtin)
      return name.endsWith(gtin) ? name : `${name} (${gtin})`
    })
  if (field === 'place') return values.map(nameOfPlace)
  return field === 'lot' || field === 'supplier' || field === 'attribute'
    ? values
    : values.map(say.key)
}

function valuesText(values: readonly string[]): string {
  if (values.length > valuesShown)
    return write('more', {
      first: values.slice(0, valuesShown).join(', '),
      count: values.length - valuesShown,
    })
  const last = values.at(-1) ?? ''
  return values.length < 2 ? last : write('or', { first: values.slice(0, -1).join(', '), last })
}

function spanText(of: Condition, writeTime: (at: number | null) => string): string {
  const [from, to] = [of.from, of.to].map(timeOf) as [number | null, number | null]
  if (from !== null && to !== null)
    return write('span.both', { from: writeTime(from), to: writeTime(to) })
  if (from !== null) return write('span.from', { from: writeTime(from) })
  return to === null ? '' : write('span.to', { to: writeTime(to) })
}

/** A date is that day wherever the reader is: half past ten UTC is, but for three islands. */
const timeOf = (told: unknown): number | null =>
  parseTime(/^\d{4}-\d\d-\d\d$/.test(textOf(told)) ? `${told}T10:30:00Z` : told)

function alertText(of: Condition): string {
  const minutes = numberOf(of.minutesMin)
  const verdicts = listOf(of.verdicts).map((verdict) =>
    verdict === 'in' || verdict === 'out' || verdict === 'indeterminate'
      ? writeShell(`verdict.${verdict}`)
      : verdict,
  )
  const parts = [
    valuesText(listOf(of.alerts)),
    of.rule === undefined ? '' : write('rule', { rule: textOf(of.rule) }),
    nameOfProduct(textOf(of.gtin)),
    minutes === null ? '' : write('longer', { minutes: say.minutes(minutes) }),
    verdicts.join(', '),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function exposureText(of: Condition, span: string): string {
  const side = limitSides.find((one) => numberOf(of[one]) !== null)
  if (!side) return JSON.stringify(of)
  const limit = writeQuality(`limit.${side}`, { degrees: say.temperature(numberOf(of[side])) })
  const minutes = say.minutes(numberOf(of.moreThanMinutes) ?? 0)
  return write('exposure', { limit, minutes, span }).trim()
}
