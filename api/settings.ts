// What a tenant asks of its own people. Refuses settings that nobody knows.
import { changeControlOf } from '../quality/profile-change.ts'
import { readSettings, writeSettings } from '../store/ledger-changes.ts'
import { settingsSchema } from './back-test-schemas.ts'
import type { Deps } from './deps.ts'
import { guarded, nounApp } from './route.ts'

const content = { 'application/json': { schema: settingsSchema } }

const get = guarded(
  { noun: 'settings', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/settings',
    summary: 'Read the settings of the tenant',
    responses: { 200: { description: 'As they stand', content } },
  },
)

const put = guarded(
  { noun: 'settings', verb: 'write' },
  {
    method: 'put',
    path: '/api/v1/settings',
    summary: 'Set what the tenant asks of changes of profiles',
    request: { body: { required: true, content } },
    responses: { 200: { description: 'As they stand', content } },
  },
)

export const settings = ({ now }: Deps) =>
  nounApp()
    .openapi(get, async (c) => {
      const known = await readSettings(c.get('ledger').db, c.get('identity').tenant)
      return c.json({ changeControl: changeControlOf(known) }, 200)
    })
    .openapi(put, async (c) => {
      const { tenant, id: updatedBy } = c.get('identity')
      const body = c.req.valid('json')
      const row = { tenant, body: JSON.stringify(body), updatedAt: now(), updatedBy }
      await c.get('ledger').transact((db) => writeSettings(db, row))
      return c.json(body, 200)
    })
