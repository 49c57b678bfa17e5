// The serials inside one alert and the revisions of their set: the first rows as soon as they can
// be, more beside what the reader does, the rest when it is asked for. All rows are of one
// revision. Counts only what came; the number and the hash of the whole set come with it.
import { type ReadonlySignal, signal } from '@preact/signals'
import { type Problem, toProblem } from './client.ts'
import { apiPath, read } from './server.ts'
import {
  numberOf,
  objectOf,
  parsePage,
  parseRevision,
  parseSerial,
  type Revision,
  type Serial,
  textOf,
} from './shapes.ts'

/** Rows of one revision of the set, from its first one on. */
export interface SetRows {
  /** 0: nothing has come yet. */
  revision: number
  /** Of the whole set. */
  count: number
  hash: string
  serials: readonly Serial[]
  /** Null: these are all. */
  next: string | null
}

export interface Affected extends SetRows {
  /** The page draws that many of the first rows. */
  shown: number
  revisions: readonly Revision[]
  /** More rows are on their way. */
  busy: boolean
  problem: Problem | null
}

/** Asks the server; what it throws is shown as a problem. */
export interface AskSet {
  rows(query: { limit: number; cursor?: string }): Promise<SetRows>
  revisions(): Promise<readonly Revision[]>
}

export interface AffectedSet {
  readonly state: ReadonlySignal<Affected>
  /** As the set stands now; rows of before stay until as many new ones are there. */
  load(): Promise<void>
  showMore(): void
  /** What still comes is not looked at. */
  close(): void
}

export interface SetSizes {
  /** Asked for by themselves: a screen of them, and some. */
  first: number
  /** Asked for beside the reader: the counts cover most sets whole. */
  page: number
  /** Drawn at once, so that a phone keeps up. */
  step: number
}

const usualSizes: SetSizes = { first: 100, page: 2000, step: 100 }
const nothing: SetRows = { revision: 0, count: 0, hash: '', serials: [], next: null }

export function openAffected(ask: AskSet, sizes: SetSizes = usualSizes): AffectedSet {
  const { first, page, step } = sizes
  const begin = { ...nothing, revisions: [], shown: step, busy: false, problem: null }
  const state = signal<Affected>(begin)
  const change = (to: Partial<Affected>): void => {
    state.value = { ...state.peek(), ...to }
  }
  // Of what was begun only the newest counts.
  let round = 0

  /** Page after page until as many rows as wanted are there; the same when another round began. */
  async function take(mine: number, from: SetRows, wanted: () => number): Promise<SetRows> {
    let rows = from
    while (mine === round && isShort(rows, wanted())) {
      const { length } = rows.serials
      const limit = length < page ? Math.min(wanted(), page) - length : page
      const came = await ask.rows({ limit, ...(rows.next !== null && { cursor: rows.next }) })
      if (mine !== round) break
      rows = joined(rows, came)
      const fewer = rows.serials.length < state.peek().serials.length
      if (!fewer || rows.next === null) change({ ...rows, problem: null })
    }
    return rows
  }

  async function run(act: (mine: number) => Promise<unknown>): Promise<void> {
    const mine = ++round
    change({ busy: true })
    try {
      await act(mine)
    } catch (error) {
      if (mine === round) change({ problem: toProblem(error) })
    }
    if (mine === round) change({ busy: false })
  }

  async function takeRevisions(mine: number): Promise<void> {
    try {
      const revisions = await ask.revisions()
      if (mine === round) change({ revisions })
    } catch (error) {
      if (mine === round) change({ problem: toProblem(error) })
    }
  }

  const wanted = (): number => Math.max(page, state.peek().shown, state.peek().serials.length)
  return {
    state,
    load: () =>
      run(async (mine) => {
        // Nobody waits for what replaces rows that stand there.
        const some = state.peek().revision === 0 ? first : page
        const rows = await take(mine, nothing, () => some)
        if (mine !== round) return
        void takeRevisions(mine)
        await take(mine, rows, wanted)
      }),
    showMore() {
      change({ shown: state.peek().shown + step })
      const { busy, revision, count, hash, serials, next } = state.peek()
      // Rows that are on their way are taken as far as is wanted when they come.
      if (busy || !isShort(state.peek(), wanted())) return
      void run((mine) => take(mine, { revision, count, hash, serials, next }, wanted))
    },
    close() {
      round++
    },
  }
}

const joined = ({ serials }: SetRows, came: SetRows): SetRows => ({
  ...came,
  serials: [...serials, ...came.serials],
  // An empty page would be asked for without end.
  next: came.serials.length === 0 ? null : came.next,
})

const isShort = ({ revision, serials, next }: SetRows, wanted: number): boolean =>
  revision === 0 || (next !== null && serials.length < wanted)

/** The set of an alert, from the server. */
export const askSetOf = (id: string): AskSet => ({
  rows: async (query) => {
    const json = await read(apiPath('alerts', id, 'serials'), query)
    const { revision, serialCount, serialSetHash } = objectOf(json)
    const { items, next } = parsePage(json, parseSerial)
    return {
      ...{ revision: numberOf(revision) ?? 1, count: numberOf(serialCount) ?? items.length },
      ...{ hash: textOf(serialSetHash), serials: items, next },
    }
  },
  revisions: async () =>
    parsePage(await read(apiPath('alerts', id, 'revisions')), parseRevision).items,
})
