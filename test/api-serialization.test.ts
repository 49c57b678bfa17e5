import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, bodyOf, commission, documentOf, gtin, openApi, unit } from './api-app.ts'
import { modulesOf, readDataMatrix, readPng } from './symbols.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

interface PoolAnswer {
  id: string
  issuable: number
  issued: number
  left: number
  size: string
  guessProbability: number
}
type Numbers = { items: { serial: string; epc: string }[] }

const make = (body: object, headers = {}) =>
  api.ask('POST', '/api/v1/pools', { body: { name: 'line 4', ...body }, headers })
const made = async (body: object): Promise<PoolAnswer> => bodyOf<PoolAnswer>(await make(body))
const take = (id: string, body: object, headers = {}) =>
  api.ask('POST', `/api/v1/pools/${id}/allocate`, { body, headers })

describe('pools', () => {
  let pool: PoolAnswer
  it('are made with what their numbers may be, and tell no secret', async () => {
    const answer = await make({ kind: 'random', gtin, length: 12 }, { 'Idempotency-Key': 'p' })
    expect(answer.status).toBe(201)
    const text = await answer.text()
    expect(text).not.toMatch(/secret/i)
    pool = JSON.parse(text) as PoolAnswer
    expect(answer.headers.get('Location')).toBe(`/api/v1/pools/${pool.id}`)
    expect(pool).toMatchObject({ issued: 0, size: String(32n ** 12n), guessProbability: 0 })
    const again = await make({ kind: 'random', gtin, length: 12 }, { 'Idempotency-Key': 'p' })
    expect([again.status, (await bodyOf<PoolAnswer>(again)).id]).toEqual([201, pool.id])
    const other = await make({ kind: 'random', gtin, length: 13 }, { 'Idempotency-Key': 'p' })
    expect(other.status).toBe(422)
    const { items } = await api.json('GET', `/api/v1/pools?gtin=${gtin}`)
    expect(items).toHaveLength(1)
    expect(JSON.stringify(items)).not.toMatch(/secret/i)
  })

  it('give the same numbers for the same Idempotency-Key, in any form', async () => {
    const headers = { 'Idempotency-Key': 'order-17' }
    const first = await bodyOf<Numbers>(await take(pool.id, { count: 3 }, headers))
    expect(first.items).toHaveLength(3)
    expect(first.items[0]!.epc).toBe(unit(first.items[0]!.serial))
    expect(await bodyOf(await take(pool.id, { count: 3 }, headers))).toEqual(first)
    const lines = await (await take(pool.id, { count: 3, as: 'ndjson' }, headers)).text()
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(first.items)
    const csv = await (await take(pool.id, { count: 3, as: 'csv' }, headers)).text()
    expect(csv.trim().split('\r\n')).toEqual([
      'serial,epc',
      ...first.items.map(({ serial, epc }) => `${serial},${epc}`),
    ])
    expect((await take(pool.id, { count: 4 }, headers)).status).toBe(422)
    const next = await bodyOf<Numbers>(await take(pool.id, { count: 3 }))
    expect(
      next.items.filter(({ serial }) => first.items.some((one) => one.serial === serial)),
    ).toEqual([])
    expect((await api.json<PoolAnswer>('GET', `/api/v1/pools/${pool.id}`)).issued).toBe(6)
  })

  it('stream what is too much for one document', async () => {
    const refused = await take(pool.id, { count: 20_000 })
    expect([refused.status, (await bodyOf(refused)).errors[0]!.path]).toEqual([400, '/count'])
    const lines = (await (await take(pool.id, { count: 20_000, as: 'ndjson' })).text()).trim()
    expect(new Set(lines.split('\n')).size).toBe(20_000)
  })

  it('refuse what they cannot give, before a byte is sent', async () => {
    const few = await made({ kind: 'sequential', gtin, prefix: 'S-', digits: 2 })
    expect(few).toMatchObject({ issuable: 99, left: 99 })
    const answer = await take(few.id, { count: 100, as: 'csv' })
    expect(answer.status).toBe(409)
    expect((await bodyOf(answer)).errors[0]!.code).toBe('pool/exhausted')
    expect((await take('nowhere', { count: 1 })).status).toBe(404)
  })

  it('are refused when they could give a serial twice, or let it be guessed', async () => {
    const codes = async (body: object) => {
      const answer = await make(body)
      return [answer.status, (await bodyOf(answer)).errors?.[0]?.code]
    }
    expect(await codes({ kind: 'random', gtin, length: 12 })).toEqual([400, 'pool/range'])
    expect(await codes({ kind: 'random', gtin, charset: 'digits', length: 5 })).toEqual([
      400,
      'pool/range',
    ])
    expect(await codes({ kind: 'random', length: 12 })).toEqual([400, 'request/invalid'])
    expect(await codes({ kind: 'sequential', gtin: '09521234543214', digits: 3 })).toEqual([
      400,
      'gs1/check-digit',
    ])
    expect(await codes({ kind: 'other', gtin })).toEqual([400, 'request/invalid'])
  })

  it('number SSCCs with their check digit', async () => {
    const sscc = await made({ kind: 'sequential', ssccPrefix: '106141411', digits: 8 })
    const { items } = await bodyOf<Numbers>(await take(sscc.id, { count: 2 }))
    expect(items.map(({ epc }) => epc)).toEqual([
      'https://id.gs1.org/00/106141411000000016',
      'https://id.gs1.org/00/106141411000000023',
    ])
  })

  it('know what became of a number: allocated, commissioned, returned', async () => {
    const { items } = await bodyOf<Numbers>(await take(pool.id, { count: 2, reference: 'order 9' }))
    const [one, two] = items.map(({ serial }) => serial)
    const path = `/api/v1/pools/${pool.id}`
    const stateOf = async (serial: string) =>
      (await api.json<{ state: string }>('GET', `${path}/serials/${serial}`)).state
    expect(await api.json('GET', `${path}/serials/${one}`)).toMatchObject({
      state: 'allocated',
      reference: 'order 9',
    })
    const captured = await api.ask('POST', '/epcis/capture', {
      body: documentOf(commission([one!])),
    })
    expect(captured.status).toBe(202)
    await api.settled()
    expect(await stateOf(one!)).toBe('commissioned')
    const used = await api.ask('POST', `${path}/returns`, { body: { serials: [one] } })
    expect([used.status, (await bodyOf(used)).errors[0]!.code]).toEqual([409, 'unit/serial-taken'])
    expect((await api.ask('POST', `${path}/returns`, { body: { serials: [two] } })).status).toBe(
      200,
    )
    expect(await stateOf(two!)).toBe('returned')
    expect((await api.ask('GET', `${path}/serials/${'A'.repeat(12)}`)).status).toBe(404)
  })

  it('take lists of others', async () => {
    const list = await made({ kind: 'imported', gtin, serials: ['CN-1', 'CN-2'] })
    expect(list).toMatchObject({ kind: 'list', size: null, left: 2 })
    const twice = await api.ask('POST', `/api/v1/pools/${list.id}/serials`, {
      body: { serials: ['CN-3', 'CN-1'] },
    })
    expect([twice.status, (await bodyOf(twice)).errors]).toMatchObject([
      409,
      [{ code: 'unit/serial-taken', path: '/serials/1' }],
    ])
    const { items } = await bodyOf<Numbers>(await take(list.id, { count: 2 }))
    expect(items.map(({ serial }) => serial)).toEqual(['CN-1', 'CN-2'])
  })
})

