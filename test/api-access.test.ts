import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digitalLinkPaths } from '../api/resolver.ts'
import { rolesFor } from '../api/roles.ts'
import { type Api, adminToken, bodyOf, openApi } from './api-app.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

/** Reached without a token; everything else must ask for one. */
const publicPaths = [
  '/livez',
  '/readyz',
  '/openapi.json',
  '/docs',
  ...digitalLinkPaths,
  '/.well-known/gs1resolver',
  '/.well-known/isotherm-keys/:tenant',
  '/api/v1/verify/:link',
  '/api/v1/sign-in',
  '/*',
]

const routes = () =>
  api.app.routes.filter(({ method, path }) => method !== 'ALL' && !publicPaths.includes(path))
const filled = (path: string): string => path.replaceAll(/:\w+/g, 'x1')

describe('default deny (I8)', () => {
  it('answers 401 with a challenge on every route that is not public', async () => {
    expect(routes().length).toBeGreaterThan(25)
    for (const { method, path } of routes()) {
      const answer = await api.ask(method, filled(path), { token: '' })
      expect(`${method} ${path} ${answer.status}`).toBe(`${method} ${path} 401`)
      expect(answer.headers.get('WWW-Authenticate')).toMatch(/^Bearer /)
      expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    }
  })

  it('answers 403 on every such route to a key without roles, and to one with unknown roles', async () => {
    const tokens = [await api.keyWith(), await api.keyWith('root', 'Admin')]
    for (const token of tokens)
      for (const { method, path } of routes()) {
        const answer = await api.ask(method, filled(path), { token })
        expect(`${method} ${path} ${answer.status}`).toBe(`${method} ${path} 403`)
      }
  })

  it('closes paths below the API that do not exist yet', async () => {
    expect((await api.ask('GET', '/api/v1/nothing', { token: '' })).status).toBe(401)
    expect((await api.ask('GET', '/api/v1/nothing')).status).toBe(404)
  })

  it('refuses wrong tokens, other schemes and tokens in the URL', async () => {
    const headers = [
      `Bearer ${adminToken}x`,
      `Bearer ${adminToken.slice(1)}`,
      `Basic ${adminToken}`,
      adminToken,
      'Bearer ',
      `Bearer ${adminToken} ${adminToken}`,
    ]
    for (const Authorization of headers) {
      const answer = await api.app.request('/api/v1/alerts', { headers: { Authorization } })
      expect(answer.status).toBe(401)
    }
    expect((await api.app.request(`/api/v1/alerts?token=${adminToken}`)).status).toBe(401)
  })

  it('lets a viewer read and not write, and only administrators make keys', async () => {
    const viewer = await api.keyWith('viewer')
    expect((await api.ask('GET', '/api/v1/alerts', { token: viewer })).status).toBe(200)
    const body = { id: 'v1' }
    const post = await api.ask('POST', '/api/v1/devices', { token: viewer, body })
    expect(post.status).toBe(403)
    expect(rolesFor('keys', 'write')).toEqual(['admin'])
    for (const role of ['operator', 'quality', 'engineer', 'integration', 'viewer']) {
      const answer = await api.ask('GET', '/api/v1/keys', { token: await api.keyWith(role) })
      expect(answer.status).toBe(403)
    }
  })

  it('kills a revoked key with its next request and drops its connections', async () => {
    const made = await api.json('POST', '/api/v1/keys', { body: { name: 'k', roles: ['viewer'] } })
    const token = made.token
    expect((await api.ask('GET', '/api/v1/alerts', { token })).status).toBe(200)
    expect((await api.ask('DELETE', `/api/v1/keys/${made.id}`)).status).toBe(204)
    expect((await api.ask('GET', '/api/v1/alerts', { token })).status).toBe(401)
    expect(api.disconnected).toContain(made.id)
  })

  it('lets a device speak of itself only', async () => {
    const one = await api.json('POST', '/api/v1/devices', { body: { id: 'own' } })
    await api.ask('POST', '/api/v1/devices', { body: { id: 'other' } })
    const token = one.token
    const status = async (path: string): Promise<number> =>
      (await api.ask('GET', path, { token })).status
    expect(await status('/api/v1/devices/own')).toBe(200)
    expect(await status('/api/v1/devices/own/refusals')).toBe(200)
    expect(await status('/api/v1/readings')).toBe(200)
    expect(await status('/api/v1/readings?device=own')).toBe(200)
    expect(await status('/api/v1/readings?device=other')).toBe(403)
    expect(await status('/api/v1/readings?device=own&device=other')).toBe(400)
    expect(await status('/api/v1/devices/other')).toBe(403)
    expect(await status('/api/v1/devices/other/refusals')).toBe(403)
    expect(await status('/api/v1/refusals')).toBe(403)
    expect(await status('/api/v1/refusals?device=own')).toBe(200)
    expect(await status('/api/v1/devices')).toBe(403)
    expect(await status('/api/v1/alerts')).toBe(403)
    expect(await status('/api/v1/stream')).toBe(403)
    const body = [{ time: '2026-03-01T12:00:00Z', temperature: 4 }]
    const post = await api.ask('POST', '/api/v1/readings?device=other', { token, body })
    expect(post.status).toBe(403)
    expect((await api.ask('POST', '/api/v1/readings', { token, body })).status).toBe(202)
    const rotated = await api.json('POST', '/api/v1/devices/own/token')
    expect(await status('/api/v1/devices/own')).toBe(401)
    const again = await api.ask('GET', '/api/v1/devices/own', { token: rotated.token })
    expect(again.status).toBe(200)
  })

  it('shows nothing of one tenant to another', async () => {
    const { ledger } = api.deps
    const { hashToken, insertKey } = await import('../store/ledger/registry.ts')
    const key = { id: 'far', tenant: 'far', name: 'far', roles: ['admin'], createdAt: 0 }
    await insertKey(ledger.db, key, hashToken('token-of-another-tenant'))
    const token = 'token-of-another-tenant'
    await api.ask('POST', '/api/v1/devices', { body: { id: 'near' } })
    expect((await api.ask('GET', '/api/v1/devices/near', { token })).status).toBe(404)
    for (const noun of [
      'devices',
      'keys',
      'people',
      'products',
      'alerts',
      'refusals',
      'shipments',
    ]) {
      const { items } = await api.json('GET', `/api/v1/${noun}`, { token })
      expect(items.every((item) => item.id === 'far')).toBe(true)
    }
  })
})

