// Windows of rows become captures: what is there already is left out, the rest goes through the log
// like any capture, and what its follower said of it is told by rows. Keeps no rows itself.
//
// The same file again, in other parts, or continued with more rows changes nothing twice: an event
// that is there is known by its hash id (CBV 2.0 §8.9), and an EPC that an event with the same head
// names at the same time is left out of the event that would name it once more.
import { randomUUID } from 'node:crypto'
import { bounds } from '../../config.ts'
import { epcisContext } from '../../domain/epcis/format.ts'
import { eventHash } from '../../domain/epcis/hash.ts'
import type { RefusalCode } from '../../domain/refusal.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import { type Capture, insertCapture, readCapture, readEvents } from '../../store/ledger/events.ts'
import type { LedgerView } from '../../store/ledger/ledger.ts'
import { eventsNaming } from '../../store/ledger/mentions.ts'
import { mentionRoles } from '../../store/ledger/schema.ts'
import type { Log } from '../../store/log.ts'
import { type EventGroup, eventOf, type RowWindow } from './groups.ts'
import type { Json, RefusedRow } from './rows.ts'

/** Where rows go. `ledger` sees the tenant only. */
export interface LoadPorts {
  ledger: LedgerView
  log: Pick<Log, 'append' | 'whenDurable'>
  /** Resolves when the capture follower has passed an offset of the log. */
  applied(offset: number): Promise<void>
  /** Record time, epoch ms. */
  now(): number
  tenant: string
  /** Who loads. */
  source: string
}

export interface WindowResult {
  /** Rows that became events now, and rows whose events were there. */
  applied: number
  already: number
  events: number
  warnings: number
  refused: RefusedRow[]
}

/**
 * Resolves when everything that was kept before has been applied: only then the ledger says what is
 * there. An empty capture goes through the log ahead of the rows.
 */
export async function beginLoad(ports: LoadPorts): Promise<void> {
  await capture(ports, [])
}

/** Resolves when the events of the window are applied, or refused. */
export async function applyWindow(window: RowWindow, ports: LoadPorts): Promise<WindowResult> {
  const result: WindowResult = {
    ...{ applied: 0, already: 0, events: 0, warnings: 0 },
    refused: window.refused,
  }
  const fresh: EventGroup[] = []
  for (const { group, rows } of await missing(window.groups, ports)) {
    result.already += rows - group.rows.length
    if (group.rows.length > 0) fresh.push(group)
  }
  for (const document of documentsOf(fresh)) {
    const job = await capture(ports, document.events)
    const faults = faultsOf(job, document.groups)
    const warned = job.errors.filter(({ warning }) => warning).length
    result.warnings += warned
    for (const group of document.groups) {
      const fault = faults.get(group)
      if (!fault) {
        result.applied += group.rows.length
        result.events++
      } else
        for (const { line, row } of group.rows)
          result.refused.push({ line, column: '', ...fault, row })
    }
  }
  return result
}

/** What is left of each group once what is there is taken out; `rows` as they were. */
async function missing(
  groups: readonly EventGroup[],
  { ledger, tenant }: LoadPorts,
): Promise<{ group: EventGroup; rows: number }[]> {
  const known = await idsOf(ledger.db, tenant, [
    ...new Set(groups.flatMap(({ epcs }) => [...epcs])),
  ])
  /** Without any EPC that is known, an event cannot have been captured. */
  const suspects = groups.filter(
    ({ epcs }) => epcs.size === 0 || [...epcs].some((epc) => known.has(epc)),
  )
  const ids = new Map(suspects.map((group) => [group, eventHash(eventOf(group))]))
  const stored = await readEvents(ledger.db, tenant, [...new Set(ids.values())])
  const there = new Set(stored.map(({ eventID }) => eventID))
  const left: { group: EventGroup; rows: number }[] = []
  for (const group of groups) {
    const rows = group.rows.length
    const id = ids.get(group)
    if (id === undefined) left.push({ group, rows })
    else if (there.has(id)) left.push({ group: { ...group, rows: [] }, rows })
    else left.push({ group: await without(group, known, { ledger, tenant }), rows })
  }
  return left
}

