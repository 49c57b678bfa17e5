import { afterEach, expect, it } from 'vitest'
import { criterionText } from '../dashboards/console/src/quality/criterion-text.ts'
import { chosenZone } from '../dashboards/console/src/session.ts'
import { language } from '../dashboards/console/src/words.ts'

afterEach(() => {
  language.value = 'en'
})

it('says each condition of a recall in words, and what it does not know as it came', () => {
  chosenZone.value = 'UTC'
  const place = 'https://id.gs1.org/414/9521234543213'
  const span = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' }
  expect(criterionText({ field: 'gtin', anyOf: ['09521234543213'] })).toBe(
    'Product: GTIN 09521234543213',
  )
  expect(criterionText({ field: 'lot', anyOf: ['A', 'B', 'C'] })).toBe('Lot: A, B or C')
  expect(criterionText({ field: 'place', anyOf: [place], when: 'was', ...span })).toBe(
    'Was at GLN 9521234543213 from 1 Mar 2026, 00:00 to 2 Mar 2026, 00:00',
  )
  expect(criterionText({ field: 'exposure', above: 8, moreThanMinutes: 30 })).toBe(
    'above 8.0\u00a0°C for more than 30\u00a0min in total',
  )
  expect(criterionText({ field: 'lot', anyOf: Array.from('ABCDEFGHIJ') })).toBe(
    'Lot: A, B, C, D, E, F, G, H or 2 others',
  )
  expect(criterionText({ field: 'weight', of: 5 })).toBe('{"field":"weight","of":5}')
})

it('takes a date for that day wherever the reader is', () => {
  for (const zone of ['Pacific/Honolulu', 'Europe/Berlin', 'Pacific/Auckland']) {
    chosenZone.value = zone
    expect(criterionText({ field: 'expiry', to: '2026-12-31' })).toBe('Expires until 31 Dec 2026')
    language.value = 'de'
    expect(criterionText({ field: 'expiry', from: '2026-01-01' })).toBe('Verfällt ab 1. Jan. 2026')
    language.value = 'en'
  }
})
