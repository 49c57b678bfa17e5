// People against a real API: accounts, signing in, what they may do, signing, and the evidence of it.
import { createHash } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Env, identify } from '../api/identity.ts'
import { hashPassword } from '../api/people/passwords.ts'
import { answerError } from '../api/problem.ts'
import { type Given, signerOf } from '../api/signer.ts'
import { bounds } from '../config.ts'
import { leafHashOf, provesConsistency, provesInclusion } from '../domain/merkle.ts'
import { checkAudit, type SignedHead } from '../quality/audit-file.ts'
import { evidenceTree } from '../store/ledger/evidence.ts'
import { insertPerson, updatePerson } from '../store/ledger/people.ts'
import { type Api, type AskOptions, adminToken, bodyOf, openApi, testNow } from './api-app.ts'

const minute = 60_000
const password = 'four plain words together'
const clock = { at: testNow }
let api: Api
let kept: string
beforeAll(async () => {
  api = await openApi({ now: () => clock.at })
  // As a stranger's, but quickly checked: what is tried here is not the time it takes.
  kept = await hashPassword(password, { N: 1024, r: 8, p: 1 })
})
afterAll(() => api.close())

async function person(id: string, ...roles: string[]): Promise<void> {
  await personOf('default', id, roles)
}

async function personOf(tenant: string, id: string, roles: readonly string[]): Promise<void> {
  await insertPerson(api.deps.ledger.db, {
    ...{ tenant, id, printedName: `Dr. ${id} Example`, email: `${id}@example.org` },
    ...{ roles: JSON.stringify(roles), language: 'de', zone: null, unit: null },
    ...{ passwordHash: kept, passwordUntil: null, mustChange: 0, status: 'active' },
    ...{ createdAt: 0, createdBy: 'admin' },
  })
}

const signIn = (id: string, given = password, headers: Record<string, string> = {}) =>
  api.ask('POST', '/api/v1/sign-in', { token: '', headers, body: { person: id, password: given } })
const tokenOf = async (id: string, given = password): Promise<string> =>
  (await bodyOf(await signIn(id, given))).token
const statusOf = async (path: string, options: AskOptions, method = 'GET'): Promise<number> =>
  (await api.ask(method, path, options)).status

