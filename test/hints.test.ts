import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adviceFor, hintNames, hintOf, nearName, sayHint } from '../domain/hints.ts'
import { channels } from '../domain/reading.ts'

const readings = 'v1/default/logger-1/readings'
const senml = 'v1/default/logger-1/senml'

describe('what a refused packet looks like', () => {
  it.each([
    [readings, '[{"bn":"logger-1:","n":"temperature","v":4.2}]', 'senml'],
    [readings, '[{"n":"temperature","u":"Cel","v":4.2}]', 'senml'],
    [senml, '{"time":"2026-03-01T12:00:00Z","temperature":4}', 'readings'],
    [readings, '{"CID":"x","records":[{"RELT":"PT1H","TVC":4.1}]}', 'equipment'],
    [readings, '{"device":"a","data":[{"time":1,"temperature":4}]}', 'wrapped'],
    ['spBv1.0/default/NDATA/logger-1', '{"temperature":4}', 'not-sparkplug'],
    [readings, "{'time': 1772366400000, 'temperature': 4}", 'single-quotes'],
    [readings, '{"time":1772366400000,"temperature":NaN}', 'not-a-number'],
    [readings, '{"time":1772366400000,"temperature":4,2}', 'decimal-comma'],
    [readings, 'a1 64 74 69 6d 65', 'hexadecimal'],
    [readings, '0xa1:64:74:69', 'hexadecimal'],
    [readings, 'CAESEAoBYRgAIAA=', 'base64'],
    [readings, 'time;temperature\n2026-03-01T12:00:00Z;4,2', 'table'],
    ['logger-1', ' \n', 'empty'],
    [readings, '{"time":"warm","temperature":4}', undefined],
    [readings, '[1,2]', undefined],
    [senml, '[{"n":"temperature","vs":"x","v":4}]', undefined],
    [readings, '{"time":1772366400000,', undefined],
    [readings, 'online', undefined],
  ])('on %s: %s', (topic, text, hint) => {
    expect(hintOf(topic, text)).toBe(hint)
  })

  it('is said in each language, in words of its own', () => {
    for (const hint of hintNames) {
      const said = (['en', 'de', 'fr', 'es'] as const).map((language) => sayHint(hint, language))
      expect(new Set(said).size).toBe(4)
    }
  })

  it('is a guess about any text whatever, which ends', () => {
    const topics = fc.constantFrom(readings, senml, 'logger-1', 'spBv1.0/a/NDATA/b')
    const texts = fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'grapheme', maxLength: 2000 }))
    fc.assert(
      fc.property(topics, texts, (topic, text) => {
        expect([...hintNames, undefined]).toContain(hintOf(topic, text))
      }),
    )
  })
})

describe('the field that a wrong name is likely to mean', () => {
  it.each([
    ['temp', 'temperature'],
    ['Temperature', 'temperature'],
    ['temperature_2', 'temperature.2'],
    ['T2', 'temperature.2'],
    ['rh', 'humidity'],
    ['batteryLevel', 'battery'],
    ['timestamp', 'time'],
    ['CO2', 'co2'],
    ['foo', undefined],
    ['meta', undefined],
    ['', undefined],
  ])('%s: %s', (name, near) => {
    const own = { co2: { unit: 'ppm', min: 0, max: 1e6 } }
    expect(nearName(name, own)).toBe(near)
  })

  it('is never the name itself, and always one that is taken', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const near = nearName(name)
        if (near === undefined) return
        expect(near).not.toBe(name)
        expect([...Object.keys(channels), 'time']).toContain(near.replace(/\.\d+$/, ''))
      }),
    )
  })

  it('stands in front of the remedy, in the language of the reader', () => {
    const refusal = { code: 'reading/channel-unknown', path: '/0/temp' } as const
    expect(adviceFor(refusal, 'en')).toMatch(/^Is it “temperature”\? Correct the name/)
    expect(adviceFor(refusal, 'de')).toMatch(/^Gemeint ist „temperature“\?/)
    expect(adviceFor({ ...refusal, path: '/0/foo' }, 'en')).toMatch(/^Correct the name/)
  })
})
