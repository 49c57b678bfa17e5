// Accounts: the people of a tenant, who asks, names of all who may act, the end of
// a session, and what all of them did.
// Signing in is elsewhere (api/people/sessions.ts): it is for those who have no session yet.
import { audit } from '../audit.ts'
import type { Deps } from '../deps.ts'
import { nounApp } from '../route.ts'
import { callers } from './callers.ts'
import { me } from './me.ts'
import { people } from './people.ts'
import { signOuts } from './sessions.ts'

export function accounts(deps: Deps) {
  const app = nounApp()
  app.route('/', people(deps))
  app.route('/', callers())
  app.route('/', me(deps))
  app.route('/', signOuts())
  app.route('/', audit(deps))
  return app
}
