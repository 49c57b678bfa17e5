import { expect, it } from 'vitest'
import { channelWord, codeWord, criteriaText } from '../quality/report/code-words.ts'
import { reportLanguages } from '../quality/report/words.ts'

it.each(reportLanguages)('a printed recall names where units are in words: %s', (language) => {
  const codes = ['located', 'inTransit', 'sold', 'destroyed', 'gone', 'unknown', 'spared']
  const said = codes.map((code) => codeWord(code, language))
  expect(said.filter((word, index) => word === codes[index])).toEqual([])
  expect(new Set(said).size).toBe(codes.length)
})

it('a severity is said in the language of the report, and one of tomorrow as it is', () => {
  expect(codeWord('critical', 'de')).toBe('kritisch')
  expect(codeWord('critical', 'en')).toBe('critical')
  expect(codeWord('of-tomorrow', 'de')).toBe('of-tomorrow')
})

it('criteria are lists of values in words; what is more than that stands as it was asked', () => {
  const criteria = [
    { field: 'gtin', anyOf: ['09521234001010'] },
    { field: 'lot', anyOf: ['A7', 'A8'] },
    { field: 'expiry', from: '2026-01-01' },
  ]
  expect(criteriaText(criteria, 'de')).toBe(
    'GTIN: 09521234001010; Charge: A7, A8; {"field":"expiry","from":"2026-01-01"}',
  )
})

it('a channel is said in the language of the report, with its probe; one declared keeps its name', () => {
  expect(channelWord('temperature.2', 'de')).toBe('Temperatur 2')
  expect(channelWord('temperature', 'fr')).toBe('température')
  expect(channelWord('temperature.2', 'en')).toBe('temperature.2')
  expect(channelWord('co2', 'es')).toBe('co2')
})