describe('master data', () => {
  it('of lots is kept in versions', async () => {
    const path = `/api/v1/lots/${gtin}/L%2F1`
    const body = {
      expiry: '2027-12-31',
      supplier: '9521234000006',
      shift: 'night',
      attributes: { blender: 'B7' },
    }
    expect(await api.json('PUT', path, { body })).toMatchObject({ lot: 'L/1', version: 1, ...body })
    expect(await api.json('PUT', path, { body })).toMatchObject({ version: 1 })
    expect(await api.json('PUT', path, { body: { shift: 'day' } })).toMatchObject({ version: 2 })
    expect(await api.json('GET', path)).toMatchObject({ version: 2, shift: 'day' })
    const { items } = await api.json('GET', '/api/v1/lots?shift=day')
    expect(items).toHaveLength(1)
    for (const wrong of [{ expiry: '2027-02-30' }, { markets: ['norway'] }, { colour: 'red' }])
      expect((await api.ask('PUT', path, { body: wrong })).status).toBe(400)
    expect((await api.ask('GET', `/api/v1/lots/${gtin}/none`)).status).toBe(404)
    const viewer = await api.keyWith('viewer')
    expect((await api.ask('PUT', path, { body, token: viewer })).status).toBe(403)
  })

  it('of places and parties is kept by vocabulary, under canonical keys', async () => {
    const body = {
      attributes: { 'urn:epcglobal:cbv:mda#name': 'North <b>' },
      children: ['urn:x:1'],
    }
    const urn = encodeURIComponent('urn:epc:id:sgln:9521234.00000.0')
    const put = await api.json('PUT', `/api/v1/master-data/BusinessLocation/${urn}`, { body })
    expect(put).toMatchObject({
      type: 'urn:epcglobal:epcis:vtype:BusinessLocation',
      version: 1,
      ...body,
    })
    const link = encodeURIComponent((put as unknown as { id: string }).id)
    expect(await api.json('GET', `/api/v1/master-data/BusinessLocation/${link}`)).toEqual(put)
    const { items } = await api.json('GET', '/api/v1/master-data?type=BusinessLocation')
    expect(items).toEqual([put])
    const big = { attributes: { a: 'x'.repeat(70_000) } }
    const answer = await api.ask('PUT', '/api/v1/master-data/Location/urn:x:2', { body: big })
    expect(answer.status).toBe(400)
  })

  it('of products is optional, and counts as a change', async () => {
    const path = '/api/v1/products/09506000134352'
    const body = { name: 'Product', profile: { ruleSet: 'pharma-2-8' } }
    const plain = await api.json('PUT', path, { body })
    expect(plain).toMatchObject({ version: 1, attributes: {} })
    const attributes = { ndc: '12345-678-90', strength: '10 mg', form: 'vial', containerSize: '10' }
    expect(await api.json('PUT', path, { body: { ...body, attributes } })).toMatchObject({
      version: 2,
      attributes,
    })
    expect(await api.json('PUT', path, { body: { ...body, attributes } })).toMatchObject({
      version: 2,
    })
    // Who does not know of them does not delete them.
    expect(await api.json('PUT', path, { body })).toMatchObject({ version: 2, attributes })
  })
})

