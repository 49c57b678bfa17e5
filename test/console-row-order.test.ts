import fc from 'fast-check'
import { expect, it } from 'vitest'
import { orderOf, type SortValue } from '../dashboards/console/src/row-order.ts'

/** As a comparison says it: slow and plain. */
function plainly(values: readonly SortValue[], down: boolean): number[] {
  const texts = new Intl.Collator(undefined, { numeric: true })
  const compare = (a: SortValue, b: SortValue): number =>
    typeof a === 'number' && typeof b === 'number' ? a - b : texts.compare(String(a), String(b))
  return values
    .map((_, index) => index)
    .sort((a, b) => {
      const [one, other] = [values[a] ?? null, values[b] ?? null]
      if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1
      return (down ? -1 : 1) * compare(one, other)
    })
}

it('sorts numbers by size either way, those without a value last, equal ones as they were', () => {
  const numbers = fc.array(
    fc.option(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -9, max: 9 }))),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(numbers, fc.boolean(), (values, down) => {
      // Infinity less Infinity is no number: what is plain here does not compare it.
      const finite = values.map((value) => (Number.isFinite(value) ? value : null))
      expect([...orderOf(finite, down)]).toEqual(plainly(finite, down))
    }),
  )
})

it('sorts a few texts as languages do, with accents and the numbers in them by size', () => {
  const names = ['Zürich', 'zebra', 'L-10', 'L-9', null, 'Äpfel', 'Apfel', 'L-9']
  expect([...orderOf(names, false)].map((index) => names[index])).toEqual([
    'Apfel',
    'Äpfel',
    'L-9',
    'L-9',
    'L-10',
    'zebra',
    'Zürich',
    null,
  ])
  expect([...orderOf(names, true)]).toEqual(plainly(names, true))
})

it('sorts very many identifiers as languages do', () => {
  const part = fc.stringMatching(/^[a-z0-9 _\-,;:!?.'"()[\]{}@*/\\&#%`^+<=>|~$]{0,8}$/)
  const name = fc.oneof(
    fc
      .tuple(fc.constantFrom('L-', 'https://id.gs1.org/00/', ''), part)
      .map((texts) => texts.join('')),
    fc.integer({ min: 0, max: 3000 }).map((number) => `L-${number}`),
  )
  const some = fc.array(fc.option(name, { freq: 20 }), { minLength: 50, maxLength: 60 })
  fc.assert(
    fc.property(some, fc.boolean(), (values, down) => {
      // More of them than are compared one by one.
      const many = Array.from({ length: 45 }, () => values).flat()
      expect([...orderOf(many, down)]).toEqual(plainly(many, down))
    }),
    { numRuns: 30 },
  )
})

it('sorts very many texts that say the same many times, with accents, as languages do', () => {
  const place = fc.constantFrom('–', 'Zürich', 'Zug', 'Àvila', 'avila', 'Lager 9', 'Lager 10', 'ß')
  const some = fc.array(fc.option(place, { freq: 9 }), { minLength: 50, maxLength: 60 })
  fc.assert(
    fc.property(some, fc.boolean(), (values, down) => {
      const many = Array.from({ length: 45 }, () => values).flat()
      expect([...orderOf(many, down)]).toEqual(plainly(many, down))
    }),
    { numRuns: 30 },
  )
})

it('sorts very many identifiers whose numbers are longer than a double', () => {
  const number = fc
    .tuple(fc.constantFrom('', '0', '000'), fc.stringMatching(/^[12]{0,3}[0-9]{1,44}$/))
    .map((parts) => parts.join(''))
  const name = fc
    .tuple(
      fc.constantFrom('SN ', 'sn ', 'SN-', ''),
      number,
      fc.constantFrom('', ' b', ' B9', ' b10'),
    )
    .map((parts) => parts.join(''))
  const some = fc.array(name, { minLength: 50, maxLength: 60 })
  fc.assert(
    fc.property(some, fc.boolean(), (values, down) => {
      const many = Array.from({ length: 45 }, () => values).flat()
      expect([...orderOf(many, down)]).toEqual(plainly(many, down))
    }),
    { numRuns: 30 },
  )
})
