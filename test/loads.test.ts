import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { checkDigit } from '../domain/gs1/gs1.ts'
import { type Api, gtin, unit } from './api-app.ts'
import { type Apis, databases, startApis } from './api-databases.ts'

const serials = {
  kind: 'serials',
  delimiter: ';',
  columns: { gtin: 'GTIN', serial: 'Serial', lot: 'Lot', expiry: 'Exp', eventTime: 'At' },
  expiryFormat: 'yymmdd',
  eventTimeFormat: 'dd.mm.yyyy',
  utcOffset: '+01:00',
}
const aggregation = {
  kind: 'aggregation',
  columns: { parent: 'Pallet', epc: 'Item', action: 'Do', eventTime: 'At' },
  values: { action: { P: 'ADD', U: 'DELETE' } },
}
const shipments = {
  kind: 'shipments',
  columns: {
    sscc: 'SSCC',
    eventTime: 'At',
    bizStep: 'Step',
    source: 'From',
    destination: 'To',
    purchaseOrder: 'PO',
  },
  issuers: { purchaseOrder: '9521234000013' },
}
const sscc = '106141412345678908'
const head = 'GTIN;Serial;Lot;Exp;At'
const row = (serial: string, lot = 'L1', at = '01.03.2026 08:00') =>
  `${gtin};${serial};${lot};270600;${at}`

interface Loaded {
  id: string
  rows: number
  applied: number
  already: number
  refused: number
  events: number
  line: number
}

