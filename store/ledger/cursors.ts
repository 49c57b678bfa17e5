// Ledger queries: how far the work of a name is, and who may move it. A process that takes a name
// over raises its epoch; whoever still writes with an older epoch is refused, so that work which
// two processes believe to hold is kept once. Knows names, not what the work is.
import { Superseded } from '../../domain/refusal.ts'
import { dialectOf, type LedgerQuery } from './ledger.ts'

/** The next offset a follower wants whose work is in the ledger. 0 when the name is new. */
export async function readCursor(db: LedgerQuery, name: string): Promise<number> {
  const row = await db
    .selectFrom('cursors')
    .select('offset')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.offset ?? 0
}

/**
 * Takes the name over: raises its epoch and returns it with the offset to go on from. Waits for
 * transactions under way that have moved the cursor or asked for its epoch; later ones are refused.
 */
export const claimCursor = (
  db: LedgerQuery,
  name: string,
): Promise<{ epoch: number; offset: number }> =>
  db
    .insertInto('cursors')
    .values({ name, epoch: 1, offset: 0 })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((e) => ({ epoch: e('cursors.epoch', '+', 1) })),
    )
    .returning(['epoch', 'offset'])
    .executeTakeFirstOrThrow()

/** Moves the cursor, in the transaction of the work. Throws Superseded. */
export async function writeCursor(
  db: LedgerQuery,
  { name, epoch, offset }: { name: string; epoch: number; offset: number },
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('cursors')
    .set({ offset })
    .where('name', '=', name)
    .where('epoch', '=', epoch)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new Superseded(name)
}

/**
 * In a transaction that moves no cursor: who takes over meanwhile waits for its end. Throws
 * Superseded.
 */
export async function checkEpoch(db: LedgerQuery, name: string, epoch: number): Promise<void> {
  const query = db.selectFrom('cursors').select('epoch').where('name', '=', name)
  // SQLite locks the whole database for a transaction that writes, and knows no words for a row.
  const row = await (dialectOf(db) === 'postgres' ? query.forShare() : query).executeTakeFirst()
  if (row?.epoch !== epoch) throw new Superseded(name)
}
