import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, bodyOf, documentOf, giai, type Json, mount, openApi } from './api-app.ts'

describe('many loggers at once', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
  })
  afterAll(() => api.close())

  const load = (body: string, query = '', more: Record<string, string> = {}): Promise<Response> =>
    api.ask('POST', `/api/v1/devices/import${query}`, {
      body,
      headers: { 'Content-Type': 'text/csv', ...more },
    })
  const known = async (): Promise<unknown[]> =>
    (await api.json('GET', '/api/v1/devices?limit=1000')).items.map(({ id }) => id)
  const pathsOf = async (answer: Response): Promise<string[]> =>
    (await bodyOf(answer)).errors.map(({ code, path }) => `${code} ${path}`)

  it('are registered from a file, each with its token, as JSON or CSV', async () => {
    const file =
      '\uFEFFid;giai;loggingIntervalSeconds;calibratedAt;uncertaintyC\r\n' +
      'fleet-1;952123400101;300;2026-02-10;0,3\r\nfleet-2;;;;\r\n\r\n'
    const answer = await load(file)
    expect(answer.status).toBe(201)
    const { items } = (await answer.json()) as { items: { id: string; token: string }[] }
    expect(items.map(({ id }) => id)).toEqual(['fleet-1', 'fleet-2'])
    expect(await api.json('GET', '/api/v1/devices/fleet-1')).toMatchObject({
      ...{ giai: 'https://id.gs1.org/8004/952123400101', loggingIntervalSeconds: 300 },
      ...{ uncertaintyC: 0.3, calibratedAt: '2026-02-10T00:00:00Z' },
    })
    const own = { token: items[1]!.token, body: [{ time: Date.UTC(2026, 2, 2), temperature: 4 }] }
    expect((await api.ask('POST', '/api/v1/readings', own)).status).toBe(202)
    const csv = await load('id\nfleet-3', '', { Accept: 'text/csv' })
    expect(await csv.text()).toMatch(/^line,id,token\r?\n2,fleet-3,[\w-]{43}\r?\n$/)
  })

  it('bring the certificates of their calibrations', async () => {
    const head = 'id;calibratedAt;certificate;laboratory\n'
    await load(`${head}cert-1;2026-02-10;2026-0815;Klimalab\n`)
    const { items } = await api.json('GET', '/api/v1/devices/cert-1/calibrations')
    expect(items).toMatchObject([{ certificate: '2026-0815', laboratory: 'Klimalab' }])
    expect(await pathsOf(await load(`${head}cert-2;;2026-0816;Klimalab\n`))).toEqual([
      'file/value line 2, certificate',
      'file/value line 2, laboratory',
    ])
  })

  it('are all registered or none, and everything wrong is told by line and column', async () => {
    const before = await known()
    const wrong =
      'id,giai,loggingIntervalSeconds\nnew-1,,60\nnew 2,,60\nnew-3,https://id.gs1.org/01/09521234543213,60\nnew-4,,often\n'
    const answer = await load(wrong)
    expect(answer.status).toBe(400)
    expect(await pathsOf(answer)).toEqual([
      'file/value line 3, id',
      'gs1/key-unknown line 4, giai',
      'file/value line 5, loggingIntervalSeconds',
    ])
    const taken = await load('id\nnew-1\nfleet-1\nnew-1\n')
    expect(taken.status).toBe(409)
    expect(await pathsOf(taken)).toEqual([
      'device/duplicate line 3, id',
      'device/duplicate line 4, id',
    ])
    expect(await known()).toEqual(before)
  })

  it('are only looked at in a dry run', async () => {
    const before = await known()
    const answer = await load('id\ntried-1', '?dryRun=true')
    expect(await answer.json()).toEqual({ items: [{ line: 2, id: 'tried-1', token: '' }] })
    expect((await load('id\nfleet-1', '?dryRun=true')).status).toBe(409)
    expect(await known()).toEqual(before)
  })

  it.each([
    ['id,colour\na,red', 'file/column line 1, colour'],
    ['name\na', 'file/column line 1, name'],
    ['id,id\na,b', 'file/column line 1, id'],
    ['id,giai\na', 'file/value line 2'],
    ['id\n"a', 'file/value line 2'],
    ['', 'file/column line 1, id'],
  ])('are not read from %j', async (file, first) => {
    const answer = await load(file)
    expect([answer.status, (await pathsOf(answer))[0]]).toEqual([400, first])
  })

  it('are retired together for one reason, or none of them is', async () => {
    await load(`id,giai\nold-1,\nold-2,\nold-3,${giai}\n`)
    await api.ask('POST', '/epcis/capture', { body: documentOf(mount()) })
    await api.settled()
    const retire = (devices: string[], more: object = {}): Promise<Response> =>
      api.ask('POST', '/api/v1/devices/retirements', { body: { devices, reason: 'sold', ...more } })
    const retired = async (id: string): Promise<boolean> =>
      'retired' in (await api.json<Json>('GET', `/api/v1/devices/${id}`))
    expect((await retire(['old-1', 'old-3'])).status).toBe(409)
    expect((await retire(['old-1', 'nobody'])).status).toBe(404)
    expect(await retired('old-1')).toBe(false)
    const answer = await retire(['old-1', 'old-2', 'old-1'])
    expect(await answer.json()).toEqual({ devices: ['old-1', 'old-2'] })
    expect([await retired('old-1'), await retired('old-2')]).toEqual([true, true])
    expect(api.disconnected).toEqual(expect.arrayContaining(['old-1', 'old-2']))
    expect((await retire(['old-3'], { force: true })).status).toBe(200)
    expect((await retire([])).status).toBe(400)
  })

  it('are nobody’s to register or retire who may not change loggers', async () => {
    const token = await api.keyWith('viewer', 'quality')
    const headers = { 'Content-Type': 'text/csv' }
    const asked = { body: 'id\nx', headers, token }
    expect((await api.ask('POST', '/api/v1/devices/import', asked)).status).toBe(403)
    const body = { devices: ['fleet-1'], reason: 'no' }
    const retire = await api.ask('POST', '/api/v1/devices/retirements', { body, token })
    expect(retire.status).toBe(403)
  })
})
