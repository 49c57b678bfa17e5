import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { readDetectors } from '../store/ledger/detectors.ts'
import {
  type Api,
  bodyOf,
  commission,
  documentOf,
  giai,
  gtin,
  type Json,
  mount,
  openApi,
  pack,
  pallet,
  unit,
} from './api-app.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

const rule = { id: 'hot', kind: 'single', above: 8, forMinutes: 30 }
const dirtySince = async (device: string) =>
  (await readDetectors(api.deps.ledger.db, 'default', [device]))[0]?.dirtySince

interface Stored {
  warnings?: { code: string; path: string }[]
}
interface RuleSet {
  name: string
  source: string
  rules: object[]
  rangeC: object
  mkt?: object
}

describe('products', () => {
  it('stores a profile under its GTIN-14, whatever length the GTIN came in', async () => {
    const body = { name: 'Vaccine', profile: { ruleSet: 'pharma-2-8' } }
    const short = await api.ask('PUT', `/api/v1/products/${gtin.slice(1)}`, { body })
    expect(short.status).toBe(200)
    const product = await bodyOf(short)
    expect(product).toMatchObject({ gtin, name: 'Vaccine', version: 1 })
    expect(await api.json('GET', `/api/v1/products/${gtin}`)).toEqual(product)
    expect(await api.json('PUT', `/api/v1/products/${gtin}`, { body })).toMatchObject({
      version: 1,
    })
    body.name = 'Vaccine 10 doses'
    expect(await api.json('PUT', `/api/v1/products/${gtin}`, { body })).toMatchObject({
      version: 2,
    })
    expect((await api.json('GET', '/api/v1/products')).items).toHaveLength(1)
  })

  it('refuses a wrong check digit, letters and a wrong length with the place of the fault', async () => {
    const body = { name: 'x', profile: { rules: [rule] } }
    for (const [wrong, code] of [
      ['09521234543214', 'gs1/check-digit'],
      ['0952123454321x', 'gs1/charset'],
      ['123', 'gs1/length'],
    ]) {
      const answer = await api.ask('PUT', `/api/v1/products/${wrong}`, { body })
      expect(answer.status).toBe(400)
      expect((await bodyOf(answer)).errors[0]).toMatchObject({ code, path: 'path/gtin' })
    }
    expect((await api.ask('GET', '/api/v1/products/04012345123456')).status).toBe(404)
  })

  it('reports every fault of a profile with its JSON pointer', async () => {
    const profile = {
      rangeC: { min: 8, max: 2 },
      rules: [rule, { id: 'hot', kind: 'never', above: 1e308 }],
      colour: 1,
    }
    const answer = await api.ask('PUT', `/api/v1/products/${gtin}`, {
      body: { name: 'x', profile },
    })
    expect(answer.status).toBe(400)
    const { errors } = await bodyOf(answer)
    const paths = errors.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(['/profile/rangeC', '/profile/rules/1/kind']))
    expect(paths).toEqual(expect.arrayContaining(['/profile/rules/1/above', '/profile/colour']))
  })

  it('has mounted loggers looked at again when a profile changed, and only then', async () => {
    await api.ask('POST', '/api/v1/devices', { body: { id: 'mounted', giai } })
    const body = documentOf(commission(['A1']), pack(['A1']), mount())
    expect((await api.ask('POST', '/epcis/capture', { body })).status).toBe(202)
    await api.settled()
    const { db } = api.deps.ledger
    const clear = () => db.updateTable('detectors').set({ dirtySince: null }).execute()
    await clear()
    const put = (forMinutes: number) =>
      api.ask('PUT', `/api/v1/products/${gtin}`, {
        body: { name: 'x', profile: { rules: [{ ...rule, forMinutes }] } },
      })
    await put(31)
    expect(await dirtySince('mounted')).toBe(0)
    await clear()
    await put(31)
    expect(await dirtySince('mounted')).toBeNull()
    const later = { name: 'x', profile: { rules: [rule] }, effectiveFrom: '2026-05-01T00:00:00Z' }
    await api.ask('PUT', `/api/v1/products/${gtin}`, { body: later })
    expect(await dirtySince('mounted')).toBe(Date.parse(later.effectiveFrom))
    await clear()
  })

  it('keeps every version with the time from which it judges', async () => {
    const path = '/api/v1/products/09521234543237'
    const put = (forMinutes: number, more: object): Promise<Json> =>
      api.json('PUT', path, {
        body: { name: 'x', profile: { rules: [{ ...rule, forMinutes }] }, ...more },
      })
    const spring = { effectiveFrom: '2026-04-01T00:00:00Z' }
    expect(await put(30, {})).toMatchObject({ version: 1, effectiveFrom: null })
    expect(await put(20, spring)).toMatchObject({ version: 2, ...spring })
    // The same profile goes on as it was; a name is no correction of the past.
    expect(await put(20, { name: 'y' })).toMatchObject({ version: 3, ...spring })
    expect(await put(20, { name: 'y' })).toMatchObject({ version: 3, ...spring })
    expect(await put(20, { name: 'y', effectiveFrom: null })).toMatchObject({
      ...{ version: 4, effectiveFrom: null },
    })
    const first = await api.json('GET', `${path}/versions?limit=3`)
    const items = [...first.items]
    items.push(...(await api.json('GET', `${path}/versions?cursor=${first.next}`)).items)
    expect(items.map(({ version, effectiveFrom }) => [version, effectiveFrom])).toEqual([
      [4, null],
      [3, spring.effectiveFrom],
      [2, spring.effectiveFrom],
      [1, null],
    ])
    const wrong = { name: 'x', profile: { rules: [rule] }, effectiveFrom: 'in May' }
    expect((await api.ask('PUT', path, { body: wrong })).status).toBe(400)
  })

  it('takes a profile that tells little, with a warning', async () => {
    const body = {
      name: 'x',
      profile: { rules: [{ id: 'all', kind: 'instant', above: 8, severity: 'critical' }, rule] },
    }
    const taken = await api.json<Stored>('PUT', '/api/v1/products/09521234543244', { body })
    expect(taken.warnings).toMatchObject([
      { code: 'profile/rule-unreachable', path: '/profile/rules/1' },
    ])
  })

  it('lists the ready rule sets, each as a profile takes it', async () => {
    const { items } = await api.json<{ items: RuleSet[] }>('GET', '/api/v1/rule-sets')
    for (const { name, source, rules, rangeC, mkt } of items) {
      expect(source).not.toBe('')
      const profile = { rules, rangeC, ...(mkt ? { mkt } : {}) }
      const body = { name, profile }
      const own = await api.json<Stored>('PUT', '/api/v1/products/09521234543251', { body })
      expect(own).toMatchObject({ profile })
      expect(own.warnings, name).toBeUndefined()
    }
    expect(items.map(({ name }) => name)).toContain('usp-crt')
  })
})

