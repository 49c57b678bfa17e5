// Equipment data over HTTP, as a supplier's platform sends it: kept, judged, graded, once.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { type Api, openApi } from './api-app.ts'
import { postgresPath, startPostgres } from './postgres.ts'
import { emsRecord, emsReport, transmissionOf } from './transmission-bodies.ts'

interface Answer {
  id: string
  times: number
  records: number
  errors: number
  warnings: number
  notices: number
  findings: { grade: string; code: string; path: string }[]
}

const path = '/api/v1/transmissions'
const device = 'Monitors-Ltd.LOG1'
const at = (minute: number) => `20260301T12${String(minute).padStart(2, '0')}00Z`

describe.each(['sqlite', 'postgres'])('transmissions with %s', (dialect) => {
  const skipped = dialect === 'postgres' && postgresPath === undefined
  let api: Api
  let end = async (): Promise<void> => undefined
  beforeAll(async () => {
    if (skipped) return
    if (dialect === 'sqlite') api = await openApi()
    else {
      const server = await startPostgres()
      const ledger = await openPostgresLedger({ url: await server.createLedger() })
      api = await openApi({ ledger })
      end = async () => {
        await ledger.close()
        await server.stop()
      }
    }
  })
  afterAll(async () => {
    if (skipped) return
    await api.close()
    await end()
  })
  const readings = async (id: string, channel: string) => {
    await api.settled()
    const query = `device=${id}&channel=${channel}&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z`
    return (await api.json('GET', `/api/v1/readings?${query}`)).items
  }

  it.skipIf(skipped)('are kept as readings, whatever was found in them', async () => {
    const records = [
      emsRecord({ ABST: at(0), TVC: 4.7, TFRZ: -18 }),
      emsRecord({ ABST: at(15), TVC: 99, ALRM: 'HEAT' }),
      emsRecord({ ABST: 'yesterday', TVC: 5 }),
      emsRecord({ ABST: at(30), TVC: 'warm', CMPR: 1000 }),
    ]
    const body = transmissionOf('ems', [emsReport({}, records)])
    const answer = await api.json<Answer>('POST', path, { body })
    expect(answer).toMatchObject({ times: 1, records: 4, errors: 4, warnings: 0, notices: 1 })
    expect(answer.findings.map(({ grade, code, path: at }) => `${grade} ${code} ${at}`)).toEqual([
      'error range /data/0/records/1/TVC',
      'notice alarm /data/0/records/1/ALRM',
      'error time /data/0/records/2/ABST',
      'error range /data/0/records/3/CMPR',
      'error type /data/0/records/3/TVC',
    ])
    expect(await readings(device, 'temperature')).toEqual([
      { time: '2026-03-01T12:00:00Z', value: 4.7 },
      { time: '2026-03-01T12:15:00Z', value: 99 },
    ])
    expect(await readings(`${device}.freezer`, 'temperature')).toEqual([
      { time: '2026-03-01T12:00:00Z', value: -18 },
    ])
    expect(await readings(device, 'compressor')).toHaveLength(2)
    // What is no reading is kept with its bytes among the refusals of the device.
    const refused = await api.json('GET', `/api/v1/devices/${device}/refusals`)
    expect(refused.items.map(({ code }) => code).toSorted()).toEqual([
      'reading/out-of-physics',
      'reading/time-invalid',
      'reading/value-invalid',
    ])
    expect(await api.json('GET', `${path}/${answer.id}`)).toEqual(answer)
  })

  it.skipIf(skipped)('that come again change nothing, and are counted', async () => {
    const body = transmissionOf('ems', [emsReport()], { transferId: 'T-2' })
    const first = await api.json<Answer>('POST', path, { body })
    const before = await readings(device, 'temperature')
    const again = await api.json<Answer>('POST', path, { body })
    expect(again).toMatchObject({ id: first.id, times: 2 })
    expect(await readings(device, 'temperature')).toEqual(before)
    const other = transmissionOf('ems', [emsReport()], { transferSrc: 'org.others' })
    await api.json('POST', path, { body: other })
    const list = await api.json('GET', `${path}?source=org.monitors`)
    expect(list.items.map(({ transferId }) => transferId).toSorted()).toEqual(['T-1', 'T-2'])
    const page = await api.json('GET', `${path}?limit=2`)
    expect(page.items).toHaveLength(2)
    const rest = await api.json('GET', `${path}?limit=2&cursor=${page.next}`)
    expect(rest.items).toHaveLength(1)
    expect(rest.next).toBeNull()
  })

  it.skipIf(skipped)('may be gzip, with the token as Bearer or as password of Basic', async () => {
    const body = gzipSync(JSON.stringify(transmissionOf('ems', [emsReport()])))
    const headers = { 'Content-Encoding': 'gzip' }
    expect((await api.ask('POST', path, { body, headers })).status).toBe(200)
    const token = await api.keyWith('integration')
    const basic = Buffer.from(`supplier:${token}`).toString('base64')
    const own = { ...headers, Authorization: `Basic ${basic}` }
    expect((await api.ask('POST', path, { body, token: '', headers: own })).status).toBe(200)
    const wrong = {
      ...headers,
      Authorization: `Basic ${Buffer.from('supplier:x').toString('base64')}`,
    }
    expect((await api.ask('POST', path, { body, token: '', headers: wrong })).status).toBe(401)
    const viewer = await api.keyWith('viewer')
    expect((await api.ask('POST', path, { body, token: viewer, headers })).status).toBe(403)
  })

  it.skipIf(skipped)(
    'that cannot be taken are refused as a whole, with the status to expect',
    async () => {
      const good = JSON.stringify(transmissionOf('ems', [emsReport()]))
      const status = async (body: string | Uint8Array, headers: Record<string, string> = {}) =>
        (await api.ask('POST', path, { body, headers })).status
      expect(await status(good.slice(0, -1))).toBe(400)
      expect(await status('{"meta":{},"data":[]}')).toBe(422)
      expect(await status(good, { 'Content-Type': 'text/plain' })).toBe(415)
      expect(await status(good, { 'Content-Encoding': 'br' })).toBe(415)
      const twice = gzipSync(gzipSync(good))
      expect(await status(twice, { 'Content-Encoding': 'gzip' })).toBe(400)
      expect(await status(`${good}${' '.repeat(bounds.transmissionBytesMax)}`)).toBe(413)
      const many = Array.from({ length: bounds.transmissionDevicesMax + 1 }, (_, i) =>
        emsReport({ LSER: `L${i}` }),
      )
      const packed = gzipSync(JSON.stringify(transmissionOf('ems', many)))
      expect(await status(packed, { 'Content-Encoding': 'gzip' })).toBe(413)
      expect((await api.ask('GET', `${path}/00000000-0000-4000-8000-000000000000`)).status).toBe(
        404,
      )
    },
  )
})
