// The pages of loggers and of scanning, as pages.ts wants them. What api/roles.ts lets only some
// roles do is opened by these only.
import type { PageEntry } from './pages.ts'

export const devicePages: readonly PageEntry[] = [
  {
    path: 'devices',
    title: 'loggers',
    group: 'devices',
    nav: { icon: 'sensor', key: 'v' },
    load: () => import('./pages/devices.tsx'),
  },
  {
    path: 'devices/:id/board',
    title: 'device',
    group: 'devices',
    load: () => import('./pages/alerts.tsx'),
  },
  {
    path: 'devices/:id',
    title: 'device',
    group: 'devices',
    load: () => import('./pages/device.tsx'),
  },
  {
    path: 'playground',
    title: 'playground',
    group: 'devices',
    roles: ['admin', 'engineer', 'integration'],
    nav: { icon: 'flask', key: 'y' },
    load: () => import('./pages/playground.tsx'),
  },
  {
    path: 'lab',
    title: 'lab',
    group: 'devices',
    roles: ['admin', 'engineer'],
    nav: { icon: 'check' },
    load: () => import('./pages/lab.tsx'),
  },
  {
    path: 'scan',
    title: 'scanUnit',
    group: 'scan',
    nav: { icon: 'scan', key: 'n', phone: true },
    load: () => import('./pages/scan.tsx'),
  },
  {
    path: 'scanner-test',
    title: 'scannerTest',
    group: 'scan',
    nav: { icon: 'check' },
    load: () => import('./pages/scanner-test.tsx'),
  },
]
