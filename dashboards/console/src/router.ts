// Where the reader is: the part of the address after `#`, as segments and a query. Pure but for
// `place`, which follows the address bar. Knows no page: pages.ts says which pattern is which.
import { signal } from '@preact/signals'

export interface Place {
  /** Decoded, without empty ones. */
  segments: readonly string[]
  query: URLSearchParams
}

export type Params = Readonly<Record<string, string>>

export const place = signal<Place>({ segments: [], query: new URLSearchParams() })

/** Keeps `place` in step with the address bar for as long as the page lives. */
export function followAddress(): void {
  const read = (): void => {
    place.value = parsePlace(location.hash)
  }
  addEventListener('hashchange', read)
  read()
}

/** `#/alerts/a%2Fb?show=all`; what cannot be decoded stays as it is. */
export function parsePlace(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#/, '').split(/\?(.*)/s)
  const segments = path.split('/').filter((part) => part !== '')
  return { segments: segments.map(decode), query: new URLSearchParams(search) }
}

/** Values of `:names` of a pattern like `alerts/:id`, or null when the segments do not fit. */
export function matchPath(pattern: string, segments: readonly string[]): Params | null {
  const parts = pattern.split('/').filter((part) => part !== '')
  if (parts.length !== segments.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    const segment = segments[index]!
    if (part.startsWith(':')) params[part.slice(1)] = segment
    else if (part !== segment) return null
  }
  return params
}

/** `#/alerts/a%2Fb`: the address of a page, for links. */
export function addressOf(
  segments: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) search.set(name, value)
  const path = `#/${segments.map(encodeURIComponent).join('/')}`
  return search.size > 0 ? `${path}?${search}` : path
}

/** Goes there; `replace` leaves no step to come back to (filters, choices within a page). */
export function goTo(address: string, { replace = false } = {}): void {
  if (!replace) {
    location.hash = address
    return
  }
  history.replaceState(null, '', address)
  place.value = parsePlace(location.hash)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
