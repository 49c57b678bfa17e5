// A simulated world of trade played into the real API, decoders and followers on embedded stores, in
// virtual time, and those who were marked looked at every so often, as a server does. What comes
// back is the world's truth beside the cases.

import type { CaseBody } from '../../analytics/cases.ts'
import { investigate } from '../../analytics/investigate.ts'
import type { Finding } from '../../domain/suspicion.ts'
import type { Truth } from '../../simulators/actions.ts'
import { type Scenario, scenarios } from '../../simulators/scenarios.ts'
import { createTradeWorld } from '../../simulators/trade-world.ts'
import { emissionOf } from '../../simulators/wire.ts'
import { readSerialSet } from '../../store/ledger-alerts.ts'
import { type CaseRow, listCases } from '../../store/ledger-cases.ts'
import { markSuspects } from '../../store/ledger-suspects.ts'
import { storiesOf } from '../../trace/stories.ts'
import { openApi } from '../api-app.ts'

export interface FoundCase {
  row: CaseRow<CaseBody>
  serials: ReadonlySet<string>
}

export interface Played {
  truth: Truth
  endTime: number
  devices: number
  cases: FoundCase[]
  findings: (Finding & { subject: string })[]
}

export interface PlayOptions {
  seed: number
  devices?: number
  days?: number
  scenario?: Scenario
  /** Virtual time between two looks. */
  everyMs?: number
}

const hourMs = 3_600_000

export async function playWorld(options: PlayOptions): Promise<Played> {
  const { seed, devices = 9, everyMs = 12 * hourMs } = options
  const scenario = options.scenario ?? scenarios.mixed!
  const startTime = Date.UTC(2026, 0, 5, 6)
  const endTime = startTime + (options.days ?? scenario.days) * 24 * hourMs
  const world = createTradeWorld({ seed, devices, startTime, endTime, scenario })
  const clock = { now: startTime }
  const api = await openApi({ now: () => clock.now })
  const { ledger, series } = api.deps
  const spoke = new Set<string>()
  const look = async (): Promise<void> => {
    await api.settled()
    await ledger.transact((db) =>
      markSuspects(db, 'default', { kind: 'device', subjects: [...spoke], at: clock.now }),
    )
    spoke.clear()
    await investigate({ ledger, series, stories: storiesOf, now: () => clock.now })
  }
  let lookAt = startTime + everyMs
  for (const action of world.actions) {
    const said = emissionOf(action)
    clock.now = said.at
    if (said.via === 'mqtt') {
      const [, tenant = '', device = ''] = said.topic.split('/')
      spoke.add(device)
      api.log.append({
        ...{ kind: 'publish', tenant, source: device, topic: said.topic, recordTime: said.at },
        body: Buffer.from(JSON.stringify(said.body)),
      })
    } else {
      const answer = await api.ask(said.method, said.path, { body: said.body })
      if (!answer.ok) throw new Error(`${said.path}: ${answer.status} ${await answer.text()}`)
      await answer.arrayBuffer()
    }
    if (clock.now < lookAt) continue
    await look()
    lookAt = clock.now + everyMs
  }
  clock.now = endTime
  await look()
  const cases = await casesIn(ledger.db)
  const rows = await ledger.db.selectFrom('findings').selectAll().execute()
  const findings = rows.map(({ body, subject }) => ({ ...(JSON.parse(body) as Finding), subject }))
  await api.close()
  return { truth: world.truth, endTime, devices, cases, findings }
}

async function casesIn(db: Parameters<typeof listCases>[0]): Promise<FoundCase[]> {
  const found: FoundCase[] = []
  for (const row of (await listCases(db, 'default', {
    ...{ status: 'open', limit: 10_000 },
  })) as CaseRow<CaseBody>[]) {
    const page = { serialSet: row.serialSet, offset: 0, limit: Math.max(1, row.body.serialCount) }
    const serials = (await readSerialSet(db, 'default', page)).map(([epc]) => epc)
    found.push({ row, serials: new Set(serials) })
  }
  return found
}
