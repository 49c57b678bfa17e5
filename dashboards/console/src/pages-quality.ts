// The pages of quality and security people, as pages.ts wants them. What api/roles.ts lets only
// some roles read is opened by these only.
import type { PageEntry } from './pages.ts'

const staff = ['admin', 'operator', 'quality', 'engineer', 'integration']
const deciders = ['admin', 'quality']

export const qualityPages: readonly PageEntry[] = [
  {
    path: 'alerts',
    title: 'alerts',
    group: 'quality',
    nav: { icon: 'inbox', key: 'a', phone: true },
    load: () => import('./pages/inbox.tsx'),
  },
  {
    path: 'alerts/:id',
    title: 'alert',
    group: 'quality',
    load: () => import('./pages/alert.tsx'),
  },
  {
    path: 'alerts/:id/decide',
    title: 'decide',
    group: 'quality',
    roles: deciders,
    load: () => import('./pages/decide.tsx'),
  },
  {
    path: 'recalls/:id/decide',
    title: 'decide',
    group: 'quality',
    roles: deciders,
    load: () => import('./pages/decide.tsx'),
  },
  {
    path: 'dispositions',
    title: 'dispositions',
    group: 'quality',
    roles: staff,
    nav: { icon: 'pen', key: 'd' },
    load: () => import('./pages/dispositions.tsx'),
  },
  {
    path: 'dispositions/:id',
    title: 'disposition',
    group: 'quality',
    roles: staff,
    load: () => import('./pages/disposition.tsx'),
  },
  {
    path: 'units/:epc',
    title: 'unit',
    group: 'quality',
    load: () => import('./pages/unit.tsx'),
  },
  {
    path: 'investigations',
    title: 'investigations',
    group: 'quality',
    roles: staff,
    nav: { icon: 'book', key: 'i' },
    load: () => import('./pages/investigations.tsx'),
  },
  {
    path: 'investigations/:id',
    title: 'investigation',
    group: 'quality',
    roles: staff,
    load: () => import('./pages/investigation.tsx'),
  },
  {
    path: 'recalls',
    title: 'recalls',
    group: 'quality',
    nav: { icon: 'recall', key: 'r' },
    load: () => import('./pages/recalls.tsx'),
  },
  {
    path: 'recalls/:id',
    title: 'recall',
    group: 'quality',
    load: () => import('./pages/recall.tsx'),
  },
  {
    path: 'back-tests',
    title: 'backTests',
    group: 'quality',
    nav: { icon: 'flask', key: 'b' },
    load: () => import('./pages/back-tests.tsx'),
  },
  {
    path: 'back-tests/:gtin/:id',
    title: 'backTest',
    group: 'quality',
    load: () => import('./pages/back-test.tsx'),
  },
  {
    path: 'cases',
    title: 'cases',
    group: 'security',
    roles: staff,
    nav: { icon: 'shield', key: 'c' },
    load: () => import('./pages/cases.tsx'),
  },
  {
    path: 'cases/:id',
    title: 'case',
    group: 'security',
    roles: staff,
    load: () => import('./pages/case.tsx'),
  },
]
