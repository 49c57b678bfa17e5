import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, type AskOptions, bodyOf, gtin, openApi, pallet } from './api-app.ts'

let api: Api
beforeAll(async () => {
  api = await openApi({ strangers: { tenant: 'default', proxies: [], resolverUrl: root } })
})
afterAll(() => api.close())

const root = 'https://id.example.com'
const voc = (word: string): string => `https://ref.gs1.org/voc/${word}`
const product = `https://id.gs1.org/01/${gtin}`

let visitors = 0
const visit = async (
  path: string,
  { method = 'GET', headers = {} }: AskOptions & { method?: string } = {},
): Promise<Response> =>
  api.app.request(
    path,
    { method, headers },
    { incoming: { socket: { remoteAddress: `10.0.${++visitors >> 8}.${visitors & 255}` } } },
  )
const location = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await visit(path, { headers })
  return [answer.status, answer.headers.get('Location')]
}
const put = async (key: string, links: object[], more = {}): Promise<Response> =>
  api.ask('PUT', `/api/v1/links/${encodeURIComponent(key)}`, { body: { links, ...more } })
interface Linkset {
  linkset: ({ anchor: string } & Record<string, { href: string; title: string }[]>)[]
}

const pip = { linkType: 'gs1:pip', title: 'Product' }
const page = (language: string, more = {}) => ({
  ...pip,
  href: `https://brand.example/${language}/{gtin}`,
  hreflang: [language],
  type: 'text/html',
  ...more,
})

