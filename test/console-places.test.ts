// Where something is, and what channels are called, as the console says it. Pure.
import { afterEach, expect, it } from 'vitest'
import { nameOfChannel, valueOfChannel } from '../dashboards/console/src/devices/channels.ts'
import { type Place, placeAt, placeName } from '../dashboards/console/src/places.ts'
import { unit } from '../dashboards/console/src/session.ts'
import { language, languages } from '../dashboards/console/src/words.ts'

afterEach(() => {
  language.value = 'en'
  unit.value = 'C'
})

const place = (gln: string, name: string, lat: number, lon: number): [string, Place] => {
  const id = `https://id.gs1.org/414/${gln}`
  const rest = { type: '', kind: '', country: '', ring: null, attributes: {}, children: [] }
  return [id, { ...rest, id, name, spot: { lat, lon }, version: 1 }]
}
const places = new Map([
  place('9521234000013', 'Basel plant', 47.58, 7.59),
  place('9521234000020', 'Suva port', -18.13, 179.99),
])

it('names the place where something is, not one that is merely the nearest', () => {
  expect(placeAt(places, { lat: 47.6, lon: 7.6 })?.name).toBe('Basel plant')
  expect(placeAt(places, { lat: 47.7, lon: 7.6 })).toBeUndefined()
  // Across the date line it is two kilometres.
  expect(placeAt(places, { lat: -18.13, lon: -179.99 })?.name).toBe('Suva port')
  expect(placeAt(null, { lat: 47.6, lon: 7.6 })).toBeUndefined()
})

it('calls a party as the place of its number, and one that is not known by its key', () => {
  expect(placeName(places, 'https://id.gs1.org/417/9521234000013')).toBe('Basel plant')
  expect(placeName(places, 'https://id.gs1.org/417/9521234099994')).toBe('PGLN 9521234099994')
})

it.each(languages)('writes values of channels with their unit: %s', (into) => {
  language.value = into
  expect(valueOfChannel('temperature.2', 5)).toMatch(/^5[.,]0\s°C$/)
  unit.value = 'F'
  expect(valueOfChannel('temperature', 5)).toMatch(/^41[.,]0\s°F$/)
  expect(valueOfChannel('humidity', 58)).toMatch(/^58\s%$/)
  expect(valueOfChannel('door', 1)).not.toBe(valueOfChannel('door', 0))
  expect(valueOfChannel('co2', 412.5)).toMatch(/^412[.,]50$/)
  expect(valueOfChannel('battery', null)).toBe('–')
})

it('says which probe it is, and leaves a name that a device gave itself', () => {
  language.value = 'de'
  expect(nameOfChannel('temperature.2')).toBe('Temperatur 2')
  expect(nameOfChannel('co2')).toBe('co2')
})
