// Ledger queries: the evidence of a tenant, a list that only grows with a Merkle tree over it (RFC
// 9162 §2.1). An append costs O(1) rows and a proof O(log n). Nothing in it is ever changed, which
// the database sees to as well. What the records mean is not read here.
import type { Selectable } from 'kysely'
import { canonical } from '../../domain/canonical.ts'
import {
  appendLeaf,
  consistencyPath,
  emptyRoot,
  inclusionPath,
  type Leaves,
  leafHashOf,
  nodesOf,
  rootOf,
  type TreeNode,
} from '../../domain/merkle.ts'
import { dialectOf, type LedgerQuery, storable } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

export type EvidenceRow = Selectable<LedgerTables['evidence']>

export interface Evidence {
  tenant: string
  /** What was done, such as `person.created`. */
  kind: string
  /** Id of the caller. */
  by: string
  /** Epoch ms. */
  at: number
  /** JSON. No secrets: what stands here stands here for ever. */
  record: unknown
}

/** A state of the tree. */
export interface EvidenceTree {
  size: number
  root: string
}

/**
 * To be called within the transaction of the change, as its last step: in PostgreSQL others of the
 * tenant wait for the end of the transaction from here on. Returns the place in the list.
 */
export async function appendEvidence(db: LedgerQuery, entry: Evidence): Promise<number> {
  return appendAllEvidence(db, entry.tenant, [entry])
}

/** Returns the place of the first. */
export async function appendAllEvidence(
  db: LedgerQuery,
  tenant: string,
  entries: readonly Omit<Evidence, 'tenant'>[],
): Promise<number> {
  const first = await lockTree(db, tenant)
  let { size, peaks } = first
  const rows: EvidenceRow[] = []
  for (const { kind, by, at, record } of entries) {
    const told = { tenant, seq: size, at, kind, by: storable(by) as string }
    const row = { ...told, record: canonical(record) }
    const leafHash = leafHashOf(formatEvidence(row))
    const grown = appendLeaf({ peaks, size }, leafHash)
    rows.push({ ...row, leafHash, filled: grown.filled.join('') })
    peaks = grown.peaks
    size += 1
  }
  if (rows.length === 0) return first.size
  await db.insertInto('evidence').values(rows).execute()
  await db
    .updateTable('evidenceTrees')
    .set({ size, peaks: peaks.join('') })
    .where('tenant', '=', tenant)
    .execute()
  return first.size
}

/**
 * The text whose hash is the leaf, and a line of an export: canonical JSON (RFC 8785) of all that
 * is told of an entry.
 */
export const formatEvidence = ({
  tenant,
  seq,
  at,
  kind,
  by,
  record,
}: Omit<EvidenceRow, 'leafHash' | 'filled'>): string =>
  [
    `{"at":${JSON.stringify(new Date(at).toISOString())}`,
    `"by":${JSON.stringify(by)}`,
    `"kind":${JSON.stringify(kind)}`,
    `"record":${record}`,
    `"seq":${seq}`,
    `"tenant":${JSON.stringify(tenant)}}`,
  ].join()

export const readEvidence = (
  db: LedgerQuery,
  tenant: string,
  seq: number,
): Promise<EvidenceRow | undefined> =>
  db
    .selectFrom('evidence')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('seq', '=', seq)
    .executeTakeFirst()

/** Newest first, before a place. `from` and `to` bound the times: [from, to). */
export function listEvidence(
  db: LedgerQuery,
  tenant: string,
  page: {
    by?: string | undefined
    kind?: string | undefined
    from?: number | undefined
    to?: number | undefined
    before?: readonly [at: number, seq: number] | undefined
    limit: number
  },
): Promise<EvidenceRow[]> {
  let query = db.selectFrom('evidence').selectAll().where('tenant', '=', tenant)
  if (page.by !== undefined) query = query.where('by', '=', page.by)
  if (page.kind !== undefined) query = query.where('kind', '=', page.kind)
  if (page.from !== undefined) query = query.where('at', '>=', page.from)
  if (page.to !== undefined) query = query.where('at', '<', page.to)
  const { before } = page
  if (before)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('at', 'seq'), '<', tuple(before[0], before[1])),
    )
  return query.orderBy('at', 'desc').orderBy('seq', 'desc').limit(page.limit).execute()
}

