// What rules ask of things that happened, read from notices and the ledger: which alerts belong
// together, how severe it is, where the container was and where it goes. Decides nothing.
import type { LifeEntry } from '../../domain/alert-life.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { type JourneyStep, journeySteps, phasesOf } from '../../domain/phases.ts'
import { type Phase, type Severity, severities } from '../../domain/profile/profile.ts'
import { type AlertStanding, standingOf } from '../../store/ledger/alert-standing.ts'
import type { Alert } from '../../store/ledger/alerts.ts'
import { readPresenceAbove } from '../../store/ledger/contents.ts'
import type { StoredEvent } from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { eventsNaming } from '../../store/ledger/mentions.ts'
import type { Notice } from '../../store/ledger/notices.ts'
import type { Facts } from './terms.ts'

/** Facts with what belongs together: alerts of one breach of one container, a recall, a case. */
export type Subjected = Facts & { subject: string }

interface AlertBody {
  alert: Alert
}
interface WorkflowBody {
  alert: string
  gtin?: string
  container?: string
  place?: string | null
  severity?: Severity
  entry: LifeEntry
}
interface OtherBody {
  recall?: string
  case?: string
  id?: string | number
  drill?: boolean
  severity?: Severity
}

/** In the order given. `journey`: some rule asks where a container was on its way. */
export async function readFacts(
  db: LedgerQuery,
  tenant: string,
  { notices, journey }: { notices: readonly Notice[]; journey: boolean },
): Promise<Subjected[]> {
  const ids = notices.flatMap((notice) => alertOf(notice) ?? [])
  const standings = await standingOf(db, tenant, ids)
  const journeys = new Map<string, Journey>()
  const facts: Subjected[] = []
  for (const notice of notices) {
    const alert = alertOf(notice)
    const standing = alert === undefined ? undefined : standings.get(alert)
    const one = factsOf(notice, standing)
    const container = containerOf(notice)
    if (journey && container !== undefined) {
      const key = `${container} ${one.begin}`
      const found =
        journeys.get(key) ?? (await readJourney(db, tenant, { container, at: one.begin }))
      journeys.set(key, found)
      const { phase, lane } = found
      if (phase) one.facts.phase = phase
      if (lane) one.facts.lane = lane
      one.facts.places = [...new Set([...one.facts.places, ...found.places])]
    }
    facts.push(one.facts)
  }
  return facts
}

/** Alert that a notice is about. */
export function alertOf({ kind, body }: Pick<Notice, 'kind' | 'body'>): string | undefined {
  if (kind === 'alert.raised' || kind === 'alert.changed') return (body as AlertBody).alert.id
  return kind === 'alert.workflow' ? (body as WorkflowBody).alert : undefined
}

const containerOf = ({ kind, body }: Notice): string | undefined =>
  kind === 'alert.workflow'
    ? (body as WorkflowBody).container
    : kind.startsWith('alert.')
      ? (body as AlertBody).alert.container
      : undefined

function factsOf(
  { kind, ref, recordTime: at, body }: Notice,
  standing: AlertStanding | undefined,
): { facts: Subjected; begin: number } {
  const places = standing?.place ? [standing.place] : []
  const common = { kind, ref, at, places }
  if (kind === 'alert.raised' || kind === 'alert.changed') {
    const { id, severity, gtin, device, from } = (body as AlertBody).alert
    const subject = `alert/${standing?.group ?? id}`
    return { facts: { ...common, subject, severity, alert: id, gtin, device }, begin: from }
  }
  if (kind === 'alert.workflow') {
    const { alert, gtin, severity = 'info' } = body as WorkflowBody
    const subject = `alert/${standing?.group ?? alert}`
    const facts = { ...common, subject, severity, alert, ...(gtin !== undefined && { gtin }) }
    return { facts, begin: at }
  }
  const { recall, case: named, id, drill, severity } = body as OtherBody
  const subject = `${kind.split('.')[0]}/${recall ?? named ?? id ?? ref}`
  const said = severities.find((one) => one === severity)
  const usual = kind.startsWith('recall.') ? (drill ? 'info' : 'critical') : usualSeverity[kind]
  return { facts: { ...common, subject, severity: said ?? usual ?? 'info' }, begin: at }
}

/** Of what says nothing itself about how severe it is. */
const usualSeverity: Readonly<Record<string, Severity>> = {
  'conflict.opened': 'minor',
  'case.opened': 'major',
  'case.changed': 'major',
}

interface Journey {
  phase?: Phase
  places: string[]
  lane?: { from?: string; to?: string }
}

/** Where it was on its way then, from the events that shipped and received it. */
async function readJourney(
  db: LedgerQuery,
  tenant: string,
  { container, at }: { container: string; at: number },
): Promise<Journey> {
  const window = { from: Number.NEGATIVE_INFINITY, to: Infinity }
  const above = await readPresenceAbove(db, tenant, { epc: container, window })
  const named = await eventsNaming(db, tenant, { epcs: [...above.keys()] })
  const steps: JourneyStep[] = []
  let shipped: StoredEvent | undefined
  for (const { epc, event } of named) {
    const step = event.declared ? undefined : journeySteps[event.bizStep ?? '']
    const { eventTime: time } = event
    if (!step || !above.get(epc)!.some(({ from, to }) => from <= time && time <= to)) continue
    steps.push({ time, step, places: step === 'receive' ? receivedAt(event) : sentTo(event) })
    if (step === 'ship' && time <= at) shipped = event
  }
  const phase = phasesOf(steps).find(({ from, to }) => from <= at && at < to)?.phase
  if (!shipped) return { places: [], ...(phase && { phase }) }
  const from = sentFrom(shipped)
  const [to] = sentTo(shipped)
  const lane = { ...(from && { from }), ...(to && { to }) }
  return { ...(phase && { phase }), lane, places: [from, to].filter((one) => one !== undefined) }
}

const receivedAt = ({ readPoint, bizLocation }: StoredEvent): string[] =>
  [readPoint, bizLocation].filter((place) => place !== null)

const sentTo = (event: StoredEvent): string[] =>
  parseStored(event).destinationList.flatMap(({ type, id }) =>
    type.endsWith('location') ? [id] : [],
  )

const sentFrom = (event: StoredEvent): string | undefined =>
  parseStored(event).sourceList.find(({ type }) => type.endsWith('location'))?.id ??
  event.readPoint ??
  event.bizLocation ??
  undefined
