// What migrations say in SQLite's words and in PostgreSQL's.
import {
  type ColumnDefinitionBuilder,
  type CreateTableBuilder,
  type Kysely,
  type RawBuilder,
  sql,
} from 'kysely'

export type Dialect = 'sqlite' | 'postgres'

type Cell = string | number | null | Uint8Array

/** Tables as they stand while a migration runs: no release's types, for these go on. */
export type Schema = Kysely<Record<string, Record<string, Cell>>>

export interface Words {
  dialect: Dialect
  text: 'text' | RawBuilder<unknown>
  bytes: 'blob' | 'bytea'
  /** Type of a column that counts its rows by itself. */
  id: 'integer' | 'bigint'
  counted(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
  /** Of a column that gives each row its number: the next one, beside its key. */
  numbered(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
  /** Of a table whose key is all it has: kept in the order of the key, once. */
  keyOnly: <T extends string, C extends string>(
    table: CreateTableBuilder<T, C>,
  ) => CreateTableBuilder<T, C>
  /** Renames a table, its partitions with it, so that another may have its name. */
  putAside(db: Schema, table: string, name: string): Promise<void>
  /** Columns of a key, in the order that finds rows soonest. */
  key<C extends string>(columns: C[]): C[]
  /** Says that the rows of a large table are spread over partitions by a column of its key. */
  spreadBy(
    column: string,
  ): <T extends string, C extends string>(
    table: CreateTableBuilder<T, C>,
  ) => CreateTableBuilder<T, C>
  /** Makes the partitions of such a table. */
  spread(db: Schema, table: string): Promise<void>
}

/** Partitions of each large table. Part of the format. */
const partitions = 8

export const words: Record<Dialect, Words> = {
  sqlite: {
    dialect: 'sqlite',
    text: 'text',
    bytes: 'blob',
    id: 'integer',
    counted: (column) => column.autoIncrement(),
    numbered: (column) => column.primaryKey(),
    keyOnly: (table) => table.modifyEnd(sql`without rowid`),
    putAside: (db, table, name) => db.schema.alterTable(table).renameTo(name).execute(),
    key: (columns) => columns,
    spreadBy: () => (table) => table,
    spread: async () => undefined,
  },
  postgres: {
    dialect: 'postgres',
    // Order and pages by bytes, as SQLite compares.
    text: sql`text collate "C"`,
    bytes: 'bytea',
    id: 'bigint',
    counted: (column) => column.generatedByDefaultAsIdentity(),
    numbered: (column) => column.primaryKey().generatedByDefaultAsIdentity(),
    keyOnly: (table) => table,
    putAside: async (db, table, name) => {
      await db.schema.alterTable(table).renameTo(name).execute()
      for (let part = 0; part < partitions; part++)
        await db.schema.alterTable(`${table}_${part}`).renameTo(`${name}_${part}`).execute()
    },
    // The planner, as long as it has no statistics, takes two equal columns in front for a find: by
    // tenant and relation alone it would read all moves.
    key: (columns) =>
      columns.toSorted((a, b) => Number(a === 'relation') - Number(b === 'relation')),
    spreadBy: (column) => (table) => table.modifyEnd(sql`partition by hash (${sql.ref(column)})`),
    spread: async (db, table) => {
      for (let part = 0; part < partitions; part++)
        await sql`create table ${sql.table(`${table}_${part}`)} partition of ${sql.table(table)}
          for values with (modulus ${sql.lit(partitions)}, remainder ${sql.lit(part)})`.execute(db)
    },
  },
}
