import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, gtin, openApi, unit } from './api-app.ts'

describe('the example of a file to load', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
  })
  afterAll(() => api.close())

  it('commissions two units and tells why the third row is refused', async () => {
    const body = JSON.parse(readFileSync('examples/serials.json', 'utf8'))
    expect((await api.ask('PUT', '/api/v1/mappings/serials', { body })).status).toBe(200)
    const load = await api.json('POST', '/api/v1/loads?mapping=serials', {
      body: readFileSync('examples/serials.csv'),
      headers: { 'Content-Type': 'text/csv' },
    })
    expect(load).toMatchObject({ rows: 3, applied: 2, refused: 1, events: 1 })
    const refused = await api.ask('GET', `/api/v1/loads/${load.id}/refused`)
    expect((await refused.text()).split('\r\n')[1]).toMatch(/^4,Material,gs1\/check-digit,/)
    const found = await api.json('GET', `/api/v1/units/${encodeURIComponent(unit('A2'))}`)
    expect(found).toMatchObject({ gtin, lot: 'LOT-7', expiry: '2027-06-30' })
  })
})