describe('devices', () => {
  it('tells the token once, with the MQTT topics', async () => {
    const body = {
      id: 'd.1_a-B',
      giai: 'urn:epc:id:giai:9521234.00002',
      loggingIntervalSeconds: 300,
    }
    const answer = await api.ask('POST', '/api/v1/devices', { body })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('Location')).toBe('/api/v1/devices/d.1_a-B')
    const made = await bodyOf(answer)
    expect(made).toMatchObject({
      id: 'd.1_a-B',
      giai: 'https://id.gs1.org/8004/952123400002',
      mqtt: { username: 'd.1_a-B', topics: { readings: 'v1/default/d.1_a-B/readings' } },
    })
    expect(made.token).toMatch(/^[\w-]{43}$/)
    expect(await dirtySince('d.1_a-B')).toBe(0)
    const seen = await (await api.ask('GET', '/api/v1/devices/d.1_a-B')).text()
    expect(seen).not.toContain(made.token)
    expect(JSON.parse(seen)).toMatchObject({ loggingIntervalSeconds: 300, latest: [], kept: [] })
  })

  it('takes a GIAI as it is printed, without any syntax around it', async () => {
    const body = { id: 'printed', giai: '952123400088' }
    const made = await bodyOf(await api.ask('POST', '/api/v1/devices', { body }))
    expect(made).toMatchObject({ giai: 'https://id.gs1.org/8004/952123400088' })
  })

  it('refuses an id or a GIAI that is taken', async () => {
    const post = (body: object) => api.ask('POST', '/api/v1/devices', { body })
    const ids = { giai: '(8004)952123400077' }
    expect((await post({ id: 'first', ...ids })).status).toBe(201)
    expect((await post({ id: 'first' })).status).toBe(409)
    const twice = await post({ id: 'second', giai: 'urn:epc:id:giai:9521234.00077' })
    expect(twice.status).toBe(409)
    expect((await bodyOf(twice)).errors[0]).toMatchObject({
      code: 'device/duplicate',
      path: '/giai',
      detail: expect.stringContaining('first'),
    })
    const patch = await api.ask('PATCH', '/api/v1/devices/d.1_a-B', { body: ids })
    expect(patch.status).toBe(409)
  })

  it('refuses ids that are no topic level, and fields it does not know, each with its pointer', async () => {
    for (const id of ['', 'a/b', 'a+b', '#', 'ä', 'a'.repeat(65), '..', 'a\u0000']) {
      const answer = await api.ask('POST', '/api/v1/devices', { body: { id } })
      expect(`${id} ${answer.status}`).toBe(`${id} 400`)
      expect((await bodyOf(answer)).errors[0]?.path).toBe('/id')
    }
    const answer = await api.json('POST', '/api/v1/devices', {
      body: { id: 'ok', colour: 1, loggingIntervalSeconds: -1, channels: { x: { unit: 'u' } } },
    })
    const paths = answer.errors.map(({ path }) => path).sort()
    expect(paths).toEqual([
      '/channels/x/max',
      '/channels/x/min',
      '/colour',
      '/loggingIntervalSeconds',
    ])
  })

  it('makes one device of a request that comes twice with its Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': 'k1' }
    const post = (id: string) => api.ask('POST', '/api/v1/devices', { body: { id }, headers })
    const both = await Promise.all([post('idem'), post('idem')])
    expect(both.map(({ status }) => status)).toEqual([201, 201])
    const [one, two] = await Promise.all(both.map((answer) => bodyOf(answer)))
    expect(one).toEqual(two)
    expect((await post('idem-other')).status).toBe(422)
    expect((await api.ask('GET', '/api/v1/devices/idem-other')).status).toBe(404)
  })

  it('pages through all devices exactly once and refuses a foreign cursor', async () => {
    for (let i = 0; i < 5; i++)
      await api.ask('POST', '/api/v1/devices', { body: { id: `page-${i}` } })
    const seen: unknown[] = []
    for (let next: string | null = ''; next !== null; ) {
      const cursor: string = next && `&cursor=${next}`
      const page = await api.json('GET', `/api/v1/devices?limit=2${cursor}`)
      seen.push(...page.items.map(({ id }) => id))
      next = page.next
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => String(id).startsWith('page-'))).toHaveLength(5)
    for (const query of ['cursor=zzz', 'cursor=WzFd', 'limit=0', 'limit=abc', 'limit=1001'])
      expect((await api.ask('GET', `/api/v1/devices?${query}`)).status).toBe(400)
  })

  it('gives a new token and lets go of who used the old one', async () => {
    const made = await api.json('POST', '/api/v1/devices', { body: { id: 'rotating' } })
    const { token } = await api.json('POST', '/api/v1/devices/rotating/token')
    expect(token).not.toBe(made.token)
    expect(api.disconnected).toContain('rotating')
    expect((await api.ask('POST', '/api/v1/devices/nobody/token')).status).toBe(404)
  })
})

