import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, commission, documentOf, openApi, unit } from './api-app.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

describe('causes', () => {
  it('ranks the line that made the bad units first, over lots, shifts and everything else', async () => {
    const lots = ['L0', 'L1', 'L2', 'L3']
    const serials = lots.map((lot) => Array.from({ length: 30 }, (_, n) => `${lot}-${n}`))
    const events = lots.flatMap((lot, i) =>
      ['1', '2', '3'].map((line, j) => ({
        ...commission(
          serials[i]!.slice(j * 10, j * 10 + 10),
          lot,
          `2026-03-0${i + 1}T0${j + 1}:00:00Z`,
        ),
        'urn:example:line': line,
        readPoint: { id: `urn:example:station:${(i + j) % 2}` },
      })),
    )
    await api.ask('POST', '/epcis/capture', { body: documentOf(...events) })
    await api.settled()
    const affected = serials.flatMap((own) => [...own.slice(10, 18), own[0]!]).map(unit)
    const answer = await api.json<{
      enough: boolean
      affected: number
      unaffected: number
      items: { significant: boolean; attributes: { name: string; value: string }[]; lift: number }[]
    }>('POST', '/api/v1/causes', { body: { affected: { epcs: affected } } })
    expect([answer.affected, answer.unaffected, answer.enough]).toEqual([36, 84, true])
    const [first, ...others] = answer.items
    expect(first!.significant).toBe(true)
    expect(first!.attributes).toContainEqual({ name: 'urn:example:line', value: '2' })
    expect(first!.lift).toBeCloseTo(32 / 40 / (36 / 120), 6)
    const lot = others.find(({ attributes }) => attributes.some(({ name }) => name === 'lot'))
    expect(lot!.significant).toBe(false)
  })

  it('says that it is not enough of two units', async () => {
    const body = { affected: { epcs: [unit('L0-1')] }, unaffected: { epcs: [unit('L1-1')] } }
    expect(await api.json('POST', '/api/v1/causes', { body })).toMatchObject({ enough: false })
  })
})
