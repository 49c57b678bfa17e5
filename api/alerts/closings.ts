// A person closes the alarm of a logger that says nothing: it is lost, or switched off. What was
// not measured stays unknown. Closes no excursion: deciding on those is another right.
import { z } from '@hono/zod-openapi'
import { readAlert } from '../../store/ledger/alerts.ts'
import { marking } from '../../store/ledger/detectors.ts'
import { closeSilence } from '../../store/ledger/silence.ts'
import type { Deps } from '../deps.ts'
import { conflict, notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { alertSchema, formatAlert } from './alerts.ts'

const close = guarded(
  { noun: 'alerts', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/alerts/{id}/close',
    summary: 'Close the alarm of a silent logger with a reason',
    description:
      'Of the same logger on the same container all alarms of this silence are closed, and stay ' +
      'closed although nothing comes. A new silence raises a new alarm.',
    request: {
      params: z.object({ id: z.string().max(200) }),
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .strictObject({ reason: z.string().trim().min(3).max(500) })
              .openapi('AlertClosing', { example: { reason: 'sensor lost' } }),
          },
        },
      },
    },
    responses: {
      202: {
        description: 'Kept; the alert as it stands becomes closed in a moment',
        content: { 'application/json': { schema: alertSchema } },
      },
    },
  },
)

export const alertClosings = (deps: Deps) =>
  nounApp().openapi(close, async (c) => {
    const { tenant, id: by } = c.get('identity')
    const { id } = c.req.valid('param')
    const { reason } = c.req.valid('json')
    const alert = await c.get('ledger').transact(async (db) => {
      const known = await readAlert(db, tenant, id)
      if (!known) throw notFound(`no alert ${id}`, 'path/id')
      if (known.kind !== 'silence')
        throw conflict('an excursion stays open: only the silence of a logger is closed like this')
      if (known.status !== 'open') throw conflict(`the alert is ${known.status} already`)
      const { device, container, from } = known
      const at = Math.max(deps.now(), from)
      const closing = { device, container, at, by, reason, alert: id, since: from }
      await closeSilence(db, tenant, closing)
      return known
    }, marking(tenant))
    await deps.onDeviceChange?.(tenant, alert.device)
    return c.json(formatAlert(alert), 202)
  })
