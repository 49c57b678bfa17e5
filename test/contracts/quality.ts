// What any ledger must keep of people's decisions, the same on each: at most one decision in force
// on a unit whoever signs at the same time, lives of alerts that follow restatements, an inbox.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../../config.ts'
import { lifeAfter } from '../../domain/alert-life.ts'
import { type Decision, decisions, decisionsAfter } from '../../quality/disposition/disposition.ts'
import { propose, type SignedBy, signProposed } from '../../quality/disposition/dispositions.ts'
import * as lives from '../../store/ledger/alert-lives.ts'
import { type Alert, writeAlert } from '../../store/ledger/alerts.ts'
import { decisionsEver, decisionsOn } from '../../store/ledger/dispositions.ts'
import { internEpcs } from '../../store/ledger/epcs.ts'
import { countGroups, inboxAlerts, listInbox } from '../../store/ledger/inbox.ts'
import type { Ledger } from '../../store/ledger/ledger.ts'
import { markKept, waitingOutbox } from '../../store/ledger/outbox.ts'
import type { LedgerFixture } from './ledger.ts'
import { cutsParts } from './parts.ts'

export function qualityContract(fixture: () => Promise<LedgerFixture>): void {
  describe('of decisions', () => {
    let [made, ledger]: [LedgerFixture | undefined, Ledger | undefined] = [undefined, undefined]
    beforeAll(async () => {
      made = await fixture()
      ledger = await made.open()
    })
    afterAll(async () => {
      await ledger?.close()
      await made?.remove()
    })
    keepsDecisions(() => ledger!)
    keepsLives(() => ledger!)
    cutsParts(() => ledger!)
  })
}

const unit = (n: number): string => `https://id.gs1.org/01/09521234543213/21/Q${n}`
const named = (n: number) => ({ epc: unit(n) })
let count = 0

