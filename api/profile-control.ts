// How profiles change: ready rule sets to begin with, tested against what is stored, proposed,
// signed; and what a tenant asks of it.
import { backTests } from './back-tests.ts'
import type { Deps } from './deps.ts'
import { profileChanges } from './profile-changes.ts'
import { nounApp } from './route.ts'
import { ruleSetList } from './rule-sets.ts'
import { settings } from './settings.ts'

export function profileControl(deps: Deps) {
  const app = nounApp()
  app.route('/', ruleSetList())
  app.route('/', backTests(deps))
  app.route('/', profileChanges(deps))
  app.route('/', settings(deps))
  return app
}