/** In the order of the list, `[from, to)`. */
export const evidenceInOrder = (
  db: LedgerQuery,
  tenant: string,
  { from, to }: { from: number; to: number },
): Promise<EvidenceRow[]> =>
  db
    .selectFrom('evidence')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('seq', '>=', from)
    .where('seq', '<', to)
    .orderBy('seq')
    .execute()

export async function evidenceTree(db: LedgerQuery, tenant: string): Promise<EvidenceTree> {
  const row = await db
    .selectFrom('evidenceTrees')
    .select(['size', 'peaks'])
    .where('tenant', '=', tenant)
    .executeTakeFirst()
  return row ? { size: row.size, root: rootOf(hashesIn(row.peaks)) } : { size: 0, root: emptyRoot }
}

/** The root when the list was so long; it must have been. */
export async function rootAt(db: LedgerQuery, tenant: string, size: number): Promise<string> {
  const [root] = await rootsOf(db, tenant, [{ start: 0, end: size }])
  return root!
}

/** That an entry is in the tree of a size that the list has had (RFC 9162 §2.1.3). */
export const proveInclusion = (
  db: LedgerQuery,
  tenant: string,
  { seq, size }: { seq: number; size: number },
): Promise<string[]> => rootsOf(db, tenant, inclusionPath(seq, size))

/** That the tree of one size begins with that of another (RFC 9162 §2.1.4). */
export const proveConsistency = (
  db: LedgerQuery,
  tenant: string,
  { from, to }: { from: number; to: number },
): Promise<string[]> => rootsOf(db, tenant, consistencyPath(from, to))

/** In all processes one after the other: the row is held until the transaction ends. */
async function lockTree(
  db: LedgerQuery,
  tenant: string,
): Promise<{ size: number; peaks: string[] }> {
  const query = db
    .selectFrom('evidenceTrees')
    .select(['size', 'peaks'])
    .where('tenant', '=', tenant)
  const locking = dialectOf(db) === 'postgres' ? query.forUpdate() : query
  const known = await locking.executeTakeFirst()
  if (known) return { size: known.size, peaks: hashesIn(known.peaks) }
  await db
    .insertInto('evidenceTrees')
    .values({ tenant, size: 0, peaks: '' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const made = await locking.executeTakeFirstOrThrow()
  return { size: made.size, peaks: hashesIn(made.peaks) }
}

/** The roots over some leaves, by the nodes that are kept. */
async function rootsOf(
  db: LedgerQuery,
  tenant: string,
  spans: readonly Leaves[],
): Promise<string[]> {
  const wanted = spans.map(nodesOf)
  const seqs = [...new Set(wanted.flat().map(lastLeafOf))]
  if (seqs.length === 0) return spans.map(() => emptyRoot)
  const rows = await db
    .selectFrom('evidence')
    .select(['seq', 'leafHash', 'filled'])
    .where('tenant', '=', tenant)
    .where('seq', 'in', seqs)
    .execute()
  const hashes = new Map(rows.map((row) => [row.seq, [row.leafHash, ...hashesIn(row.filled)]]))
  const hashOf = (node: TreeNode): string => {
    const hash = hashes.get(lastLeafOf(node))?.[node.level]
    if (hash === undefined) throw new Error(`no node ${node.level}/${node.index} of the evidence`)
    return hash
  }
  return wanted.map((nodes) => rootOf(nodes.map(hashOf)))
}

/** The leaf that completed a full subtree: its hash stands there. */
const lastLeafOf = ({ level, index }: TreeNode): number => (index + 1) * 2 ** level - 1

const hashesIn = (text: string): string[] => text.match(/.{64}/g) ?? []
