// Whether a transaction changed a row. What only writes evidence changes nothing that evidence
// would have to tell of. Looks at statements as they run; changes none of them.
import type {
  KyselyPlugin,
  OperationNode,
  QueryResult,
  RootOperationNode,
  UnknownRow,
} from 'kysely'
import type { LedgerQuery } from './ledger.ts'

export interface WatchedQuery {
  /** The same transaction. */
  db: LedgerQuery
  /** So far. */
  wrote(): boolean
}

export function watchWrites(db: LedgerQuery): WatchedQuery {
  const writing = new WeakSet<object>()
  let wrote = false
  const plugin: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      if (isWriting(node)) writing.add(queryId)
      return node
    },
    async transformResult({ queryId, result }) {
      if (writing.has(queryId) && hasChanged(result)) wrote = true
      return result
    },
  }
  return { db: db.withPlugin(plugin), wrote: () => wrote }
}

/** `returning` tells rows, everything else how many there were. */
const hasChanged = ({ numAffectedRows, rows }: QueryResult<UnknownRow>): boolean =>
  (numAffectedRows ?? 0n) > 0n || rows.length > 0

function isWriting(node: RootOperationNode): boolean {
  switch (node.kind) {
    case 'InsertQueryNode':
      return !isEvidence(node.into)
    case 'UpdateQueryNode':
      return !isEvidence(node.table)
    case 'DeleteQueryNode':
    case 'MergeQueryNode':
      return true
    case 'RawNode':
      return /^\s*(insert|update|delete|merge)\b/i.test(node.sqlFragments[0] ?? '')
    default:
      return false
  }
}

function isEvidence(table: OperationNode | undefined): boolean {
  const named = table as { table?: { identifier?: { name?: string } } } | undefined
  return /^evidence(Trees)?$/.test(named?.table?.identifier?.name ?? '')
}
