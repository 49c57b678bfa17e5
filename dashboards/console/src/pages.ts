// Every page of the console: its address, its name, where it stands in the navigation, what one
// must be allowed to read, and the file that holds it, loaded when it is first opened. To add a
// page: one entry here, its name in words/titles.ts, one file in pages/.
import type { ComponentType } from 'preact'
import type { IconName } from './icons.tsx'
import { devicePages } from './pages-devices.ts'
import { qualityPages } from './pages-quality.ts'
import { settingsPages } from './pages-settings.ts'
import { matchPath, type Params, type Place } from './router.ts'
import type { TitleKey } from './words/titles.ts'

export interface PageProps {
  params: Params
  query: URLSearchParams
}

export const groups = ['logistics', 'quality', 'security', 'devices', 'scan', 'settings'] as const
export type Group = (typeof groups)[number]

export interface PageEntry {
  /** `alerts/:id`: `:name` takes one segment of the address. The first entry that fits counts. */
  path: string
  title: TitleKey
  group: Group
  /** In the navigation; without it the page is reached from others. */
  nav?: { icon: IconName; key?: string; phone?: boolean }
  /** Roles that may open it, as api/roles.ts has them; absent: everyone who is signed in. */
  roles?: readonly string[]
  load: () => Promise<{ default: ComponentType<PageProps> }>
}

export const pages: readonly PageEntry[] = [
  {
    path: 'overview',
    title: 'overview',
    group: 'logistics',
    nav: { icon: 'map', key: 'o', phone: true },
    load: () => import('./pages/overview.tsx'),
  },
  {
    path: 'shipments',
    title: 'shipments',
    group: 'logistics',
    nav: { icon: 'truck', key: 's', phone: true },
    load: () => import('./pages/shipments.tsx'),
  },
  {
    path: 'shipments/:container',
    title: 'shipment',
    group: 'logistics',
    load: () => import('./pages/shipment.tsx'),
  },
  {
    path: 'lanes',
    title: 'lanes',
    group: 'logistics',
    nav: { icon: 'lane', key: 'l' },
    load: () => import('./pages/lanes.tsx'),
  },
  {
    path: 'units',
    title: 'units',
    group: 'logistics',
    nav: { icon: 'box', key: 'u' },
    load: () => import('./pages/units.tsx'),
  },
  ...qualityPages,
  ...devicePages,
  ...settingsPages,
]

/** Where one lands. */
export const homePath = 'overview'

export interface Opened {
  entry: PageEntry
  params: Params
}

/** The page at a place; null when there is none. */
export function pageAt({ segments }: Pick<Place, 'segments'>): Opened | null {
  const wanted = segments.length === 0 ? [homePath] : segments
  for (const entry of pages) {
    const params = matchPath(entry.path, wanted)
    if (params) return { entry, params }
  }
  return null
}

/**
 * Brings the file of a page that is likely to be opened next, once the browser has nothing else to
 * do: whoever goes there then waits for nothing but its data.
 */
export function fetchAhead(path: string): void {
  const entry = pages.find((one) => one.path === path)
  // What is not there when the page is opened is asked for then, and its failure told.
  const fetchNow = (): void => void entry?.load().catch(() => undefined)
  if (typeof requestIdleCallback === 'function') requestIdleCallback(fetchNow)
  else setTimeout(fetchNow, 100)
}

/** Roles unknown (an access token of an older server): everything is shown, the server decides. */
export const mayOpen = (entry: PageEntry, roles: readonly string[] | null): boolean =>
  !entry.roles || roles === null || entry.roles.some((role) => roles.includes(role))
