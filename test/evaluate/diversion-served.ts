// The same world played into the real API, decoders, followers and stores: what the play in memory
// (diversion-worlds.ts) is held against.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CaseBody } from '../../analytics/cases/cases.ts'
import { investigate } from '../../analytics/cases/investigate.ts'
import type { Finding } from '../../domain/suspicion.ts'
import type { Emission } from '../../simulators/wire.ts'
import { readSerialSet } from '../../store/ledger/alerts.ts'
import type { CaseRow } from '../../store/ledger/cases.ts'
import { openSqliteLedger } from '../../store/ledger/ledger.ts'
import { markSuspects } from '../../store/ledger/suspects.ts'
import { storiesOf } from '../../trace/stories.ts'
import { type Api, openApi } from '../api-app.ts'
import { type FoundCase, openWorld, type WorldOptions } from './diversion-worlds.ts'

/** All cases, and the findings that stand at the end. */
export interface Served {
  cases: FoundCase[]
  findings: { subject: string; finding: Finding }[]
}

export async function serveWorld(options: WorldOptions): Promise<Served> {
  const clock = { now: 0 }
  // This is not about the disk: hundreds of commits need not wait for one.
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const folder = mkdtempSync(join(place, 'isotherm-world-'))
  const ledger = await openSqliteLedger(folder)
  const api = await openApi({ ledger, now: () => clock.now })
  const { series } = api.deps
  const spoke = new Set<string>()
  for (const turn of openWorld(options).turns()) {
    if ('said' in turn) {
      clock.now = turn.said.at
      await say(api, turn.said, spoke)
      continue
    }
    clock.now = turn.lookAt
    await api.settled()
    const subjects = [...spoke]
    spoke.clear()
    await ledger.transact((db) =>
      markSuspects(db, 'default', { kind: 'device', subjects, at: clock.now }),
    )
    await investigate({ ledger, series, stories: storiesOf, now: () => clock.now })
  }
  const rows = await ledger.db.selectFrom('findings').selectAll().execute()
  const findings = rows.map(({ body, subject }) => ({ finding: JSON.parse(body), subject }))
  const cases = await casesIn(api)
  await api.close()
  await ledger.close()
  rmSync(folder, { recursive: true, force: true })
  return { cases, findings }
}

async function say(api: Api, said: Emission, spoke: Set<string>): Promise<void> {
  if (said.via === 'mqtt') {
    const [, tenant = '', device = ''] = said.topic.split('/')
    spoke.add(device)
    api.log.append({
      ...{ kind: 'publish', tenant, source: device, topic: said.topic, recordTime: said.at },
      body: Buffer.from(JSON.stringify(said.body)),
    })
    return
  }
  const answer = await api.ask(said.method, said.path, { body: said.body })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${said.path}: ${answer.status} ${text}`)
}

async function casesIn({ deps }: Api): Promise<FoundCase[]> {
  const { db } = deps.ledger
  const found: FoundCase[] = []
  for (const { tenant, body, ...row } of await db.selectFrom('cases').selectAll().execute()) {
    const read = { ...row, body: JSON.parse(body) } as CaseRow<CaseBody>
    const page = { serialSet: row.serialSet, offset: 0, limit: 1 + read.body.serialCount }
    const serials = (await readSerialSet(db, tenant, page)).map(([epc]) => epc)
    found.push({ row: read, serials: new Set(serials) })
  }
  return found
}