describe.each(databases)('files of other systems on %s', (database) => {
  let apis: Apis
  let api: Api
  beforeAll(async () => {
    apis = await startApis(database)
    api = await apis.open()
    for (const [name, body] of Object.entries({ serials, aggregation, shipments }))
      expect((await api.ask('PUT', `/api/v1/mappings/${name}`, { body })).status).toBe(200)
  })
  afterAll(async () => {
    await api?.close()
    await apis?.stop()
  })

  const post = (mapping: string, body: string | Uint8Array, query = '') =>
    api.ask('POST', `/api/v1/loads?mapping=${mapping}${query}`, {
      body,
      headers: { 'Content-Type': 'text/csv' },
    })
  const load = async (mapping: string, body: string | Uint8Array, query = ''): Promise<Loaded> => {
    const answer = await post(mapping, body, query)
    const said = (await answer.json()) as Loaded
    expect(answer.status, JSON.stringify(said)).toBe(200)
    return said
  }
  const refusedOf = async ({ id }: Loaded): Promise<string[]> => {
    const text = await (await api.ask('GET', `/api/v1/loads/${id}/refused`)).text()
    return text.trim().split('\r\n').slice(1)
  }
  const eventsOf = async (epc: string): Promise<Record<string, unknown>[]> => {
    const query = `MATCH_anyEPC=${encodeURIComponent(epc)}&perPage=100`
    const answer = await api.json<{
      epcisBody: { queryResults: { resultsBody: { eventList: Record<string, unknown>[] } } }
    }>('GET', `/epcis/events?${query}`)
    return answer.epcisBody.queryResults.resultsBody.eventList
  }

  it('commission serials: rows of one lot and time are one event', async () => {
    const said = await load('serials', [head, row('A1'), row('A2'), row('A3', 'L2'), ''].join('\n'))
    expect(said).toMatchObject({ rows: 3, applied: 3, already: 0, refused: 0, events: 2, line: 4 })
    const [event] = await eventsOf(unit('A1'))
    expect(event).toMatchObject({
      type: 'ObjectEvent',
      action: 'ADD',
      bizStep: 'commissioning',
      disposition: 'active',
      eventTime: expect.stringContaining('07:00:00'),
      eventTimeZoneOffset: '+01:00',
      epcList: [unit('A1'), unit('A2')],
      ilmd: { 'cbvmda:lotNumber': 'L1', 'cbvmda:itemExpirationDate': '2027-06-30' },
    })
  })

  it('change nothing when they come twice, or go on with more rows', async () => {
    const rows = Array.from({ length: 1500 }, (_, i) => row(`B${i}`))
    await load('serials', [head, ...rows.slice(0, 1200)].join('\r\n'))
    expect(await load('serials', [head, ...rows.slice(0, 1200)].join('\n'))).toMatchObject({
      ...{ applied: 0, already: 1200, events: 0 },
    })
    expect(await load('serials', [head, ...rows].join('\n'))).toMatchObject({
      ...{ applied: 300, already: 1200 },
    })
    for (const i of [0, 999, 1000, 1199, 1200, 1499])
      expect(await eventsOf(unit(`B${i}`)), `B${i}`).toHaveLength(1)
  })

  it('name each unit once in any order, with any repetition, in any parts', async () => {
    let run = 0
    const picks = fc.array(fc.nat(15), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(fc.array(picks, { minLength: 1, maxLength: 3 }), async (files) => {
        run++
        for (const picked of files)
          await load(
            'serials',
            [head, ...picked.map((i) => row(`C${run}-${i}`, `L${i % 3}`))].join('\n'),
          )
        for (const i of new Set(files.flat()))
          expect(await eventsOf(unit(`C${run}-${i}`))).toHaveLength(1)
      }),
      { numRuns: 8 },
    )
  })

  it('go on in parts, with the lines of the whole file', async () => {
    const first = await load('serials', `${head}\n${row('D1')}\n`)
    const more = `&load=${first.id}&line=50001`
    const said = await load(
      'serials',
      `${head}\n${row('D2')}\n${gtin};;L1;270600;01.03.2026\n`,
      more,
    )
    expect(said).toMatchObject({ rows: 3, applied: 2, refused: 1, line: 50_002 })
    expect((await refusedOf(said))[0]).toMatch(/^50002,Serial,file\/value,/)
    // The part again, after a break: it counts once.
    const again = await load(
      'serials',
      `${head}\n${row('D2')}\n${gtin};;L1;270600;01.03.2026\n`,
      more,
    )
    expect(again).toEqual({ ...said, updatedAt: expect.any(String) })
    expect((await post('serials', head, `&load=${first.id}`)).status).toBe(400)
  })

  it('list every refused row with its line, column and reason, and apply the others', async () => {
    const bad = `${gtin.slice(0, -1)}${(Number(gtin.at(-1)) + 1) % 10}`
    const body = [
      head,
      row('E1'),
      `${bad};E2;L1;270600;01.03.2026`,
      `9,52123E+12;E3;L1;270600;01.03.2026`,
      `${gtin};E4;L1;271300;01.03.2026`,
      `${gtin};E5;L1;270600;31.02.2026`,
      `${gtin};=A1;L1;270600;01.03.2026`,
      `${gtin};E6;L1;270600`,
      `${gtin};<b>é</b>;L1;270600;01.03.2026`,
      `${gtin};E\0;L1;270600;01.03.2026`,
      `${gtin};"E7;L1;270600;01.03.2026`,
      row('E8'),
    ].join('\n')
    const said = await load('serials', body)
    expect(said).toMatchObject({ rows: 11, applied: 2, refused: 9 })
    const places = (await refusedOf(said)).map((line) => line.split(',').slice(0, 3).join(' '))
    expect(places).toEqual([
      '3 GTIN gs1/check-digit',
      '4 GTIN file/value',
      '5 Exp file/value',
      '6 At file/value',
      '7 Serial file/value',
      '8  file/column',
      '9 Serial gs1/charset',
      '10 Serial file/value',
      '11  file/column',
    ])
    expect(await eventsOf(unit('E8'))).toHaveLength(1)
  })

  it('put back the zeros that a spreadsheet took from a GTIN whose check digit holds', async () => {
    const short = `12345678${checkDigit('0000012345678')}`
    await load('serials', `${head}\n${short};F1;L1;270600;01.03.2026\n`)
    expect(await eventsOf(`https://id.gs1.org/01/${short.padStart(14, '0')}/21/F1`)).toHaveLength(1)
  })

  it('pack and unpack', async () => {
    const body = `Pallet,Item,Do,At\n${sscc},${unit('A1')},P,2026-03-01T09:00:00Z
${sscc},${unit('A2')},P,2026-03-01T09:00:00Z\n${sscc},,U,2026-03-02T09:00:00+01:00\n`
    expect(await load('aggregation', body)).toMatchObject({ applied: 3, events: 2 })
    expect(await load('aggregation', body)).toMatchObject({ applied: 0, already: 3, events: 0 })
    const events = await eventsOf(`https://id.gs1.org/00/${sscc}`)
    expect(
      events.map(({ type, action, bizStep, childEPCs }) => [type, action, bizStep, childEPCs]),
    ).toEqual(
      expect.arrayContaining([
        ['AggregationEvent', 'ADD', 'packing', [unit('A1'), unit('A2')]],
        ['AggregationEvent', 'DELETE', 'unpacking', []],
      ]),
    )
  })

  it('ship and receive, from whom to whom and by which order', async () => {
    const body = `SSCC,At,Step,From,To,PO\n${sscc},2026-03-03T09:00:00Z,shipping,9521234000013,9521234000020,4711\n`
    expect(await load('shipments', body)).toMatchObject({ applied: 1, refused: 0 })
    const events = await eventsOf(`https://id.gs1.org/00/${sscc}`)
    expect(events.find(({ bizStep }) => bizStep === 'shipping')).toMatchObject({
      action: 'OBSERVE',
      disposition: 'in_transit',
      bizTransactionList: [
        { type: 'po', bizTransaction: 'urn:epcglobal:cbv:bt:9521234000013:4711' },
      ],
      sourceList: [{ type: 'owning_party', source: 'https://id.gs1.org/417/9521234000013' }],
      destinationList: [
        { type: 'owning_party', destination: 'https://id.gs1.org/417/9521234000020' },
      ],
    })
  })

  it('come in the text of other systems', async () => {
    const mapping = { ...serials, encoding: 'windows-1252' }
    await api.ask('PUT', '/api/v1/mappings/old', {
      body: { ...mapping, columns: { ...serials.columns, lot: 'Größe' } },
    })
    const text = `GTIN;Serial;Größe;Exp;At\n${row('G1')}\n`
    expect(await load('old', Buffer.from(text, 'latin1'))).toMatchObject({ applied: 1 })
    const wide = Buffer.from(`\u{FEFF}${text.replace('G1', 'G2')}`, 'utf16le')
    expect(await load('old', wide)).toMatchObject({ applied: 1 })
    const utf8 = Buffer.from(`\u{FEFF}${text.replace('G1', 'G3')}`)
    expect(await load('old', utf8)).toMatchObject({ applied: 1 })
    expect(await eventsOf(unit('G2'))).toHaveLength(1)
  })

  it('are refused whole when they cannot be what the mapping says', async () => {
    for (const [body, code] of [
      ['GTIN;Serial;Lot;Exp\n', 'file/column'],
      ['GTIN;Serial;Lot;Exp;At;At\n', 'file/column'],
      [Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), 'file/value'],
      ['', 'request/invalid'],
    ] as const) {
      const answer = await post('serials', body)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ errors: [{ code }] })
    }
    expect((await post('unknown', head)).status).toBe(404)
    const length = String(bounds.loadBytesMax + 1)
    const large = await api.ask('POST', '/api/v1/loads?mapping=serials', {
      body: head,
      headers: { 'Content-Type': 'text/csv', 'Content-Length': length },
    })
    expect(large.status).toBe(413)
  })

  it('are known by mappings that say what they mean', async () => {
    const wrong = { ...serials, header: false, columns: { gtin: 'GTIN' }, nonsense: 1 }
    const answer = await api.json('PUT', '/api/v1/mappings/wrong', { body: wrong })
    expect(answer.status).toBe(400)
    const { items } = await api.json('GET', '/api/v1/mappings?limit=2')
    expect(items.map(({ name }) => name)).toEqual(['aggregation', 'old'])
    expect((await api.ask('DELETE', '/api/v1/mappings/old')).status).toBe(204)
    expect((await api.ask('GET', '/api/v1/mappings/old')).status).toBe(404)
  })

  it('are listed, the newest first, and can be forgotten', async () => {
    const { id } = await load('serials', `${head}\n${row('H1')}\n`)
    const { items } = await api.json('GET', '/api/v1/loads?limit=5')
    expect(items).toHaveLength(5)
    expect((await api.ask('DELETE', `/api/v1/loads/${id}`)).status).toBe(204)
    expect((await api.ask('GET', `/api/v1/loads/${id}`)).status).toBe(404)
    expect(await eventsOf(unit('H1'))).toHaveLength(1)
  })

  it('may be loaded by integrations and not by viewers', async () => {
    const token = await api.keyWith('viewer')
    const options = { body: head, token, headers: { 'Content-Type': 'text/csv' } }
    expect((await api.ask('POST', '/api/v1/loads?mapping=serials', options)).status).toBe(403)
  })
})
