// Reports made without a caller, for those that are sent again and again: the same routes, asked in
// this process. Nobody reaches it from outside; it reads what the right `reports` allows, of one
// tenant, and nothing but reports.
import { randomUUID } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Press } from '../../quality/report/mails.ts'
import type { LedgerView } from '../../store/ledger/ledger.ts'
import type { Deps } from '../deps.ts'
import type { Env } from '../identity.ts'
import { answerError } from '../problem.ts'
import { rolesFor } from '../roles.ts'
import { printedReports } from './printed-reports.ts'
import { reports } from './reports.ts'

/** `ledgerOf`: the part of the ledger that a tenant's report may read. */
export function openPress(deps: Deps, ledgerOf: (tenant: string) => LedgerView): Press {
  return async (tenant, { path, query, media }) => {
    const app = new OpenAPIHono<Env>()
    app.use(async (c, next) => {
      const roles = [...rolesFor('reports', 'read')]
      c.set('identity', { kind: 'key', id: 'report-schedule', tenant, roles })
      c.set('requestId', randomUUID())
      c.set('ledger', ledgerOf(tenant))
      await next()
    })
    app.onError((error, c) => answerError(error, c, deps.report))
    app.route('/', reports(deps))
    app.route('/', printedReports(deps))
    const place = path.includes('/') ? path : `reports/${path}`
    const url = `/api/v1/${place}?${new URLSearchParams(query)}`
    const answer = await app.request(url, { headers: { Accept: media } })
    if (answer.status >= 500) throw new Error(`answered ${answer.status}`)
    if (!answer.ok) return `the report was refused: ${answer.status} ${await answer.text()}`
    const disposition = answer.headers.get('Content-Disposition') ?? ''
    const [, named] = /filename="([^"]+)"/.exec(disposition) ?? []
    return {
      fileName: named ?? `${path.replaceAll('/', '-')}${extensions[media] ?? ''}`,
      media,
      bytes: new Uint8Array(await answer.arrayBuffer()),
    }
  }
}

const extensions: Readonly<Record<string, string>> = {
  'text/csv': '.csv',
  'application/json': '.json',
  'application/pdf': '.pdf',
  'application/xml': '.xml',
}
