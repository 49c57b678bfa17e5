// Ledger queries: how alerts stand now for whoever waits to be told of them: whether anything is
// left of one, and whether somebody has taken it on. Alerts whose begin late data moved are
// followed to the one that took their place.
import type { LifeState } from '../../domain/alert-life.ts'
import type { AlertStatus } from './alerts.ts'
import { chunksOf, type LedgerQuery } from './ledger.ts'

export interface AlertStanding {
  /** The one that stands in its place, or itself. */
  id: string
  status: AlertStatus
  /** Alerts of one breach of one container; see store/ledger/alert-lives.ts. */
  group: string
  /** Where the container was when it began, as far as is known. */
  place: string | null
  /** Somebody has taken it on, or readings closed it: who is next need not be woken. */
  acknowledged: boolean
}

/** Of each that is known, by the id that was asked for. */
export async function standingOf(
  db: LedgerQuery,
  tenant: string,
  ids: readonly string[],
): Promise<Map<string, AlertStanding>> {
  const found = new Map<string, AlertStanding>()
  let asked = new Map([...new Set(ids)].map((id) => [id, [id]]))
  // Each round follows one more alert that took another's place; a ring of them would end here.
  for (let round = 0; asked.size > 0 && round < roundsMax; round++) {
    const next = new Map<string, string[]>()
    for (const row of await readRows(db, tenant, [...asked.keys()])) {
      const of = asked.get(row.id)!
      for (const id of of) found.set(id, standingAs(row))
      if (row.status !== 'superseded' || row.heir === null) continue
      next.set(row.heir, [...(next.get(row.heir) ?? []), ...of])
    }
    asked = next
  }
  return found
}

const roundsMax = 100

interface Row {
  id: string
  status: string
  heir: string | null
  group: string | null
  place: string | null
  state: string | null
}

async function readRows(db: LedgerQuery, tenant: string, ids: readonly string[]): Promise<Row[]> {
  const found: Row[] = []
  for (const chunk of chunksOf(ids))
    found.push(
      ...(await db
        .selectFrom('alerts as a')
        .leftJoin('alertLives as l', (join) =>
          join.onRef('l.tenant', '=', 'a.tenant').onRef('l.alert', '=', 'a.id'),
        )
        .select(['a.id', 'a.status', 'l.heir', 'l.group', 'l.place', 'l.state'])
        .where('a.tenant', '=', tenant)
        .where('a.id', 'in', chunk)
        .execute()),
    )
  return found
}

/** What people closed is over, whatever readings say. */
const standingAs = ({ id, status, group, place, state }: Row): AlertStanding => ({
  ...{ id, group: group ?? id, place },
  status: status === 'open' && state === 'closed' ? 'closed' : (status as AlertStatus),
  acknowledged: status === 'closed' || ((state ?? 'new') as LifeState) !== 'new',
})
