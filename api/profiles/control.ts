// How profiles change: ready rule sets to begin with, tested against what is stored, proposed,
// signed; and what a tenant asks of it.

import type { Deps } from '../deps.ts'
import { nounApp } from '../route.ts'
import { settings } from '../settings.ts'
import { backTests } from './back-tests.ts'
import { profileChanges } from './changes.ts'
import { ruleSetList } from './rule-sets.ts'

export function profileControl(deps: Deps) {
  const app = nounApp()
  app.route('/', ruleSetList())
  app.route('/', backTests(deps))
  app.route('/', profileChanges(deps))
  app.route('/', settings(deps))
  return app
}