describe('signing in', () => {
  it('gives a token that stands for the person, until they sign out', async () => {
    await person('ada', 'quality')
    const session = await api.json<{ token: string; expires: string; person: object }>(
      'POST',
      '/api/v1/sign-in',
      { token: '', body: { person: ' ADA ', password } },
    )
    expect(session).toMatchObject({ expires: '2026-03-03T12:00:00Z', idleSeconds: 3600 })
    expect(session.person).toMatchObject({ id: 'ada', roles: ['quality'], mustChange: false })
    expect(JSON.stringify(session)).not.toContain('scrypt')
    const { token } = session
    const me = await api.json<{ rights: string[] }>('GET', '/api/v1/me', { token })
    expect(me).toMatchObject({
      ...{ kind: 'person', id: 'ada', tenant: 'default', printedName: 'Dr. ada Example' },
      ...{ language: 'de', zone: 'UTC', unit: 'C', own: { language: 'de', zone: null } },
      ...{ signsWith: 'password', expires: '2026-03-03T12:00:00Z' },
    })
    expect(me.rights).toContain('alerts/write')
    expect(me.rights).toContain('audit/read')
    expect(me.rights).not.toContain('people/write')
    expect(await statusOf('/api/v1/alerts', { token })).toBe(200)
    expect(await statusOf('/api/v1/keys', { token })).toBe(403)
    const stream = await api.ask('GET', '/api/v1/stream', { token })
    expect(stream.status).toBe(200)
    await stream.body?.cancel()
    expect(await statusOf('/api/v1/sign-out', { token }, 'POST')).toBe(204)
    expect(await statusOf('/api/v1/me', { token })).toBe(401)
  })

  it('says the same for a wrong password and for somebody who is not there', async () => {
    const told = async (answer: Response) => {
      const { status, headers } = answer
      const { requestId: _, ...body } = await bodyOf<Record<string, unknown>>(answer)
      return { status, challenge: headers.get('WWW-Authenticate'), body }
    }
    const wrong = await told(await signIn('ada', 'four other words together'))
    expect(wrong).toMatchObject({ status: 401, challenge: 'Bearer realm="isotherm"' })
    expect(await told(await signIn('nobody'))).toEqual(wrong)
  })

  it('is slowed after wrong passwords, for that person and for a while', async () => {
    await person('ben', 'viewer')
    await person('cleo', 'viewer')
    const statuses: number[] = []
    for (let i = 0; i < 10; i++) statuses.push((await signIn('ben', `wrong words ${i}`)).status)
    expect(statuses).toEqual([...Array<number>(8).fill(401), 429, 429])
    const slowed = await signIn('ben')
    expect(slowed.status).toBe(429)
    expect(Number(slowed.headers.get('Retry-After'))).toBeLessThanOrEqual(60)
    expect((await signIn('cleo')).status).toBe(200)
    clock.at += minute
    expect((await signIn('ben')).status).toBe(200)
    // Many at once are as many as one after the other.
    await person('bo', 'viewer')
    const tries = Array.from({ length: 30 }, (_, i) => signIn('bo', `wrong words ${i}`))
    const told = (await Promise.all(tries)).map(({ status }) => status)
    expect(told.filter((status) => status === 401)).toHaveLength(8)
    const long = await signIn('ben', 'x'.repeat(bounds.signInBytesMax))
    expect(long.status).toBe(413)
  })

  it('is of one tenant: who is called alike elsewhere is somebody else, and sees nothing of this', async () => {
    await personOf('far', 'ada', ['admin'])
    const body = { person: 'ada', password, tenant: 'far' }
    const session = await api.json('POST', '/api/v1/sign-in', { token: '', body })
    const { token } = session
    expect(await api.json('GET', '/api/v1/me', { token })).toMatchObject({ tenant: 'far' })
    const { items } = await api.json('GET', '/api/v1/people', { token })
    expect(items.map(({ id, createdBy }) => [id, createdBy])).toEqual([['ada', 'admin']])
    expect((await api.ask('PATCH', '/api/v1/people/ben', { token, body: {} })).status).toBe(404)
    const audit = await api.json('GET', '/api/v1/audit', { token })
    expect(audit.items.map(({ kind, by, seq }) => [kind, by, seq])).toEqual([['sign-in', 'ada', 0]])
    const nobodys = { ...body, tenant: 'made-up' }
    expect((await api.ask('POST', '/api/v1/sign-in', { token: '', body: nobodys })).status).toBe(
      401,
    )
    const tree = await evidenceTree(api.deps.ledger.db, 'made-up')
    expect(tree.size).toBe(0)
  })

  it('lasts an hour without use and a day in all', async () => {
    await person('dora', 'viewer')
    const [used, idle] = [await tokenOf('dora'), await tokenOf('dora')]
    for (let at = 0; at < 23; at++) {
      clock.at += 59 * minute
      expect(await statusOf('/api/v1/me', { token: used })).toBe(200)
    }
    expect(await statusOf('/api/v1/me', { token: idle })).toBe(401)
    clock.at += 59 * minute
    expect(await statusOf('/api/v1/me', { token: used })).toBe(200)
    clock.at += 25 * minute
    expect(await statusOf('/api/v1/me', { token: used })).toBe(401)
  })
})