describe('a resolver', () => {
  beforeAll(async () => {
    const stored = [
      await put(
        product,
        [
          { ...pip, href: 'https://brand.example/p/{gtin}?from=code#top', isDefault: true },
          page('de'),
          page('fr', { context: ['CH'] }),
          { linkType: 'gs1:hasRetailers', href: 'https://shop.example/', title: 'Shops' },
          { linkType: 'gs1:recallStatus', href: 'https://brand.example/r/{lot}', title: 'Recalls' },
        ],
        { description: 'Vaccine' },
      ),
      await put(`${product}/10/L1`, [
        { linkType: 'gs1:certificationInfo', href: 'https://brand.example/c/{lot}', title: 'Lot' },
      ]),
      await put(`${product}/21/S1`, [
        { ...pip, href: 'https://brand.example/unit/{serial}', isDefault: true, passQuery: false },
      ]),
      await put(pallet, [{ ...pip, href: 'https://brand.example/{key}', isDefault: true }]),
    ]
    expect(stored.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  })

  it('redirects to the default link and hands the query on, before the fragment', async () => {
    const base = `https://brand.example/p/${gtin}?from=code`
    expect(await location(`/01/${gtin}`)).toEqual([307, `${base}#top`])
    expect(await location(`/01/${gtin}?17=271231&a=b%20c`)).toEqual([
      307,
      `${base}&17=271231&a=b%20c#top`,
    ])
    const sscc = pallet.split('/').at(-1)
    expect(await location(`/00/${sscc}`)).toEqual([307, `https://brand.example/${sscc}`])
  })

  it('walks up from the serial to the lot to the product, as the link names them', async () => {
    expect(await location(`/01/${gtin}/21/S1?x=1`)).toEqual([307, 'https://brand.example/unit/S1'])
    expect((await location(`/01/${gtin}/10/L1/21/S1`))[1]).toBe('https://brand.example/unit/S1')
    expect((await location(`/01/${gtin}/21/S2`))[1]).toContain(`/p/${gtin}`)
    const certificate = '?linkType=gs1:certificationInfo'
    expect((await location(`/01/${gtin}/10/L1/21/S2${certificate}`))[1]).toBe(
      `https://brand.example/c/L1${certificate}`,
    )
    expect((await location(`/01/${gtin}/21/S2${certificate}`))[0]).toBe(404)
  })

  it('finds link types by CURIE, word and URI, old and new, and says 404 for others', async () => {
    for (const type of [
      'gs1:hasRetailers',
      'hasRetailers',
      voc('hasRetailers'),
      'https://gs1.org/voc/hasRetailers',
    ])
      expect((await location(`/01/${gtin}?linkType=${encodeURIComponent(type)}`))[1]).toMatch(
        /^https:\/\/shop\.example\/\?linkType=/,
      )
    expect((await location(`/01/${gtin}?linkType=gs1:menuInfo`))[0]).toBe(404)
    expect((await location(`/01/${gtin}?linkType=%3Cscript%3E`))[0]).toBe(400)
    // A template that the link does not fill leads nowhere.
    expect((await location(`/01/${gtin}?linkType=gs1:recallStatus`))[0]).toBe(404)
    expect((await location(`/01/${gtin}/10/L9?linkType=gs1:recallStatus`))[1]).toContain('/r/L9?')
  })

  it('chooses by context, language and media type', async () => {
    const chosen = async (more: string, headers: Record<string, string>) =>
      String((await location(`/01/${gtin}?linkType=gs1:pip${more}`, headers))[1]).slice(21, 24)
    expect(await chosen('', { 'Accept-Language': 'de-AT,de;q=0.9,en;q=0.1' })).toBe('/de')
    expect(await chosen('', { 'Accept-Language': 'en' })).toBe('/p/')
    expect(await chosen('', {})).toBe('/p/')
    expect(await chosen('&context=CH', { 'Accept-Language': 'de' })).toBe('/fr')
    expect(await chosen('&context=XX', { 'Accept-Language': 'fr' })).toBe('/p/')
  })

  it('lists all links of all levels as a linkset, by linkType and by Accept', async () => {
    const path = `/01/${gtin}/10/L1/21/S1`
    for (const answer of [
      await visit(`${path}?linkType=linkset`),
      await visit(`${path}?linkType=all`),
      await visit(path, { headers: { Accept: 'application/linkset+json' } }),
    ]) {
      expect(answer.status).toBe(200)
      expect(answer.headers.get('Content-Type')).toBe('application/linkset+json')
      expect(answer.headers.get('Link')).toContain(
        '<https://ref.gs1.org/standards/resolver/linkset-context>; rel="http://www.w3.org/ns/json-ld#context"',
      )
      const { linkset } = await bodyOf<Linkset>(answer)
      expect(linkset.map(({ anchor }) => anchor)).toEqual([
        `${product}/21/S1`,
        `${product}/10/L1`,
        product,
      ])
      expect(linkset[2]![voc('pip')]).toHaveLength(3)
      expect(linkset[2]![voc('defaultLink')]).toEqual([
        { href: `https://brand.example/p/${gtin}?from=code#top`, title: 'Product' },
      ])
      for (const context of linkset)
        for (const [type, targets] of Object.entries(context)) {
          if (typeof targets === 'string') continue
          expect(type).toMatch(/^https:\/\/ref\.gs1\.org\/voc\/\w+$/)
          for (const { href, title } of targets) {
            expect(URL.canParse(href)).toBe(true)
            expect(title).not.toBe('')
          }
        }
    }
  })

  it('tells of the linkset with every answer, lets every page ask, and has HEAD and OPTIONS', async () => {
    const answer = await visit(`/01/${gtin}`, { method: 'HEAD' })
    expect(answer.status).toBe(307)
    expect(answer.headers.get('Link')).toBe(
      `<${root}/01/${gtin}?linkType=linkset>; rel="linkset"; type="application/linkset+json"`,
    )
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const options = await visit(`/01/${gtin}/21/S1`, { method: 'OPTIONS' })
    expect(options.status).toBe(204)
    expect(options.headers.get('Access-Control-Allow-Methods')).toBe('GET, HEAD, OPTIONS')
    const post = await visit(`/01/${gtin}`, { method: 'POST' })
    expect([post.status, post.headers.get('Allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })

  it('describes itself', async () => {
    const answer = await visit('/.well-known/gs1resolver')
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const file = await bodyOf<{ resolverRoot: string; supportedPrimaryKeys: string[] }>(answer)
    expect(file.resolverRoot).toBe(root)
    expect(file.supportedPrimaryKeys).toContain('8004')
  })

  it('takes every key there is, old names and a slash at the end', async () => {
    const paths = [
      ...[`/01/${gtin}/22/2A/10/L1/21/S1`, '/00/106141412345678908', '/414/9521234543213/254/a'],
      ...['/417/9521234543213', '/8003/09521234543213R1', '/8004/952123400001'],
      ...['/253/9521234543213X', '/255/9521234543213', '/401/9521234X', '/402/95212345432106789'],
      ...['/8010/9521234X/8011/12', '/8017/952123454321000010', `/gtin/${gtin}/ser/S1`],
      ...[`/01/${gtin}/`, `/01/${gtin.slice(1)}`],
    ]
    for (const path of paths) {
      const answer = await visit(path)
      const body = answer.status < 400 ? '' : await answer.text()
      expect([path, /check digit/.test(body) ? 400 : answer.status]).not.toEqual([path, 404])
      expect(`${path} ${body.includes('gs1/check-digit') ? '' : body}`).toBe(`${path} `)
    }
  })

  it('refuses what is no key with the reason and the place', async () => {
    const wrong = await visit('/01/09521234543214/21/S1')
    expect(wrong.status).toBe(400)
    expect(await bodyOf(wrong)).toMatchObject({
      errors: [{ code: 'gs1/check-digit', path: 'path', at: 17 }],
    })
    for (const path of [
      `/01/${gtin}/21/S1/10/L1`,
      `/01/${gtin}/99/x`,
      `/01/${gtin}/21/${'x'.repeat(21)}`,
      `/01/${gtin}/21/%3Cimg%20src=x%3E`,
      `/01/${gtin}?17=279999`,
      '/01/',
    ]) {
      const answer = await visit(path)
      expect([path, answer.status]).toEqual([path, 400])
      expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    }
  })
})

describe('keys without links', () => {
  const other = '/01/09521234543220/21/X1'

  it('tells a person with a misread code so on a page in their language, and programs why', async () => {
    const headers = { Accept: 'text/html,*/*;q=0.8', 'Accept-Language': 'de' }
    const wrong = await visit('/01/09521234543214/21/S1', { headers })
    expect(wrong.status).toBe(400)
    expect(wrong.headers.get('content-type')).toMatch(/^text\/html/)
    const text = await wrong.text()
    expect(text).toContain('<html lang="de"')
    expect(text).not.toMatch(/<script|09521234543214/)
    expect(text.length).toBeLessThan(50_000)
    const link = await visit('/01/09521234543213/21/S1?linkType=none', { headers })
    expect(link.headers.get('content-type')).toBe('application/problem+json')
  })

  it('send a browser to the page of verification and tell others what there is', async () => {
    const browser = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    const target = `/api/v1/verify/${encodeURIComponent(`https://id.gs1.org${other}`)}`
    expect(await location(other, browser)).toEqual([307, target])
    expect(await location(`${other}?linkType=verificationService`)).toEqual([307, target])
    const shown = await visit(target, { headers: browser })
    expect([shown.status, await shown.text()]).toEqual([
      200,
      expect.stringContaining('This code is not known'),
    ])
    expect((await visit(other)).status).toBe(200)
  })

  it('tell a browser that a code of many packages is none of a single one, and programs the links', async () => {
    const headers = { Accept: 'text/html,*/*;q=0.8', 'Accept-Language': 'fr' }
    for (const path of ['/01/09521234543220', '/01/09521234543220/10/L7']) {
      const page = await visit(path, { headers })
      expect([page.status, page.headers.get('content-type')]).toEqual([
        200,
        expect.stringMatching(/^text\/html/),
      ])
      expect(await page.text()).toContain('pas celui d’un seul emballage')
      // As the buttons of the page ask.
      const chosen = await visit(`${path}?language=es`, { headers })
      expect(await chosen.text()).toContain('no es de un solo envase')
      const links = await visit(`${path}?linkType=linkset`, { headers })
      expect(links.headers.get('content-type')).toContain('linkset+json')
      expect((await visit(path)).headers.get('content-type')).toContain('linkset+json')
    }
  })
})

describe('links', () => {
  it('are read, listed and removed; each PUT takes the place of what was there', async () => {
    const key = '(01)09521234543237(21)Q1'
    await put(key, [{ ...pip, href: 'https://a.example/' }])
    await put(key, [{ ...pip, href: 'https://b.example/' }])
    const path = `/api/v1/links/${encodeURIComponent(key)}`
    const anchor = 'https://id.gs1.org/01/09521234543237/21/Q1'
    expect(await api.json('GET', path)).toMatchObject({
      anchor,
      links: [{ linkType: voc('pip'), href: 'https://b.example/' }],
    })
    const { items } = await api.json('GET', '/api/v1/links?limit=100')
    expect(items.map((item) => item.anchor)).toContain(anchor)
    expect((await api.ask('DELETE', path)).status).toBe(204)
    expect((await api.ask('DELETE', path)).status).toBe(404)
    expect((await api.ask('GET', path)).status).toBe(404)
  })

  it('lead to https addresses only, with templates that exist and none in the host', async () => {
    const wrong = [
      ...[
        'http://a.example/',
        'javascript:alert(1)',
        '//a.example/',
        'https:/a.example',
        'https://',
      ],
      ...['https://{gtin}.example/', 'https://user:x@a.example/', 'https://a.example/{nothing}'],
      ...['https://a.example/<b>', 'https://a.example/\r\nSet-Cookie: x', 'https://a.example\\@b/'],
      ...['https://a.example/{gtin', ''],
    ]
    for (const href of wrong) {
      const answer = await put(product, [{ ...pip, href }])
      expect([href, answer.status]).toEqual([href, 400])
    }
    const types = ['gs1:defaultLink', 'x y', 'javascript:x']
    for (const linkType of types)
      expect((await put(product, [{ ...pip, linkType, href: 'https://a.example/' }])).status).toBe(
        400,
      )
  })

  it('never lead anywhere that was not stored, whatever a scan says', async () => {
    await put('(01)09521234543244', [
      { ...pip, href: 'https://a.example/{gtin}/{serial}?s={serial}', isDefault: true },
      { ...pip, href: 'https://a.example/plain', isDefault: true },
    ])
    await fc.assert(
      fc.asyncProperty(
        fc.string({
          unit: fc.constantFrom(...'aZ09!"%&\'()*+,-./:;<=>?_'),
          minLength: 1,
          maxLength: 20,
        }),
        fc.string({ maxLength: 30 }),
        async (serial, query) => {
          // No URI path can hold these two as a part (RFC 3986 §5.2.4): they are steps.
          fc.pre(serial !== '.' && serial !== '..')
          const path = `/01/09521234543244/21/${encodeURIComponent(serial)}`
          const answer = await visit(`${path}?q=${encodeURIComponent(query)}`)
          expect(answer.status).toBe(307)
          const target = new URL(answer.headers.get('Location')!)
          expect(target.origin).toBe('https://a.example')
          expect(target.username).toBe('')
        },
      ),
      { numRuns: 50 },
    )
  })
})
