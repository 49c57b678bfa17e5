// What subscribers to a named EPCIS query are told: every captured event that satisfies it, once,
// in the order of capture, as EPCISQueryDocuments (EPCIS 2.0 §8.2.5, §12.6). A subscription follows
// a stream or a schedule. Reads on from a place in the table of events, which is the same after any
// restart; `matches` of domain/epcis/query.ts decides alone.
import { createHash } from 'node:crypto'
import { bounds } from '../config.ts'
import type { Json } from '../domain/epcis/fields.ts'
import { formatJsonDocument } from '../domain/epcis/format.ts'
import { type EventQuery, matches, parseQuery } from '../domain/epcis/query.ts'
import { parseStored } from '../domain/epcis/stored.ts'
import { nextTime, parseSchedule } from '../domain/query-schedule.ts'
import type { Message } from '../store/ledger/deliveries.ts'
import type { Endpoint } from '../store/ledger/endpoints.ts'
import { answerMasterData } from '../store/ledger/event-master.ts'
import { listEvents, type StoredEvent } from '../store/ledger/events.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { readNamedQuery } from '../store/ledger/queries.ts'

/** Place of an event in the order of capture. */
export interface EventPlace {
  offset: number
  pos: number
}

/** What a subscription asked for beside its query. */
export interface SubscriptionSettings {
  /** QuerySchedule as it was given; without it, a stream. */
  schedule?: Record<string, string>
  reportIfEmpty?: boolean
  /** Record time, epoch ms: nothing captured before is told. */
  initialRecordTime: number
}

export interface Found {
  events: StoredEvent[]
  place: EventPlace
  /** Nothing is behind the place. */
  end: boolean
}

/** Before the first event of all. */
export const firstPlace: EventPlace = { offset: -Number.MAX_SAFE_INTEGER, pos: 0 }

/** Behind the last event there is. */
export async function lastPlace(db: LedgerQuery, tenant: string): Promise<EventPlace> {
  const row = await db
    .selectFrom('events')
    .select(['seq', 'pos'])
    .where('tenant', '=', tenant)
    .orderBy('seq', 'desc')
    .orderBy('pos', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? { offset: row.seq, pos: row.pos } : firstPlace
}

/** The query of a name, ready to decide. Undefined when there is none (any more). */
export async function readQuery(
  db: LedgerQuery,
  tenant: string,
  name: string,
): Promise<EventQuery | undefined> {
  const named = await readNamedQuery(db, tenant, name)
  if (!named) return undefined
  const parsed = parseQuery(named.query)
  // What counts and sorts results is for who asks once: a subscriber gets all, as they come.
  return parsed.ok
    ? answerMasterData(db, tenant, { conditions: parsed.value.conditions })
    : undefined
}

/** The next events of a query behind a place: at most one message full. */
export async function findNext(
  db: LedgerQuery,
  tenant: string,
  { query, from, since }: { query: EventQuery; from: EventPlace; since: number },
): Promise<Found> {
  const found: Found = { events: [], place: from, end: false }
  let bytes = 0
  let looked = 0
  let seen = 0
  while (looked < bounds.outboxLook && seen < bounds.subscriptionLookBytes) {
    const limit = bounds.subscriptionPage
    const after = { seq: found.place.offset, pos: found.place.pos }
    const rows = await listEvents(db, tenant, { after, limit })
    for (const row of rows) {
      const fits = row.recordTime >= since && satisfies(row, query)
      if (fits) {
        bytes += row.body.length
        const full =
          found.events.length >= bounds.subscriptionEventsMax || bytes > bounds.subscriptionBytesMax
        // One event is told however large it is.
        if (full && found.events.length > 0) return found
        found.events.push(row)
      }
      found.place = { offset: row.seq, pos: row.pos }
      seen += row.body.length
    }
    looked += rows.length
    if (rows.length < limit) return { ...found, end: true }
  }
  return found
}

const satisfies = (row: StoredEvent, query: EventQuery): boolean =>
  matches({ ...parseStored(row), recordTime: row.recordTime }, query)

/** An EPCISQueryDocument; `about` says whose answer it is. */
export function formatResults(
  events: readonly StoredEvent[],
  about: { name: string; subscriptionID?: string; now: number },
): string {
  const said = events.map(
    (stored): Json => ({
      ...(JSON.parse(stored.body) as Json),
      eventID: stored.eventID,
      recordTime: new Date(stored.recordTime).toISOString(),
    }),
  )
  const { name, subscriptionID, now } = about
  const query = { name, ...(subscriptionID !== undefined && { subscriptionID }) }
  // Refuses only forms that were asked for, and none is.
  const document = formatJsonDocument(said, { creationDate: now, query })
  return JSON.stringify(document.ok ? document.value : undefined)
}

/** The source of messages of subscriptions: quality/deliver.ts sends them. */
export const subscriptionSource = {
  async fill(db: LedgerQuery, endpoint: Endpoint, { now }: { now: number; room: number }) {
    const { tenant, query: name, notice, offset, pos } = endpoint
    const settings = endpoint.settings as unknown as SubscriptionSettings
    const due = dueOf(endpoint, now)
    if (!due) return undefined
    const query = await readQuery(db, tenant, name)
    if (!query) return `the query ${name} is gone`
    const since = settings.initialRecordTime
    const found = await findNext(db, tenant, { query, from: { offset, pos }, since })
    const { events, place, end } = found
    const told = (endpoint.found ?? 0) + events.length
    const over = endpoint.runAt !== null && end
    const empty = over && told === 0 && settings.reportIfEmpty === true
    const messages = events.length > 0 || empty ? [messageOf(endpoint, found, now)] : []
    const moved = place.offset !== offset || place.pos !== pos
    if (messages.length === 0 && !moved && !over) return undefined
    const run =
      endpoint.runAt === null
        ? { runAt: null, found: null }
        : over
          ? { runAt: runAfter(settings, now), found: null }
          : { runAt: endpoint.runAt, found: told }
    return { messages, place: { notice, ...place, ...run } }
  },

  cut(message: Message): [Message, Message] | undefined {
    const document = JSON.parse(message.body) as ResultsDocument
    const { eventList } = document.epcisBody.queryResults.resultsBody
    if (eventList.length < 2) return undefined
    const middle = eventList.length >> 1
    const piece = (part: unknown[], name: string): Message => {
      document.epcisBody.queryResults.resultsBody.eventList = part
      return { ...message, id: `${message.id}${name}`, body: JSON.stringify(document) }
    }
    return [piece(eventList.slice(0, middle), 'a'), piece(eventList.slice(middle), 'b')]
  },
}

function messageOf(endpoint: Endpoint, { events, place }: Found, now: number): Message {
  const { id, query: name, runAt } = endpoint
  const body = formatResults(events, { name, subscriptionID: id, now })
  const about = JSON.stringify([id, place, runAt])
  const hash = createHash('sha256').update(about).digest('hex')
  return { id: `msg_${hash.slice(0, 32)}`, type: 'EPCISQueryDocument', body }
}

interface ResultsDocument {
  epcisBody: { queryResults: { resultsBody: { eventList: unknown[] } } }
}

/** A stream always; a schedule when its time has come, until its run is over. */
const dueOf = ({ runAt, found }: Endpoint, now: number): boolean =>
  runAt === null || found !== null || runAt <= now

/** Runs that were missed are one. */
export function runAfter({ schedule }: Pick<SubscriptionSettings, 'schedule'>, now: number) {
  const parsed = schedule && parseSchedule(schedule)
  return parsed?.ok ? (nextTime(parsed.value, now) ?? null) : null
}