describe('problems and the description', () => {
  it('describes every route in OpenAPI 3.1, with the roles that may', async () => {
    const document = await api.json<{
      openapi: string
      paths: Record<string, Record<string, object>>
    }>('GET', '/openapi.json', { token: '' })
    expect(document.openapi).toBe('3.1.0')
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const own = new Set(
      api.app.routes
        .filter(({ method, path }) => method !== 'ALL' && path !== '/*')
        .filter(({ path }) => path !== '/openapi.json' && path !== '/docs')
        .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    )
    expect(described.sort()).toEqual([...own].sort())
    expect(document.paths['/api/v1/products/{gtin}']?.put).toMatchObject({
      'x-roles': ['admin', 'quality'],
      security: [{ bearer: [] }],
    })
  })

  it('has a page for people that needs nothing from elsewhere', async () => {
    const page = await (await api.ask('GET', '/docs', { token: '' })).text()
    expect(page).toContain('/api/v1/alerts/{id}/serials')
    expect(page).not.toMatch(/<script|https?:\/\/(?!id\.gs1|ref\.gs1|www\.w3)[^"<]*\.(js|css)/)
  })

  it('tells 404 from 405 and names the methods that would do', async () => {
    const wrong = await api.ask('POST', '/api/v1/alerts', { body: {} })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('Allow')).toBe('GET')
    const nowhere = await api.ask('GET', '/nowhere', { token: '' })
    expect(nowhere.status).toBe(404)
    expect(await bodyOf(nowhere)).toMatchObject({
      type: 'about:blank',
      status: 404,
      instance: '/nowhere',
      errors: [{ code: 'request/not-found' }],
    })
  })

  it('keeps silent about failures nobody foresaw, and reports them', async () => {
    const broken = await openApi({ metrics: () => Promise.reject(new Error('secret detail')) })
    const answer = await broken.ask('GET', '/metrics')
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    expect(broken.reported).toHaveLength(1)
    await broken.close()
  })

  it('sets the security headers on answers and refusals', async () => {
    for (const path of ['/', '/docs', '/api/v1/alerts', '/nowhere']) {
      const { headers } = await api.ask('GET', path)
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('Content-Security-Policy')).toMatch(/default-src '(none|self)'/)
      expect(headers.get('Access-Control-Allow-Origin')).toBeNull()
    }
  })
})

describe('tenants', () => {
  it('are kept apart below the routes as well: each asks the ledger of its caller’s tenant', () => {
    // Those who sign in have no tenant yet.
    const strangers = ['identity', 'deps', 'strangers', 'published-keys', 'sessions']
    const routes = readdirSync('api', { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !strangers.includes(basename(file, '.ts')),
    )
    const whole = /deps\.ledger|[{,] ledger\b[^}]*\}: Deps|ledger[^}]*\} = deps/
    const asking = routes.filter((file) => whole.test(readFileSync(`api/${file}`, 'utf8')))
    expect(asking).toEqual([])
  })
})
