import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, bodyOf, openApi } from './api-app.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

const ask = (text: string, more = '') =>
  api.ask('GET', `/api/v1/gs1?text=${encodeURIComponent(text)}${more}`)

describe('GET /api/v1/gs1', () => {
  it('explains what a scanner sent', async () => {
    const answer = await ask(']d20109521234543213172702001 0L1'.replace(' ', ''))
    expect(answer.status).toBe(200)
    expect(await bodyOf(answer)).toMatchObject({
      syntax: 'scan',
      symbology: 'datamatrix',
      key: 'lgtin',
      epc: 'https://id.gs1.org/01/09521234543213/10/L1',
      digitalLink: 'https://id.gs1.org/01/09521234543213/10/L1?17=270200',
      urn: null,
      limits: { minC: null, maxC: null },
    })
  })

  it('tells the URN when the company prefix is one’s own', async () => {
    const answer = await ask('(00)106141411234567897(4331)000800', '&prefix=4012345,0614141')
    expect(await bodyOf(answer)).toMatchObject({
      urn: 'urn:epc:id:sscc:0614141.1123456789',
      limits: { minC: null, maxC: 8 },
    })
  })

  it('refuses with code and span', async () => {
    const answer = await ask('(01)09521234543214(21)A')
    expect(answer.status).toBe(400)
    expect(await bodyOf(answer)).toMatchObject({
      errors: [{ code: 'gs1/check-digit', path: 'query/text', at: 17, length: 1 }],
    })
  })
})
