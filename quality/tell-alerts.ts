// What receivers hear of alerts: one message for each change that a person cares about. An alert
// that changed is told once it has been quiet for a moment, as it then stands, with the difference
// to what was told last: an upload that restates it ten times is one message, one that was raised
// and taken back meanwhile is none. Figures that follow from more readings alone are no message.
import { bounds } from '../config.ts'
import { type Alert, readAlert, readSerialSet } from '../store/ledger/alerts.ts'
import type { Ledger, LedgerQuery } from '../store/ledger/ledger.ts'
import { writeNotice } from '../store/ledger/notices.ts'
import { anyUntold, dueTellings, readTelling, updateTelling } from '../store/ledger/tellings.ts'

/** Of a change of these a person wants to hear: another breach, other serials, another verdict. */
const cared = [
  ...(['status', 'from', 'verdict', 'severity', 'serialSetHash'] as const),
  ...(['limitC', 'effectiveLimitC', 'allowanceMinutes', 'closed'] as const),
] as const

/** And what is said with it. */
const said = [
  ...(['to', 'minutes', 'unknownMinutes', 'peakC', 'serialCount', 'serialSet'] as const),
] as const

type Told = Partial<Pick<Alert, (typeof cared)[number] | (typeof said)[number]>>

/** Writes at most so many notices; false when nothing was due. */
export async function tellAlerts(ledger: Ledger, now: number): Promise<boolean> {
  if (!(await anyUntold(ledger.db))) return false
  return ledger.transact(
    async (db) => {
      const due = await dueTellings(db, {
        quietAt: now - bounds.tellQuietMs,
        patienceAt: now - bounds.tellPatienceMs,
        limit: bounds.noticesPlacedMax,
      })
      const alerts: Alert[] = []
      for (const { tenant, alert } of due) alerts.push((await readAlert(db, tenant, alert))!)
      // First those that are over: who took their place tells of them too.
      for (const over of [true, false])
        for (const [index, stands] of alerts.entries())
          if (isOver(stands) === over) await tell(db, due[index]!.tenant, stands)
      return due.length > 0
    },
    { alone: 'notices' },
  )
}

async function tell(db: LedgerQuery, tenant: string, stands: Alert): Promise<void> {
  const telling = (await readTelling(db, tenant, stands.id))!
  const before = telling.told === null ? undefined : (JSON.parse(telling.told) as Told)
  const over = isOver(stands)
  const heirId = over && before && !isOver(before) ? await heirOf(db, tenant, stands) : undefined
  if (heirId !== undefined) {
    const heir = (await readTelling(db, tenant, heirId))!
    const supersedes = [...new Set([...heir.supersedes, ...telling.supersedes, stands.id])]
    await updateTelling(db, { ...heir, since: heir.since ?? telling.changedAt, supersedes })
    const told = JSON.stringify({ ...before, status: stands.status })
    await updateTelling(db, { ...telling, told, since: null, supersedes: [] })
    return
  }
  const { supersedes } = telling
  const known = before ?? (await toldOf(db, tenant, supersedes.at(-1)))
  // Nobody ever heard of it, and there is nothing of it any more.
  const unheard = over && known === undefined
  const same = before !== undefined && supersedes.length === 0 && isSame(before, pick(stands))
  if (!unheard && !same)
    await writeNotice(db, {
      tenant,
      kind: known === undefined ? 'alert.raised' : 'alert.changed',
      ref: `${stands.id}/${stands.revision}${supersedes.length > 0 ? `/${supersedes.length}` : ''}`,
      recordTime: telling.changedAt,
      body: {
        cause: telling.cause,
        // Legs are asked for when they are wanted.
        alert: { ...stands, legs: [] },
        ...(known && { diff: await diffOf(db, tenant, { known, stands }) }),
        ...(supersedes.length > 0 && { supersedes }),
      },
    })
  const told = unheard ? null : same ? telling.told : JSON.stringify(pick(stands))
  await updateTelling(db, { ...telling, told, since: null, supersedes: [] })
}

const isOver = ({ status }: { status?: Alert['status'] }): boolean =>
  status === 'superseded' || status === 'retracted'

/** The alert that stands where this one was; undefined when none does any more. */
async function heirOf(db: LedgerQuery, tenant: string, alert: Alert): Promise<string | undefined> {
  let next: Alert | undefined = alert
  const seen = new Set<string>()
  while (next?.status === 'superseded' && next.supersededBy && !seen.has(next.id)) {
    seen.add(next.id)
    next = await readAlert(db, tenant, next.supersededBy)
  }
  return next && (next.status === 'open' || next.status === 'closed') ? next.id : undefined
}

async function toldOf(
  db: LedgerQuery,
  tenant: string,
  alert: string | undefined,
): Promise<Told | undefined> {
  const telling = alert === undefined ? undefined : await readTelling(db, tenant, alert)
  if (!telling?.told) return undefined
  // How it ended is said by the name of who took its place.
  const { status: _, ...told } = JSON.parse(telling.told) as Told
  return told
}

const pick = (alert: Alert): Told =>
  Object.fromEntries(
    [...cared, ...said].flatMap((name) => (alert[name] === undefined ? [] : [[name, alert[name]]])),
  )

const isSame = (one: Told, other: Told): boolean =>
  cared.every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]))

async function diffOf(
  db: LedgerQuery,
  tenant: string,
  { known, stands }: { known: Told; stands: Alert },
): Promise<Record<string, unknown>> {
  const names = [...cared, ...said].filter((name) => name !== 'serialSet' && name in known)
  const changed = names.filter(
    (name) => JSON.stringify(known[name]) !== JSON.stringify(stands[name]),
  )
  const diff = Object.fromEntries(
    changed.map((name) => [name, [known[name], stands[name] ?? null]]),
  )
  if (!changed.includes('serialSetHash') || known.serialSet === undefined) return diff
  const read = async (serialSet: string): Promise<Set<string>> => {
    const page = { serialSet, offset: 0, limit: bounds.serialSetMax }
    return new Set((await readSerialSet(db, tenant, page)).map(([epc]) => epc))
  }
  const [old, now] = [await read(known.serialSet), await read(stands.serialSet)]
  return { ...diff, serialsAdded: some(now, old), serialsRemoved: some(old, now) }
}

/** Counted in full, named up to a page. */
function some(these: ReadonlySet<string>, without: ReadonlySet<string>) {
  const epcs = [...these].filter((epc) => !without.has(epc))
  return { count: epcs.length, epcs: epcs.slice(0, bounds.pageMax) }
}
