// Where captured events contradict each other about containment: two containers claim one thing, or
// something is inside itself. Neither is refused, for which of the events is wrong is not known and
// the one that makes all well may still come; both are told, and go when it comes.
import { bounds } from '../../config.ts'
import { type Cycle, cyclesOf } from '../../domain/containment-cycles.ts'
import type { DoubleParent } from '../../domain/hierarchy.ts'
import {
  type Conflict,
  type FoundConflict,
  openConflictsOf,
  readConflicts,
  restateConflicts,
} from '../../store/ledger/conflicts.ts'
import { staysAbove } from '../../store/ledger/contents.ts'
import { epcsOf } from '../../store/ledger/epcs.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { writeNotice } from '../../store/ledger/notices.ts'
import { relationCodes } from '../../store/ledger/schema.ts'
import { type Restated, readStaysById } from '../../store/ledger/stays.ts'
import type { CaptureProblem } from './events.ts'

/** `children`: all whose stays were derived anew. Returns what is new, for the capture job. */
export async function applyConflicts(
  db: LedgerQuery,
  tenant: string,
  of: { children: ReadonlySet<number>; restated: Restated; at: number },
): Promise<CaptureProblem[]> {
  const { children, restated, at } = of
  const stood = await openConflictsOf(db, tenant, children)
  const members = stood.filter(({ kind }) => kind === 'cycle').flatMap((cycle) => cycle.members)
  const { cycles, deeper } = await findCycles(db, tenant, { restated, members })
  // A ring of others cannot have changed, so it is not among those that stood.
  const own = cycles.filter((cycle) => cycle.members.some((member) => children.has(member)))
  const now = [...restated.doubles.map(doubleParent), ...own]
  const ids = await restateConflicts(db, tenant, { stood, now, at })
  const problems: CaptureProblem[] = deeper ? [tooDeep] : []
  for (const conflict of await readConflicts(db, tenant, ids)) {
    problems.push(problemOf(conflict))
    await writeNotice(db, {
      ...{ tenant, kind: 'conflict.opened', ref: String(conflict.id), recordTime: at },
      body: formatConflict(conflict),
    })
  }
  return problems
}

/** For those who are told; times as epoch ms. */
const formatConflict = ({ to, ...conflict }: Conflict) => ({
  ...conflict,
  to: to === Infinity ? null : to,
})

/** Rings that a changed stay is part of, or that a known ring's members still are. */
async function findCycles(
  db: LedgerQuery,
  tenant: string,
  { restated, members }: { restated: Restated; members: readonly number[] },
): Promise<{ cycles: FoundConflict[]; deeper: boolean }> {
  const stays = [...restated.changed.values()].flat()
  if (members.length > 0)
    stays.push(...(await readStaysById(db, tenant, { in: 'child', among: members })))
  if (stays.length === 0) return { cycles: [], deeper: false }
  const parents = [...new Set(stays.map(({ parent }) => parent))]
  const { upwards, deeper } = await staysAbove(db, tenant, parents)
  // Who is in a ring is above its own parent.
  const suspects = stays.filter(({ child }) => upwards.has(child))
  const found = cyclesOf(suspects, { upwards, depthMax: bounds.containmentDepthMax })
  const epcs = await epcsOf(db, tenant, [...new Set(found.flatMap((cycle) => cycle.members))])
  return { cycles: found.map((cycle) => cycleConflict(cycle, epcs)), deeper }
}

const doubleParent = (double: DoubleParent<number>): FoundConflict => ({
  ...{ ...double, kind: 'double-parent', relation: relationCodes[double.relation] },
  members: [],
})

/** Of stays that began in one moment the EPC decides, for numbers depend on what came first. */
function cycleConflict(
  { closing, members, from, to }: Cycle<number>,
  epcs: ReadonlyMap<number, string>,
): FoundConflict {
  const { child, parent, relation } = closing.reduce((a, b) =>
    epcs.get(b.child)! > epcs.get(a.child)! ? b : a,
  )
  const of = { child, parent, otherParent: null, relation: relationCodes[relation] }
  return { kind: 'cycle', ...of, from, to, members }
}

const problemOf = ({ kind, child, parent, otherParent, members }: Conflict): CaptureProblem =>
  kind === 'cycle'
    ? {
        code: 'epcis/containment-cycle',
        path: '',
        detail: `${child} was put into ${parent}, which is inside it (${members.length} on the ring); kept, and told as a conflict until an event makes it right`,
        warning: true,
      }
    : {
        code: 'epcis/double-parent',
        path: '',
        detail: `${child} was put into ${parent} without having left ${otherParent}; it counts as moved, and is told as a conflict until an event makes it right`,
        warning: true,
      }

const tooDeep: CaptureProblem = {
  code: 'epcis/containment-too-deep',
  path: '',
  detail: `containers are nested more than ${bounds.containmentDepthMax} levels deep: what is above is not followed`,
  warning: true,
}