describe('an account', () => {
  interface Made {
    password: string
    passwordUntil: string
    mustChange: boolean
    email: string | null
  }
  const make = (id: string, ...roles: string[]) =>
    api.ask('POST', '/api/v1/people', { body: { id, printedName: `${id} Example`, roles } })
  const change = (id: string, body: object, token = adminToken) =>
    api.ask('PATCH', `/api/v1/people/${id}`, { token, body })

  it('begins with a password that counts for some days and for nothing but another one', async () => {
    const made = await bodyOf<Made>(await make('Eva', 'operator'))
    expect(made).toMatchObject({ id: 'eva', mustChange: true })
    expect((await make('eva')).status).toBe(409)
    const token = await tokenOf('eva', made.password)
    expect(await api.json('GET', '/api/v1/me', { token })).toMatchObject({ mustChange: true })
    expect(await statusOf('/api/v1/alerts', { token })).toBe(403)
    const reset = await bodyOf<Made>(await change('eva', { resetPassword: true }))
    expect(reset.password).not.toBe(made.password)
    expect(await statusOf('/api/v1/me', { token })).toBe(401)
    clock.at = Date.parse(reset.passwordUntil)
    expect((await signIn('eva', reset.password)).status).toBe(401)
  })

  it('gets a password of its own, which ends its other sessions', async () => {
    await person('ivy', 'operator')
    await updatePerson(api.deps.ledger.db, { tenant: 'default', id: 'ivy' }, { mustChange: 1 })
    const [token, other] = [await tokenOf('ivy'), await tokenOf('ivy')]
    const choose = async (body: object) => api.ask('POST', '/api/v1/me/password', { token, body })
    const asked = { old: password, new: 'a wholly different sentence' }
    expect((await choose({ ...asked, old: 'four wrong words here' })).status).toBe(401)
    expect((await choose({ ...asked, new: 'Password1234' })).status).toBe(400)
    expect((await choose({ ...asked, new: password })).status).toBe(400)
    expect((await choose(asked)).status).toBe(204)
    expect(await statusOf('/api/v1/alerts', { token })).toBe(200)
    expect(await statusOf('/api/v1/me', { token: other })).toBe(401)
  })

  it('may do with its next request what its roles say now, and nothing once disabled', async () => {
    await person('finn', 'viewer')
    const token = await tokenOf('finn')
    const closing = { token, body: { value: 1 } }
    expect(await statusOf('/api/v1/webhooks/x/test', closing, 'POST')).toBe(403)
    expect((await change('finn', { roles: ['integration'], unit: 'F' })).status).toBe(200)
    expect(await statusOf('/api/v1/webhooks/x/test', closing, 'POST')).toBe(404)
    expect(await api.json('GET', '/api/v1/me', { token })).toMatchObject({ unit: 'F' })
    expect((await change('finn', { roles: ['root'] })).status).toBe(400)
    expect((await change('finn', { status: 'disabled' })).status).toBe(200)
    expect(await statusOf('/api/v1/me', { token })).toBe(401)
    expect((await signIn('finn')).status).toBe(401)
    expect((await change('finn', { status: 'active' })).status).toBe(200)
    expect((await signIn('finn')).status).toBe(200)
  })

  it('that was disabled hears no more of what happens', async () => {
    await person('jo', 'viewer')
    const token = await tokenOf('jo')
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const stream = await api.ask('GET', '/api/v1/stream', { token })
      const told = stream.text()
      vi.advanceTimersByTime(bounds.streamHeartbeatMs)
      await change('jo', { status: 'disabled' })
      vi.advanceTimersByTime(bounds.streamHeartbeatMs)
      // It ends by itself: all that it said can be read.
      expect(await told).toContain('hello')
    } finally {
      vi.useRealTimers()
    }
  })

  it('of the last administrator stays one, whoever asks', async () => {
    await person('gus', 'admin')
    const token = await tokenOf('gus')
    for (const body of [{ roles: ['viewer'] }, { status: 'disabled' }])
      expect((await change('gus', body, token)).status).toBe(409)
    await person('hal', 'admin', 'quality')
    expect((await change('gus', { roles: ['viewer'] }, token)).status).toBe(200)
    expect((await change('hal', { status: 'disabled' })).status).toBe(409)
    expect((await change('nobody', {})).status).toBe(404)
  })

  it('is never called as a key or the administrator is', async () => {
    for (const id of ['admin', 'Isotherm', 'key-0a', 'a', 'a b', '../x'])
      expect([id, (await make(id)).status]).toEqual([id, 400])
  })

  it('and a key are called by their names wherever their ids stand', async () => {
    await person('nora', 'quality')
    const made = await api.json<{ id: string; token: string }>('POST', '/api/v1/keys', {
      body: { name: 'Warehouse scanner', roles: ['quality'] },
    })
    const token = await tokenOf('nora')
    const { items } = await api.json<{ items: object[] }>('GET', '/api/v1/callers', { token })
    expect(items).toContainEqual({ id: 'nora', name: 'Dr. nora Example', kind: 'person' })
    expect(items).toContainEqual({ id: made.id, name: 'Warehouse scanner', kind: 'key' })
    expect(JSON.stringify(items)).not.toContain('@')
    const nameOf = async (who: string): Promise<unknown> =>
      (await api.json<{ name: unknown }>('GET', '/api/v1/me', { token: who })).name
    expect(await nameOf(made.token)).toBe('Warehouse scanner')
    expect(await nameOf(token)).toBe('Dr. nora Example')
    expect(await nameOf(adminToken)).toBe('admin')
    await person('otto', 'viewer')
    expect(await statusOf('/api/v1/callers', { token: await tokenOf('otto') })).toBe(403)
  })

  it('shows addresses to administrators only, and who there is to those who assign work', async () => {
    const list = (token: string) =>
      api.json<{ items: Made[] }>('GET', '/api/v1/people?limit=3', { token })
    const whole = await list(adminToken)
    expect(whole.items.map(({ email }) => email)).toContain('ada@example.org')
    const { items } = await list(await api.keyWith('quality'))
    expect(items.map(({ email }) => email)).toEqual([null, null, null])
    expect(JSON.stringify(whole)).not.toMatch(/scrypt|passwordHash/)
    const viewer = await api.keyWith('viewer')
    expect(await statusOf('/api/v1/people', { token: viewer })).toBe(403)
  })
})

