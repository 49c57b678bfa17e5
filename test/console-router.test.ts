import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, matchPath, parsePlace } from '../dashboards/console/src/router.ts'
import { titles } from '../dashboards/console/src/words/titles.ts'

interface Entry {
  path: string
  title: keyof typeof titles.en
  nav?: { key?: string }
  roles?: readonly string[]
}
interface Registry {
  pages: readonly Entry[]
  homePath: string
  pageAt(place: { segments: readonly string[] }): { entry: Entry } | null
  mayOpen(entry: Entry, roles: readonly string[] | null): boolean
}
// Its pages are JSX, which only the console's own compiler options know.
const registry = '../dashboards/console/src/pages.ts'
const { pages, homePath, pageAt, mayOpen } = (await import(/* @vite-ignore */ registry)) as Registry

describe('addresses of the console', () => {
  it('lead back to the same place, whatever is in an id', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { maxLength: 4 }),
        fc.dictionary(fc.string({ minLength: 1 }), fc.string()),
        (segments, query) => {
          const place = parsePlace(addressOf(segments, query))
          expect(place.segments).toEqual(segments)
          expect(new Map(place.query)).toEqual(new Map(Object.entries(query)))
        },
      ),
    )
  })

  it('hold keys with slashes in one segment', () => {
    const epc = 'https://id.gs1.org/01/09521234543213/21/A%2F1'
    const { segments } = parsePlace(addressOf(['units', epc]))
    expect(matchPath('units/:epc', segments)).toEqual({ epc })
    expect(matchPath('units', segments)).toBeNull()
    expect(matchPath('devices/:id', segments)).toBeNull()
  })

  it('that cannot be decoded stay as they are instead of failing', () => {
    expect(parsePlace('#/alerts/%E0%A4%A').segments).toEqual(['alerts', '%E0%A4%A'])
    expect(parsePlace('').segments).toEqual([])
  })
})

describe('pages of the console', () => {
  it('are each reached by one address and one key only', () => {
    const paths = pages.map(({ path }) => path)
    expect(new Set(paths).size).toBe(paths.length)
    const keys = pages.flatMap(({ nav }) => (nav?.key ? [nav.key] : []))
    expect(new Set(keys).size).toBe(keys.length)
    for (const [index, { path }] of pages.entries()) {
      const segments = path.split('/').map((part) => part.replace(/^:/, 'one-'))
      expect(pages.indexOf(pageAt({ segments })!.entry), path).toBe(index)
    }
  })

  it('begin at a page that everybody may open, and say when there is none', () => {
    expect(pageAt({ segments: [] })?.entry.path).toBe(homePath)
    expect(mayOpen(pageAt({ segments: [] })!.entry, [])).toBe(true)
    expect(pageAt({ segments: ['nowhere', 'at', 'all'] })).toBeNull()
  })

  it('have names, and open only to their roles once these are known', () => {
    for (const entry of pages) {
      expect(titles.en[entry.title]).toBeTruthy()
      if (!entry.roles) continue
      expect(mayOpen(entry, null)).toBe(true)
      expect(mayOpen(entry, ['nobody'])).toBe(false)
      expect(mayOpen(entry, [entry.roles[0]!])).toBe(true)
    }
  })
})