describe('keys', () => {
  it('keeps unknown roles, grants nothing for them and says so', async () => {
    const answer = await api.ask('POST', '/api/v1/keys', {
      body: {
        name: 'erp',
        roles: ['viewer', 'boss'],
        mqtt: { subscribe: ['v1/default/+/readings'] },
      },
    })
    expect(answer.status).toBe(201)
    const key = await bodyOf<Json & { warnings: string[] }>(answer)
    expect(key.warnings).toEqual([expect.stringMatching(/boss.*operator/)])
    const listed = await (await api.ask('GET', '/api/v1/keys')).text()
    expect(listed).toContain(key.id)
    expect(listed).not.toContain(key.token)
  })

  it('refuses what is no MQTT filter', async () => {
    const mqtt = { publish: ['v1/#/x'] }
    const answer = await api.ask('POST', '/api/v1/keys', { body: { name: 'x', roles: [], mqtt } })
    expect((await bodyOf(answer)).errors[0]?.path).toBe('/mqtt/publish/0')
  })

  it('makes one key per Idempotency-Key, even when the answer is forgotten', async () => {
    const headers = { 'Idempotency-Key': 'once' }
    const body = { name: 'once', roles: ['viewer'] }
    const one = await api.json('POST', '/api/v1/keys', { body, headers })
    expect(await api.json('POST', '/api/v1/keys', { body, headers })).toEqual(one)
    const { createApp } = await import('../api/app.ts')
    const restarted = createApp(api.deps)
    const { adminToken } = await import('./api-app.ts')
    const answer = await restarted.request('/api/v1/keys', {
      method: 'POST',
      headers: {
        ...headers,
        Authorization: `Bearer ${adminToken}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(body),
    })
    expect(answer.status).toBe(409)
  })
})

describe('bodies that cannot be', () => {
  const post = (body: string | Uint8Array, headers = {}) =>
    api.ask('POST', '/api/v1/devices', { body, headers })

  it('says where JSON stops being JSON', async () => {
    for (const [text, at] of [
      ['{"id": NaN}', 7],
      ['{"id": "a",}', 11],
      ['', 0],
      ['{"id"', 5],
    ] as const) {
      const answer = await post(text)
      expect(answer.status).toBe(400)
      expect((await bodyOf(answer)).errors[0]).toMatchObject({ code: 'packet/json', at })
    }
    expect((await post(Uint8Array.of(0x22, 0xff, 0x22))).status).toBe(400)
    expect((await post('{"id":"x","loggingIntervalSeconds":1e999}')).status).toBe(400)
    expect((await post(`${'['.repeat(50_000)}`)).status).toBe(400)
  })

  it('refuses other media types and encodings', async () => {
    expect((await post('id=1', { 'Content-Type': 'text/plain' })).status).toBe(415)
    expect((await post('{"id":"x"}', { 'Content-Encoding': 'br' })).status).toBe(415)
  })

  it('refuses more bytes than the bound, inflated ones too', async () => {
    const large = await post(`{"id":"${'x'.repeat(bounds.requestBytesMax)}"}`)
    expect(large.status).toBe(413)
    expect(await bodyOf(large)).toMatchObject({ errors: [{ code: 'request/too-large' }] })
    const bomb = gzipSync(Buffer.alloc(bounds.inflatedBytesMax + 1, 32))
    expect((await post(bomb, { 'Content-Encoding': 'gzip' })).status).toBe(413)
    expect((await post('not gzip', { 'Content-Encoding': 'gzip' })).status).toBe(400)
    const fine = gzipSync('{"id":"from-gzip"}')
    expect((await post(fine, { 'Content-Encoding': 'gzip' })).status).toBe(201)
  })
})

describe('shipments and units', () => {
  it('shows a monitored container with what is in it, and a unit with where it is', async () => {
    const { items } = await api.json('GET', '/api/v1/shipments')
    expect(items).toEqual([
      {
        container: pallet,
        device: 'mounted',
        mountedFrom: '2026-03-01T10:00:00Z',
        mountedTo: null,
        products: [{ gtin, name: 'x' }],
        unitCount: 1,
        unitCountComplete: true,
        openAlerts: 0,
        latest: null,
      },
    ])
    const other = `https://id.gs1.org/00/${'0'.repeat(18)}`
    expect((await api.json('GET', `/api/v1/shipments?container=${other}`)).items).toEqual([])
    const named = await api.json('GET', `/api/v1/shipments?container=${pallet}`)
    expect(named.items).toEqual(items)
    const canonical = unit('A1')
    for (const form of [canonical, 'urn:epc:id:sgtin:9521234.054321.A1', `(01)${gtin}(21)A1`]) {
      const answer = await api.ask('GET', `/api/v1/units/${encodeURIComponent(form)}`)
      expect(answer.status).toBe(200)
      expect(await bodyOf(answer)).toMatchObject({
        epc: canonical,
        gtin,
        serial: 'A1',
        lot: 'L1',
        parents: [pallet],
        stays: [{ parent: pallet, from: '2026-03-01T09:00:00Z', to: null }],
        alerts: [],
      })
    }
    const status = async (text: string): Promise<number> =>
      (await api.ask('GET', `/api/v1/units/${encodeURIComponent(text)}`)).status
    expect(await status(unit('never'))).toBe(404)
    expect(await status('https://id.gs1.org/01/09521234543214/21/A1')).toBe(400)
    expect(await status('nonsense')).toBe(400)
  })

  it('tells where a monitored container was last seen, when its logger says where', async () => {
    const positions = async (): Promise<object> => {
      const path = `/api/v1/positions?container=${pallet}`
      const { items } = await api.json<{ items: object[] }>('GET', path)
      return items[0]!
    }
    expect(await positions()).toMatchObject({ device: 'mounted', openAlerts: 0, position: null })
    const send = (row: object) =>
      api.ask('POST', '/api/v1/readings?device=mounted', { body: [row] })
    // Before it was mounted, of two moments, and nowhere at all.
    await send({ time: '2026-03-01T09:30:00Z', lat: 52.5, lon: 13.4 })
    await api.settled()
    expect(await positions()).toMatchObject({ position: null })
    await send({ time: '2026-03-01T10:10:00Z', lat: 48.1, lon: 11.5, accuracy: 20 })
    await send({ time: '2026-03-01T10:20:00Z', temperature: 5.5 })
    await api.settled()
    expect(await positions()).toMatchObject({
      latest: { time: '2026-03-01T10:20:00Z', value: 5.5 },
      position: { time: '2026-03-01T10:10:00Z', lat: 48.1, lon: 11.5, accuracyM: 20 },
    })
    await send({ time: '2026-03-01T10:30:00Z', lat: 48.2 })
    await api.settled()
    expect(await positions()).toMatchObject({ position: null })
  })

  it('tells what it carries and where it goes, when it is asked for that', async () => {
    const asked = `/api/v1/positions?container=${pallet}&about=1`
    const about = async () => (await api.json('GET', asked)).items[0]
    expect(await about()).toMatchObject({
      ...{ gtins: [gtin], gtinsComplete: true, heardAt: '2026-03-01T10:30:00Z' },
      journey: { phase: 'origin', destination: null, expectedAt: null },
    })
    const [from, to] = [
      'https://id.gs1.org/414/9521234543213',
      'https://id.gs1.org/414/9521234543220',
    ]
    await api.ask('POST', '/epcis/events', {
      body: {
        ...{ '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'] },
        ...{ type: 'ObjectEvent', action: 'OBSERVE', bizStep: 'shipping', epcList: [pallet] },
        ...{ eventTime: '2026-03-01T11:00:00Z', eventTimeZoneOffset: '+00:00' },
        ...{ readPoint: { id: from }, destinationList: [{ type: 'location', destination: to }] },
      },
    })
    await api.settled()
    const shipped = { origin: from, destination: to, next: to, expectedAt: null }
    expect(await about()).toMatchObject({
      journey: { phase: 'transit', ...shipped, last: { place: from, left: true } },
    })
    const leg = { from, to, departs: '2026-03-01T11:00:00Z', arrives: '2026-03-01T15:00:00Z' }
    const plan = encodeURIComponent('urn:isotherm:vtype:Plan')
    await api.ask('PUT', `/api/v1/master-data/${plan}/${encodeURIComponent(pallet)}`, {
      body: { attributes: { 'urn:isotherm:mda#legs': [leg] } },
    })
    expect(await about()).toMatchObject({ journey: { expectedAt: '2026-03-01T15:00:00Z' } })
  })

  it('finds a unit by its serial number alone, among the registered products', async () => {
    const found = await api.json('GET', '/api/v1/units?serial=A1')
    expect(found).toEqual({
      items: [{ epc: unit('A1'), gtin, name: 'x', serial: 'A1' }],
      next: null,
      complete: true,
    })
    expect((await api.json('GET', '/api/v1/units?serial=never')).items).toEqual([])
    expect((await api.ask('GET', '/api/v1/units?serial=')).status).toBe(400)
  })

  it('shows a shipment whose logger was taken off only when asked for all', async () => {
    const body = documentOf(mount('2026-03-02T08:00:00Z', 'DELETE'))
    await api.ask('POST', '/epcis/capture', { body })
    await api.settled()
    expect((await api.json('GET', '/api/v1/shipments')).items).toEqual([])
    const { items } = await api.json('GET', '/api/v1/shipments?all=1')
    expect(items).toMatchObject([{ mountedTo: '2026-03-02T08:00:00Z', unitCount: 1 }])
  })
})