function keepsDecisions(to: () => Ledger): void {
  const sign = async (tenant: string, id: string, by: string): Promise<boolean> => {
    const done = await to().transact(
      async (db) => {
        const row = await db
          .selectFrom('dispositions')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
        const signature: SignedBy = {
          ...{ kind: 'signature', record: row.recordHash, signer: by, printedName: by },
          ...{ signedAt: '2026-03-01T00:00:00Z', meaning: 'approval', reason: 'right' },
          authentication: 'token',
        }
        return signProposed(db, row, { signature, at: count })
      },
      { alone: `dispositions/${tenant}` },
    )
    return !('refusals' in done)
  }

  it('leaves one decision in force on each unit, however many sign at once', async () => {
    const asked = fc.record({
      decision: fc.constantFrom(...decisions),
      units: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(asked, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
        async (rounds) => {
          const tenant = `decide-${++count}`
          const ids = await to().transact((db) => internEpcs(db, tenant, [0, 1, 2, 3].map(unit)))
          const model = new Map<string, Decision>()
          for (const round of rounds) {
            const proposed: { id: string; decision: Decision; units: number[] }[] = []
            for (const { decision, units } of round) {
              const id = `${tenant}-${++count}`
              const made = await to().transact((db) =>
                propose(db, tenant, {
                  ...{
                    id,
                    subject: null,
                    asOf: 0,
                    reason: 'r',
                    control: 'signed',
                    by: 'a',
                    at: count,
                  },
                  parts: [{ decision, names: units.map(named), containers: [], rest: false }],
                }),
              )
              const may = units.every((n) =>
                decisionsAfter[model.get(unit(n)) ?? 'none'].includes(decision),
              )
              expect('row' in made).toBe(may)
              if (may) proposed.push({ id, decision, units })
            }
            count++
            const signed = await Promise.all(proposed.map(({ id }) => sign(tenant, id, 'b')))
            // Those that won share no unit; whoever lost shares one with a winner.
            const won = proposed.filter((_, i) => signed[i])
            const taken = won.flatMap(({ units }) => units)
            expect(new Set(taken).size).toBe(taken.length)
            for (const [i, { units }] of proposed.entries())
              if (!signed[i]) expect(units.some((n) => taken.includes(n))).toBe(true)
            for (const { units, decision } of won)
              for (const n of units) model.set(unit(n), decision)
          }
          const inForce = await decisionsOn(to().db, tenant, [...ids.values()])
          for (const [epc, id] of ids) {
            expect(inForce.get(id)?.decision).toBe(model.get(epc))
            const ever = await decisionsEver(to().db, tenant, id)
            expect(ever.filter(({ endedBy }) => endedBy === null).length).toBe(
              model.has(epc) ? 1 : 0,
            )
          }
        },
      ),
      { numRuns: 12 },
    )
  })

  it('keeps the events of a signed disposition until they were captured', async () => {
    const mine = async () =>
      (await waitingOutbox(to().db, 1000)).filter(({ tenant }) => tenant === 'outbox')
    await to().transact((db) => internEpcs(db, 'outbox', [unit(0)]))
    await to().transact((db) =>
      propose(db, 'outbox', {
        ...{ id: 'out-1', subject: null, asOf: 0, reason: 'r', control: 'signed', by: 'a', at: 1 },
        parts: [{ decision: 'destroy', names: [named(0)], containers: [], rest: false }],
      }),
    )
    expect(await mine()).toEqual([])
    expect(await sign('outbox', 'out-1', 'b')).toBe(true)
    const [row] = await mine()
    expect(new TextDecoder().decode(row!.document)).toContain('"disposition":"destroyed"')
    await markKept(to().db, row!, 5)
    expect(await mine()).toEqual([])
  })
}

const alertOf = (id: string, change: Partial<Alert> = {}): Alert => ({
  ...{ id, kind: 'excursion', rule: 'hot', ruleKind: 'single', limitC: 8, allowanceMinutes: 30 },
  ...{ severity: 'major', device: 'd', container: 'urn:c', channel: 'temperature', gtin: 'g' },
  ...{ productVersion: 1, from: 100, to: 200, minutes: 1, unknownMinutes: 0, peakC: 9 },
  ...{ verdict: 'out', status: 'open', revision: 1, raisedAt: 1, serialCount: 1 },
  ...{ serialSetHash: 'h1', serialSet: 's1', legs: [], ...change },
})

function keepsLives(to: () => Ledger): void {
  const put = (tenant: string, alert: Alert) =>
    to().transact((db) =>
      writeAlert(db, tenant, alert, {
        ...{ revision: alert.revision, recordTime: ++count, cause: 'late', diff: {} },
      }),
    )
  const act = (
    tenant: string,
    alert: Alert,
    entry: Parameters<typeof lives.appendEntry>[2]['entry'],
  ) =>
    to().transact(async (db) => {
      const row = (await lives.holdLife(db, tenant, alert.id))!
      const basis = lives.basisOf(alert)
      return lives.appendEntry(db, row, { entry, by: 'ana', at: ++count, basis })
    })

  it('goes on with the life of an alert in the one that took its place, whichever came first', async () => {
    for (const heirFirst of [true, false]) {
      const tenant = `heir-${heirFirst}`
      const first = alertOf('a')
      await put(tenant, first)
      await act(tenant, first, {
        ...{ kind: 'moved', to: 'acknowledged', mover: 'person', reason: 'seen' },
        basis: lives.basisOf(first),
      })
      const heir = alertOf('b', { from: 90 })
      const over = alertOf('a', { status: 'superseded', supersededBy: 'b', revision: 2 })
      for (const alert of heirFirst ? [heir, over] : [over, heir]) await put(tenant, alert)
      const life = (await lives.readLife(to().db, tenant, 'b'))!
      expect(life).toMatchObject({ life: { state: 'acknowledged' }, group: 'a' })
      const entries = await lives.readEntries(to().db, tenant, 'b')
      expect(entries.map(({ alert, entry }) => [alert, entry.kind])).toEqual([
        ['a', 'moved'],
        ['b', 'carried'],
      ])
      const own = entries.filter(({ alert }) => alert === 'b').map(({ entry }) => entry)
      expect(lifeAfter(own)).toEqual(life.life)
      // And back: the old beginning was right after all.
      await put(tenant, alertOf('a', { revision: 3 }))
      await put(
        tenant,
        alertOf('b', { from: 90, revision: 2, status: 'superseded', supersededBy: 'a' }),
      )
      const groups = await listInbox(to().db, tenant, { filter: {}, after: undefined, limit: 9 })
      expect(groups).toMatchObject([{ group: 'a', alerts: 1, states: { acknowledged: 1 } }])
    }
  })

  it('begins lives of alerts that came without them, and leaves the others', async () => {
    for (const id of ['old', 'known']) await put('moved', alertOf(id, { severity: 'critical' }))
    const known = alertOf('known')
    await act('moved', known, { kind: 'assigned', to: 'ana' })
    await to()
      .db.deleteFrom('alertLives')
      .where('tenant', '=', 'moved')
      .where('alert', '=', 'old')
      .execute()
    await to().transact(lives.beginMissingLives)
    const [old, other] = await Promise.all(
      ['old', 'known'].map((id) => lives.readLife(to().db, 'moved', id)),
    )
    expect(old).toMatchObject({ life: { state: 'new', assignee: null }, group: 'old', severity: 3 })
    expect(other).toMatchObject({ life: { assignee: 'ana' }, entries: 1 })
  })

  it('takes the word of whoever closed the alarm of a silent logger, once', async () => {
    const quiet = alertOf('q', { kind: 'silence', verdict: 'indeterminate' })
    await put('quiet', quiet)
    const closed = { at: 5, by: 'Ana', reason: 'sensor lost' }
    for (const revision of [2, 3])
      await put('quiet', { ...quiet, status: 'closed', closed, revision })
    const entries = await lives.readEntries(to().db, 'quiet', 'q')
    expect(entries).toMatchObject([{ by: 'Ana', entry: { to: 'acknowledged' } }])
    const ended = { ...alertOf('e', { kind: 'silence' }), status: 'closed' as const }
    await put('quiet', { ...ended, closed: { at: 5, by: 'readings' } })
    expect((await lives.readLife(to().db, 'quiet', 'e'))!.life.state).toBe('new')
  })

  it('opens a decided alert again when a revision is written beside the decision', async () => {
    const alert = alertOf('r')
    await put('race', alert)
    const decide = act('race', alert, {
      ...{ kind: 'moved', to: 'decided', mover: 'disposition', reason: 'd' },
      basis: lives.basisOf(alert),
    })
    await Promise.all([decide, put('race', alertOf('r', { revision: 2, serialSetHash: 'h2' }))])
    const { life } = (await lives.readLife(to().db, 'race', 'r'))!
    // Decided first: opened again. Restated first: it rests on the old revision, and the next opens.
    if (life.state === 'decided') {
      await put('race', alertOf('r', { revision: 3, serialSetHash: 'h2' }))
      expect((await lives.readLife(to().db, 'race', 'r'))!.life.state).toBe('investigating')
    } else expect(life.state).toBe('investigating')
  })

  it('shows a storm as groups with counts, page by page, each once', async () => {
    const tenant = 'storm'
    const kinds = ['minor', 'major', 'critical'] as const
    await to().transact(async (db) => {
      for (let n = 0; n < 120; n++) {
        const own = { container: `urn:c${n % 40}`, severity: kinds[n % 3]!, gtin: `g${n % 2}` }
        const alert = alertOf(`n${n}`, { ...own, from: 1000 + (n % 40), to: null })
        const revision = { revision: 1, recordTime: n, cause: 'late', diff: {} }
        await writeAlert(db, tenant, alert, revision)
      }
    })
    const { db } = to()
    const seen: { group: string; alerts: number; severity: number; last: number }[] = []
    for (;;) {
      const at = seen.at(-1)
      const after = at && ([at.severity, at.last, at.group] as const)
      const page = await listInbox(db, tenant, { filter: {}, after, limit: 7 })
      seen.push(...page)
      if (page.length < 7) break
    }
    expect(seen).toHaveLength(40)
    expect(new Set(seen.map(({ group }) => group)).size).toBe(40)
    expect(seen.reduce((sum, { alerts }) => sum + alerts, 0)).toBe(120)
    expect(await countGroups(db, tenant, { severity: 3 })).toBeGreaterThan(0)
    const groups = seen.map(({ group }) => group)
    const each = bounds.inboxAlertsShown
    const shown = await inboxAlerts(db, tenant, { groups, filter: { gtin: 'g1' }, each })
    expect(shown).toHaveLength(60)
    expect(shown.every(({ alert }) => alert.gtin === 'g1')).toBe(true)
  })
}