describe('how people like to see things', () => {
  it('is as the organisation has it until they choose', async () => {
    const put = (body: object) => api.ask('PUT', '/api/v1/settings', { body })
    expect((await put({ language: 'fr', zone: 'Europe/Zurich' })).status).toBe(200)
    expect(await bodyOf(await put({ unit: 'F' }))).toMatchObject({
      ...{ changeControl: 'none', language: 'fr', zone: 'Europe/Zurich', unit: 'F' },
    })
    expect((await put({ zone: 'Mars/Olympus' })).status).toBe(400)
    const token = await tokenOf('ada')
    const patch = (body: object) => api.json('PATCH', '/api/v1/me', { token, body })
    expect(await patch({ zone: 'Asia/Tokyo' })).toMatchObject({
      ...{ language: 'de', zone: 'Asia/Tokyo', unit: 'F' },
    })
    expect(await patch({ zone: null, language: null })).toMatchObject({
      ...{ language: 'fr', zone: 'Europe/Zurich', own: { language: null, zone: null } },
    })
    expect(await api.json('GET', '/api/v1/me')).toMatchObject({
      ...{ kind: 'admin', printedName: null, zone: 'Europe/Zurich', signsWith: 'token' },
    })
    expect(await statusOf('/api/v1/me', { body: { unit: 'C' } }, 'PATCH')).toBe(409)
  })
})

