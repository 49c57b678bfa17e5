// The settings pages, as pages.ts wants them. What api/roles.ts lets only some roles read is opened
// by these only.
import type { PageEntry } from './pages.ts'

export const settingsPages: readonly PageEntry[] = [
  {
    path: 'products',
    title: 'products',
    group: 'settings',
    nav: { icon: 'tag', key: 'q' },
    load: () => import('./pages/products.tsx'),
  },
  {
    path: 'products/:gtin',
    title: 'product',
    group: 'settings',
    load: () => import('./pages/product.tsx'),
  },
  {
    path: 'places',
    title: 'places',
    group: 'settings',
    nav: { icon: 'pin', key: 'e' },
    load: () => import('./pages/places.tsx'),
  },
  {
    path: 'places/:id',
    title: 'placeOne',
    group: 'settings',
    load: () => import('./pages/place.tsx'),
  },
  {
    path: 'people',
    title: 'people',
    group: 'settings',
    roles: ['admin', 'operator', 'quality'],
    nav: { icon: 'people' },
    load: () => import('./pages/people.tsx'),
  },
  {
    path: 'organisation',
    title: 'organisation',
    group: 'settings',
    nav: { icon: 'shield' },
    load: () => import('./pages/organisation.tsx'),
  },
  {
    path: 'notifications',
    title: 'notifications',
    group: 'settings',
    roles: ['admin', 'operator', 'quality', 'engineer', 'integration'],
    nav: { icon: 'bell' },
    load: () => import('./pages/notifications.tsx'),
  },
  {
    path: 'audit',
    title: 'audit',
    group: 'settings',
    roles: ['admin', 'quality'],
    nav: { icon: 'book', key: 'j' },
    load: () => import('./pages/audit.tsx'),
  },
  {
    path: 'preferences',
    title: 'preferences',
    group: 'settings',
    nav: { icon: 'sliders', key: 'p' },
    load: () => import('./pages/preferences.tsx'),
  },
]
