import { expect, it } from 'vitest'
import { parseConfig } from '../config.ts'

it('takes the documented defaults from an empty environment', () => {
  expect(parseConfig({})).toMatchObject({
    dataDir: './data',
    listen: '127.0.0.1',
    httpPort: 8080,
    mqttPort: 1883,
  })
})

it('refuses a misspelt setting by name', () => {
  expect(() => parseConfig({ ISOTHERM_HTTP_PROT: '1' })).toThrow(/ISOTHERM_HTTP_PROT/)
})

it('refuses a port that is no port, and a short token', () => {
  expect(() => parseConfig({ ISOTHERM_HTTP_PORT: 'http' })).toThrow(/ISOTHERM_HTTP_PORT=http/)
  expect(() => parseConfig({ ISOTHERM_ADMIN_TOKEN: 'secret' })).toThrow(/too short/)
  expect(() => parseConfig({ ISOTHERM_ADMIN_TOKEN: 'secret' })).not.toThrow(/secret/)
})

it('leaves the environment of others alone', () => {
  expect(() => parseConfig({ PATH: '/bin', ISOTHERM_TEST_INFLUX_URL: 'x' })).not.toThrow()
})
