// Rows become events. The rule, which depends on the file and on nothing else: the rows are taken
// in windows of bounds.loadWindowRows, counted from the first row of the file, refused ones
// included; within a window, rows that say the same but for their EPC are one event, in the order
// of the first of them, of at most bounds.loadEpcsPerEvent EPCs; a quantity is an event of its own.
// However the bytes are cut on their way, the same file gives the same events.
import { bounds } from '../../config.ts'
import type { CsvRecord } from './csv.ts'
import type { Json, RefusedRow, RowFacts, RowReader } from './rows.ts'

/** One event and the rows that it is made of. */
export interface EventGroup {
  head: Json
  /** The field that takes the EPCs. */
  list: 'epcList' | 'childEPCs'
  epcs: Set<string>
  /** Lots and how much of them: the same field for all of them. */
  quantity?: { list: 'quantityList' | 'childQuantityList'; element: Json }
  rows: { line: number; row: string; epc: string | undefined }[]
}

export interface RowWindow {
  rows: number
  /** Line of its last row. */
  lastLine: number
  groups: EventGroup[]
  refused: RefusedRow[]
}

export interface Windows {
  /** Windows that are full now. */
  push(records: readonly CsvRecord[]): RowWindow[]
  finish(): RowWindow[]
}

export function windowsOf(read: RowReader): Windows {
  let held: CsvRecord[] = []
  return {
    push: (records) => {
      const windows: RowWindow[] = []
      for (const record of records) {
        held.push(record)
        if (held.length < bounds.loadWindowRows) continue
        windows.push(windowOf(held, read))
        held = []
      }
      return windows
    },
    finish: () => (held.length === 0 ? [] : [windowOf(held, read)]),
  }
}

/** The event of a group, without eventID: it follows from the content. */
export const eventOf = ({ head, list, epcs, quantity }: EventGroup): Json => ({
  ...head,
  ...((epcs.size > 0 || !quantity) && { [list]: [...epcs] }),
  ...(quantity && { [quantity.list]: [quantity.element] }),
})

function windowOf(records: readonly CsvRecord[], read: RowReader): RowWindow {
  const refused: RefusedRow[] = []
  const groups: EventGroup[] = []
  const open = new Map<string, OpenGroup>()
  for (const { line, facts, row } of records.map((record) => rowOf(record, read))) {
    if (Array.isArray(facts)) {
      for (const one of facts) refused.push(one)
      continue
    }
    const epc = typeof facts.item === 'string' ? facts.item : undefined
    groupFor(facts, { epc, open, groups }).rows.push({ line, row, epc })
  }
  return { rows: records.length, lastLine: records.at(-1)!.line, groups, refused }
}

/** The group that takes further EPCs, and where each one went: a second row of it adds nothing. */
interface OpenGroup {
  last: EventGroup
  of: Map<string, EventGroup>
}

const rowOf = (record: CsvRecord, read: RowReader) => ({
  line: record.line,
  row: record.raw.slice(0, bounds.loadRowKeptChars),
  facts: read(record),
})

function groupFor(
  { head, group: name, item }: RowFacts,
  to: { epc: string | undefined; open: Map<string, OpenGroup>; groups: EventGroup[] },
): EventGroup {
  const own = to.epc === undefined ? `${name}\n${JSON.stringify(item)}` : name
  const known = to.open.get(own)
  const taken = to.epc === undefined ? known?.last : known?.of.get(to.epc)
  if (taken) return taken
  const isFull = known !== undefined && known.last.epcs.size >= bounds.loadEpcsPerEvent
  const last = known === undefined || isFull ? newGroup(head, item) : known.last
  if (last !== known?.last) to.groups.push(last)
  const of = known?.of ?? new Map<string, EventGroup>()
  if (to.epc !== undefined) {
    last.epcs.add(to.epc)
    of.set(to.epc, last)
  }
  to.open.set(own, { last, of })
  return last
}

function newGroup(head: Json, item: RowFacts['item']): EventGroup {
  const isChild = head.type === 'AggregationEvent'
  return {
    head,
    list: isChild ? 'childEPCs' : 'epcList',
    epcs: new Set(),
    ...(typeof item === 'object' && {
      quantity: { list: isChild ? 'childQuantityList' : 'quantityList', element: { ...item } },
    }),
    rows: [],
  }
}