describe('a signature', () => {
  /** A route of its own, as those that sign have. */
  const sign = async (token: string, given: Omit<Given, 'meaning' | 'reason'>) => {
    const app = new OpenAPIHono<Env>()
    app.onError((error, c) => answerError(error, c, () => undefined))
    app.use(identify(api.deps))
    app.post('/sign', async (c) => {
      const signed = { ...given, meaning: 'approval', reason: 'as agreed' }
      return c.json(await signerOf(api.deps, c, signed))
    })
    const headers = { Authorization: `Bearer ${token}` }
    const answer = await app.request('/sign', { method: 'POST', headers })
    return { status: answer.status, body: await bodyOf<Record<string, unknown>>(answer) }
  }
  const ada = { signer: 'ada', printedName: 'Dr. ada Example', authentication: 'password' }

  it('of a person is their password again; the printed name is that of the account', async () => {
    const token = await tokenOf('ada')
    const given = { password, printedName: 'Somebody Else' }
    expect(await sign(token, given)).toEqual({ status: 200, body: ada })
    expect(await sign(token, {})).toMatchObject({ status: 400 })
    // What is signed in already is no second component.
    expect(await sign(token, { token })).toMatchObject({ status: 400 })
  })

  it('with a wrong password is refused, slowed and written down; the session goes on', async () => {
    clock.at += 60 * minute
    const token = await tokenOf('ada')
    const wrong = await sign(token, { password: 'four wrong words here' })
    expect(wrong).toMatchObject({
      status: 401,
      body: { errors: [{ code: 'request/signature', path: '/password' }] },
    })
    expect(await statusOf('/api/v1/me', { token })).toBe(200)
    const statuses: number[] = []
    for (let i = 0; i < 9; i++) statuses.push((await sign(token, { password: 'wrong' })).status)
    expect(statuses.slice(-2)).toEqual([429, 429])
    expect((await sign(token, { password })).status).toBe(429)
    clock.at += minute
    expect((await sign(token, { password })).status).toBe(200)
  })

  it('of a key is its token again, and nobody else’s', async () => {
    const [mine, other] = [await api.keyWith('quality'), await api.keyWith('quality')]
    const signed = await sign(mine, { token: mine, printedName: 'Ada Example' })
    expect(signed.body).toMatchObject({ printedName: 'Ada Example', authentication: 'token' })
    expect((await sign(mine, { token: other })).status).toBe(403)
    expect((await sign(mine, { token: 'x' })).status).toBe(401)
    expect((await sign(adminToken, { token: adminToken })).body).toMatchObject({ signer: 'admin' })
    expect((await sign(mine, { password })).status).toBe(400)
  })
})

