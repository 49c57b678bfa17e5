// What a tenant asks of its own people, and how it likes to see things. What is not given stays as
// it was. Refuses settings that nobody knows.
import { dispositionControlOf } from '../quality/disposition/disposition.ts'
import { changeControlOf } from '../quality/profile-change.ts'
import { readSettings, writeSettings } from '../store/ledger/changes.ts'
import { appendEvidence } from '../store/ledger/evidence.ts'
import type { Deps } from './deps.ts'
import { serially } from './once.ts'
import { likingsOf } from './organisation.ts'
import { settingsBody, settingsSchema } from './profiles/back-test-schemas.ts'
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
    summary: 'Set what the tenant asks of changes of profiles, its language, time zone and unit',
    description: 'What is not given stays as it was.',
    request: {
      body: { required: true, content: { 'application/json': { schema: settingsBody } } },
    },
    responses: { 200: { description: 'As they stand', content } },
  },
)

export const settings = ({ now }: Deps) =>
  nounApp()
    .openapi(get, async (c) => {
      const known = await readSettings(c.get('ledger').db, c.get('identity').tenant)
      return c.json(formatSettings(known), 200)
    })
    .openapi(put, async (c) => {
      const { tenant, id: updatedBy } = c.get('identity')
      const asked = c.req.valid('json')
      const at = now()
      const told = await c.get('ledger').transact(async (db) => {
        const known = await readSettings(db, tenant)
        const body = JSON.stringify({ ...(known && JSON.parse(known)), ...asked })
        await writeSettings(db, { tenant, body, updatedAt: at, updatedBy })
        const record = { before: formatSettings(known), after: formatSettings(body) }
        await appendEvidence(db, { tenant, kind: 'settings.changed', by: updatedBy, at, record })
        return record.after
      }, serially)
      return c.json(told, 200)
    })

const formatSettings = (known: string | undefined) => ({
  changeControl: changeControlOf(known),
  dispositionControl: dispositionControlOf(known),
  ...likingsOf(known),
})