describe('labels', () => {
  it('tell lot and expiry of a commissioned unit, and read back', async () => {
    const captured = await api.ask('POST', '/epcis/capture', {
      body: documentOf(commission(['LABEL1'], 'L7')),
    })
    expect(captured.status).toBe(202)
    await api.settled()
    const path = `/api/v1/labels/${encodeURIComponent(unit('LABEL1'))}`
    const png = await api.ask('GET', `${path}?format=png&scale=2&text=false`)
    expect(png.headers.get('Content-Type')).toBe('image/png')
    const picture = readPng(new Uint8Array(await png.arrayBuffer()))
    const content = `\x1d01${gtin}10L7\x1d21LABEL1`
    expect(readDataMatrix(modulesOf(picture, 4).rows)).toBe(content)
    expect(decodeURIComponent(png.headers.get('Isotherm-Content')!)).toBe(content)
    const svg = await api.ask('GET', `${path}?symbol=qr&resolver=https://example.com/`)
    expect(svg.headers.get('Content-Type')).toBe('image/svg+xml')
    expect(decodeURIComponent(svg.headers.get('Isotherm-Content')!)).toBe(
      `https://example.com/01/${gtin}/10/L7/21/LABEL1`,
    )
  })

  it('are refused for what is no key, and for what would be too large', async () => {
    const status = async (path: string) => (await api.ask('GET', `/api/v1/labels/${path}`)).status
    expect(await status('nonsense')).toBe(400)
    expect(await status(encodeURIComponent('(01)09521234543214(21)A'))).toBe(400)
    expect(await status(`${encodeURIComponent(unit('A'))}?scale=100`)).toBe(400)
    expect(await status(`${encodeURIComponent(unit('A'))}?symbol=pdf417`)).toBe(400)
    expect(await status(`${encodeURIComponent(unit('A'))}?resolver=javascript:alert(1)`)).toBe(400)
  })
})