describe('the evidence', () => {
  interface Entry {
    seq: number
    kind: string
    by: string
    record: Record<string, unknown>
    leaf: string
    leafHash: string
    inclusion: { size: number; rootHash: string; proof: string[] }
  }
  const read = (query = '') =>
    api.json<{ items: Entry[]; next: string | null }>('GET', `/api/v1/audit${query}`)
  const exported = async () =>
    (await (await api.ask('GET', '/api/v1/audit/export')).text()).split('\n')

  it('holds who changed what and when, with the hash of the body and nothing of it', async () => {
    const token = await tokenOf('ada')
    const body = { name: 'told to nobody', roles: ['viewer'] }
    expect((await api.ask('POST', '/api/v1/keys', { token, body })).status).toBe(403)
    const made = await api.ask('POST', '/api/v1/keys', { body })
    const secret = (await bodyOf(made)).token
    const by = async (whom: string) => (await read(`?by=${whom}&kind=request&limit=1`)).items[0]!
    expect(await by('admin')).toMatchObject({
      record: {
        ...{ caller: 'admin', route: 'POST /api/v1/keys', path: '/api/v1/keys' },
        bodySha256: createHash('sha256').update(JSON.stringify(body)).digest('hex'),
        created: made.headers.get('Location'),
      },
    })
    expect(await by('ada')).toMatchObject({ record: { caller: 'person', status: 403 } })
    // Of a body with a password in it a quick hash would give the password away to who tries many.
    const { record: changed } = await by('ivy')
    expect(changed).toMatchObject({ route: 'POST /api/v1/me/password' })
    expect(changed).not.toHaveProperty('bodySha256')
    const { next, items } = await read('?limit=100')
    expect(next).toBeNull()
    expect(new Set(items.map(({ kind }) => kind))).toEqual(
      new Set([
        ...['sign-in', 'sign-in.refused', 'password.changed', 'person.created', 'person.changed'],
        ...['request', 'settings.changed', 'signature.refused'],
      ]),
    )
    const all = (await exported()).join('\n')
    for (const hidden of [secret, password, 'told to nobody', 'scrypt', 'session.', '@example.org'])
      expect(all).not.toContain(hidden)
    // What a stranger typed for a name may be a password.
    const stranger = items.find(
      ({ kind, by: whom }) => kind === 'sign-in.refused' && whom === 'unknown',
    )
    expect(stranger?.record).toEqual({})
  })

  it('does not grow by readings, by questions, or by what was refused for its form', async () => {
    const { head } = await api.json<SignedHead>('GET', '/api/v1/audit/head')
    await api.ask('POST', '/api/v1/devices', { body: { id: 'no spaces here' } })
    const readings = [{ time: '2026-03-01T12:00:00Z', temperature: 4 }]
    await api.ask('POST', '/api/v1/readings?device=d1', { body: readings })
    await api.ask('GET', '/api/v1/alerts')
    expect((await api.json<SignedHead>('GET', '/api/v1/audit/head')).head).toEqual(head)
    const token = await tokenOf('cleo')
    for (let i = 0; i < 40; i++) await api.ask('POST', '/api/v1/backups', { token })
    expect((await read('?by=cleo&kind=request&limit=100')).items.length).toBe(30)
  })

  it('is one list, whatever is asked at once, that a stranger can check', async () => {
    const before = await api.json<SignedHead>('GET', '/api/v1/audit/head')
    await Promise.all(
      Array.from({ length: 30 }, (_, number) =>
        api.ask('POST', '/api/v1/devices', { body: { id: `logger-${number}` } }),
      ),
    )
    const after = await api.json<SignedHead>('GET', '/api/v1/audit/head')
    const { size, rootHash: root } = after.head
    expect(size).toBe(before.head.size + 30)
    const entry = await api.json<Entry>('GET', `/api/v1/audit/${size - 7}`)
    expect(leafHashOf(entry.leaf)).toBe(entry.leafHash)
    const of = { leaf: entry.leafHash, index: size - 7, size, root }
    expect(provesInclusion(of, entry.inclusion.proof)).toBe(true)
    const grown = await api.json<{ fromRoot: string; proof: string[] }>(
      'GET',
      `/api/v1/audit/consistency?from=${before.head.size}&to=${size}`,
    )
    const then = { size: before.head.size, root: before.head.rootHash }
    expect(grown.fromRoot).toBe(then.root)
    expect(provesConsistency(then, { size, root }, grown.proof)).toBe(true)
    const published = await api.json<{ keys: { x: string }[] }>(
      'GET',
      '/.well-known/isotherm-keys/default',
      { token: '' },
    )
    const publicKey = published.keys[0]!.x
    const check = await checkAudit(await exported(), { kept: [before, after], publicKey })
    expect(check).toMatchObject({ faults: [], entries: size, root })
    expect(check.continues).toEqual([before.head.size, size])
  })

  it('refuses proofs of what is not there, and is for administrators and quality', async () => {
    const { size } = (await api.json<SignedHead>('GET', '/api/v1/audit/head')).head
    const paths = [`${size}`, `0?size=${size + 1}`, '3?size=3', `consistency?from=1&to=${size + 1}`]
    const statuses = await Promise.all(paths.map((path) => statusOf(`/api/v1/audit/${path}`, {})))
    expect(statuses).toEqual([404, 400, 400, 400])
    expect(await statusOf('/api/v1/audit', { token: await api.keyWith('quality') })).toBe(200)
    const operator = await api.keyWith('operator')
    expect(await statusOf('/api/v1/audit', { token: operator })).toBe(403)
  })
})