/** The group without EPCs that an event with its head names already. */
async function without(
  group: EventGroup,
  known: ReadonlyMap<string, number>,
  { ledger, tenant }: Pick<LoadPorts, 'ledger' | 'tenant'>,
): Promise<EventGroup> {
  const { head, list } = group
  const epcs = [...group.epcs].filter((epc) => known.has(epc))
  const at = Date.parse(String(head.eventTime))
  const naming = await eventsNaming(ledger.db, tenant, {
    epcs,
    roles: [mentionRoles[list]],
    window: { from: at, to: at + 1 },
  })
  const own = headHash(head, list)
  const heads = new Map<string, boolean>()
  const named = new Set<string>()
  for (const { epc, event } of naming) {
    let isSame = heads.get(event.eventID)
    if (isSame === undefined) {
      isSame = headHash(JSON.parse(event.body) as Json, list) === own
      heads.set(event.eventID, isSame)
    }
    if (isSame) named.add(epc)
  }
  if (named.size === 0) return group
  return {
    ...group,
    epcs: new Set([...group.epcs].filter((epc) => !named.has(epc))),
    rows: group.rows.filter(({ epc }) => epc === undefined || !named.has(epc)),
  }
}

const headHash = (event: Json, list: EventGroup['list']): string =>
  eventHash({ ...event, [list]: [] })

/** As many documents as the bytes of one capture ask for. */
function* documentsOf(
  groups: readonly EventGroup[],
): Generator<{ groups: EventGroup[]; events: string[] }> {
  let document: { groups: EventGroup[]; events: string[] } = { groups: [], events: [] }
  let chars = 0
  for (const group of groups) {
    const event = JSON.stringify(eventOf(group))
    if (document.events.length > 0 && chars + event.length > bounds.loadDocumentChars) {
      yield document
      document = { groups: [], events: [] }
      chars = 0
    }
    document.groups.push(group)
    document.events.push(event)
    chars += event.length
  }
  if (document.events.length > 0) yield document
}

/** The job, as its follower left it. Events as JSON texts. */
async function capture(ports: LoadPorts, events: readonly string[]): Promise<Capture> {
  const { ledger, log, tenant, source, now } = ports
  const recordTime = now()
  const job: Capture = {
    ...{ id: randomUUID(), createdAt: recordTime, events: events.length, errors: [] },
    behaviour: 'proceed',
  }
  // Before the log, or the follower might finish what is not yet begun.
  await insertCapture(ledger.db, tenant, job)
  const body = Buffer.from(
    `{"@context":["${epcisContext}"],"type":"EPCISDocument","schemaVersion":"2.0",` +
      `"creationDate":"${new Date(recordTime).toISOString()}",` +
      `"epcisBody":{"eventList":[${events.join(',')}]}}`,
  )
  const offset = log.append({ kind: 'capture', tenant, source, topic: job.id, recordTime, body })
  await log.whenDurable(offset)
  await ports.applied(offset)
  return (await readCapture(ledger.db, tenant, job.id)) ?? job
}

/** Why groups were refused; a fault of no event is one of all of them. */
function faultsOf(
  { errors }: Capture,
  groups: readonly EventGroup[],
): Map<EventGroup, { code: RefusalCode; detail: string }> {
  const faults = new Map<EventGroup, { code: RefusalCode; detail: string }>()
  for (const { code, path, detail, warning } of errors) {
    if (warning) continue
    const index = /\/eventList\/(\d+)/.exec(path)?.[1]
    const hit = index === undefined ? groups : groups.slice(Number(index), Number(index) + 1)
    for (const group of hit)
      if (!faults.has(group)) faults.set(group, { code: code as RefusalCode, detail })
  }
  return faults
}
