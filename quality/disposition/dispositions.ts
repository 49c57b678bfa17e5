// Dispositions in the ledger: proposed on what was seen, put in force by a signature that names
// just that, and refused when it is no longer how things stand. Whoever asks brings a transaction;
// of two at once one wins and the other hears what changed. Who may sign is for the API to know.
import { bounds } from '../../config.ts'
import { type Basis, type LifeEntry, mayStep } from '../../domain/alert-life.ts'
import { parseEpc } from '../../domain/gs1/gs1.ts'
import type { Recommended, RecommendedSeen, RecommendedUnit } from '../../domain/recommended.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { appendEntry, basisOf, holdLife, type LifeRow } from '../../store/ledger/alert-lives.ts'
import {
  readAlert,
  readSerialSet,
  type SerialLeg,
  writeSerialSet,
} from '../../store/ledger/alerts.ts'
import {
  type DispositionRow,
  decide,
  decisionsOn,
  insertDisposition,
  signDisposition,
} from '../../store/ledger/dispositions.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import { appendEvidence } from '../../store/ledger/evidence.ts'
import { groupMembers } from '../../store/ledger/inbox.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { writeNotice } from '../../store/ledger/notices.ts'
import { putOutbox } from '../../store/ledger/outbox.ts'
import { readProduct } from '../../store/ledger/registry.ts'
import { canonical, hashOf, textHash } from '../profile-change.ts'
import {
  cutParts,
  type Decision,
  type DispositionControl,
  type DispositionRecord,
  forbidden,
  inForceHash,
  type Part,
  recommendedOtherwise,
  type Standing,
  serialSetHashOf,
  some,
  wordsOf,
} from './disposition.ts'
import { documentsOf } from './events.ts'
import { type PartNamed, unitsNamed } from './named.ts'
import { type Refused, type SubjectSeen, subjectOf, subjectStands } from './subject.ts'

export interface Proposal {
  id: string
  subject: SubjectSeen
  parts: readonly PartNamed[]
  /** Asked where a part is chosen by verdict: what was seen, and what is recommended now. */
  recommended?: RecommendedPin | undefined
  /** Containers are opened as of then. Epoch ms. */
  asOf: number
  reason: string
  control: DispositionControl
  by: string
  at: number
}

export interface RecommendedPin {
  seen: RecommendedSeen
  /** Of each unit, when that is still known. */
  before: readonly RecommendedUnit[] | undefined
  now: Recommended
}

export interface SignedBy {
  kind: 'signature'
  /** Hash of what is signed (21 CFR 11.70). */
  record: string
  signer: string
  printedName: string
  signedAt: string
  meaning: 'approval' | 'rejection'
  reason: string
  authentication: 'password' | 'token'
}

type Units = SerialLeg[]

/** Changes nothing of any unit. */
export async function propose(
  db: LedgerQuery,
  tenant: string,
  asked: Proposal,
): Promise<{ row: DispositionRow } | Refused> {
  const stands = await subjectOf(db, tenant, asked.subject)
  if ('refusals' in stands) return stands
  const pin = asked.recommended
  if (pin && pin.now.hash !== pin.seen.hash) return { refusals: recommendedOtherwise(pin.now, pin) }
  const among = { units: stands.units, recommended: pin?.now, asOf: asked.asOf }
  const parts = await unitsNamed(db, tenant, { parts: asked.parts, among })
  if ('refusals' in parts) return parts
  const cut = cutParts(parts, stands.units)
  if ('refusals' in cut) return cut
  const { units } = cut
  if (units.length > bounds.dispositionUnitsMax)
    return one(
      'quality/units',
      `${units.length} units: at most ${bounds.dispositionUnitsMax} at once`,
    )
  const inForce = await standingOn(db, tenant, units)
  if ('refusals' in inForce) return inForce
  const told = partsTold(asked.parts, units)
  const refusals = forbidden(units, { parts: told, inForce })
  if (refusals.length > 0) return { refusals }
  const serialSet = `disposition-${hashOf(units)}`
  await writeSerialSet(db, tenant, serialSet, units)
  if (pin) await writeSerialSet(db, tenant, recommendedSet(pin.now), [...pin.now.units])
  const all = serialSetHashOf(units.map(([epc]) => epc))
  const { id, subject, at } = asked
  const record: DispositionRecord = {
    ...{ kind: 'disposition', tenant, id, parts: told, reason: asked.reason },
    subject: subject ?? { kind: 'list', serialSetHash: all },
    ...{ serialSetHash: all, serialCount: units.length },
    left: (stands.units?.size ?? units.length) - units.length,
    ...{ asOf: iso(asked.asOf), inForceHash: inForceHash(units, inForce) },
    ...(pin && { recommended: seenOf(pin.now) }),
    control: await controlOf(db, tenant, { units, control: asked.control }),
    ...{ proposedBy: asked.by, proposedAt: iso(at) },
  }
  const row = proposedRow(record, { at, serialSet, subject: subject?.id ?? '' })
  await insertDisposition(db, row)
  await evidence(db, row, { kind: 'disposition.proposed', by: asked.by, at })
  return { row }
}

const partsTold = (asked: readonly PartNamed[], units: Units): Part[] =>
  asked.map(({ decision, disposition, verdict }, number): Part => {
    const own = units.flatMap(([epc, part]) => (part === number ? [epc] : []))
    return {
      ...{ decision, disposition: disposition ?? wordsOf[decision].dispositions[0]! },
      ...{ count: own.length, serialSetHash: serialSetHashOf(own) },
      ...(verdict && { verdict }),
    }
  })

function proposedRow(
  record: DispositionRecord,
  { at, serialSet, subject }: { at: number; serialSet: string; subject: string },
): DispositionRow {
  const text = canonical(record)
  const { tenant, id } = record
  return {
    ...{ tenant, id, state: 'proposed', proposedAt: at, serialSet },
    ...{ subjectKind: record.subject.kind, subject },
    ...{ record: text, recordHash: textHash(text) },
    ...{ signature: null, signatureHash: null, signedAt: null },
  }
}

const seenOf = ({ units: _, ...seen }: Recommended): RecommendedSeen => seen

/** Where the verdict of each unit is kept, to say later which changed. */
const recommendedSet = ({ hash }: RecommendedSeen): string => `recommended-${hash}`

/**
 * Puts it in force, or ends it; `moved`: the alerts whose lives it moved. To be run alone among the
 * dispositions of the tenant.
 */
export async function signProposed(
  db: LedgerQuery,
  row: DispositionRow,
  of: { signature: SignedBy; at: number; recommended?: Recommended | undefined },
): Promise<{ row: DispositionRow; moved: LifeRow[] } | Refused> {
  const { tenant, id } = row
  const { signature, at } = of
  const record = JSON.parse(row.record) as DispositionRecord
  const text = canonical(signature)
  const end = {
    state: signature.meaning === 'approval' ? 'signed' : 'rejected',
    ...{ signature: text, signatureHash: textHash(text), signedAt: at },
  }
  if (row.state !== 'proposed') return one('quality/stale', endedWords(row))
  const signed = { ...row, ...end }
  if (signature.meaning === 'rejection') {
    if (!(await signDisposition(db, row, end)))
      return one('quality/stale', 'somebody else has signed it')
    await evidence(db, signed, { kind: 'disposition.rejected', by: signature.signer, at })
    return { row: signed, moved: [] }
  }
  const { subject } = record
  // Held first: a revision that is under way waits, and opens the alert again if it must.
  const life = subject.kind === 'alert' ? await holdLife(db, tenant, subject.id) : undefined
  const standing = await standingStill(db, row, of.recommended)
  if ('refusals' in standing) return standing
  const { units, among } = standing
  if (!(await signDisposition(db, row, end)))
    return one('quality/stale', 'somebody else has signed it')
  const ids = await idsOf(
    db,
    tenant,
    units.map(([epc]) => epc),
  )
  for (const [number, { decision }] of record.parts.entries()) {
    const own = units.flatMap(([epc, part]) => (part === number ? [ids.get(epc)!] : []))
    await decide(db, tenant, { disposition: id, decision, at, units: own })
  }
  for (const document of documentsOf(record, { units, signedAt: at })) await putOutbox(db, document)
  const moved = life ? await moveOn(db, life, { record, signature, at, units: among! }) : []
  await writeNotice(db, {
    ...{ tenant, kind: 'disposition.signed', ref: id, recordTime: at },
    body: { disposition: id, subject, parts: record.parts, signer: signature.signer },
  })
  await evidence(db, signed, { kind: 'disposition.signed', by: signature.signer, at })
  return { row: signed, moved }
}

/** Why it can no longer be signed; none as long as all stands that it was proposed on. */
export async function staleness(
  db: LedgerQuery,
  row: DispositionRow,
  recommended: Recommended | undefined,
): Promise<Refusal[]> {
  const standing = await standingStill(db, row, recommended)
  return 'refusals' in standing ? standing.refusals : []
}

/**
 * As far as a list looks: whether the subject was restated, or somebody decided on its units, of so
 * many at most. What passports recommend is not worked out.
 */
export async function staleInList(
  db: LedgerQuery,
  row: DispositionRow,
  unitsMax: number,
): Promise<'quality/stale' | 'quality/decided' | null> {
  const record = JSON.parse(row.record) as DispositionRecord
  const { subject, serialCount } = record
  const stands = subject.kind === 'list' ? {} : await subjectStands(db, row.tenant, subject)
  if ('refusals' in stands) return 'quality/stale'
  if (serialCount > unitsMax) return null
  const units = await unitsOf(db, row, serialCount)
  const inForce = await standingOn(db, row.tenant, units)
  const same = !('refusals' in inForce) && inForceHash(units, inForce) === record.inForceHash
  return same ? null : 'quality/decided'
}

/** Its units, when all stands that it was proposed on. `recommended`: now, of all in question. */
async function standingStill(
  db: LedgerQuery,
  row: DispositionRow,
  recommended: Recommended | undefined,
): Promise<{ units: Units; among: ReadonlySet<string> | undefined } | Refused> {
  const record = JSON.parse(row.record) as DispositionRecord
  const { subject, recommended: seen } = record
  const stands = await subjectOf(db, row.tenant, subject.kind === 'list' ? null : subject)
  if ('refusals' in stands) return stands
  const units = await unitsOf(db, row, record.serialCount)
  const inForce = await standingOn(db, row.tenant, units)
  if ('refusals' in inForce) return inForce
  if (inForceHash(units, inForce) !== record.inForceHash)
    return { refusals: meanwhile(units, inForce, Date.parse(record.proposedAt)) }
  if (seen && !recommended)
    return one('quality/recommended', 'what passports recommend can no longer be worked out')
  if (seen && recommended && seen.hash !== recommended.hash) {
    const set = { serialSet: recommendedSet(seen), offset: 0, limit: bounds.serialSetMax }
    const before = await readSerialSet(db, row.tenant, set)
    return { refusals: recommendedOtherwise(recommended, { seen, before }) }
  }
  return { units, among: stands.units }
}

/** The units of a disposition with the numbers of their parts, ascending by EPC. */
export const unitsOf = (
  db: LedgerQuery,
  { tenant, serialSet }: Pick<DispositionRow, 'tenant' | 'serialSet'>,
  limit: number,
): Promise<Units> => readSerialSet(db, tenant, { serialSet, offset: 0, limit })

/** What is in force on them; refuses units that nobody ever named. */
async function standingOn(
  db: LedgerQuery,
  tenant: string,
  units: Units,
): Promise<Standing | Refused> {
  const epcs = units.map(([epc]) => epc)
  const ids = await idsOf(db, tenant, epcs)
  const unknown = epcs.filter((epc) => !ids.has(epc))
  if (unknown.length > 0) return one('quality/units', `no event names ${some(unknown)}`, '/parts')
  const found = await decisionsOn(db, tenant, [...ids.values()])
  const byEpc = new Map<string, { disposition: string; decision: Decision; at: number }>()
  for (const [epc, id] of ids) {
    const inForce = found.get(id)
    if (inForce) byEpc.set(epc, { ...inForce, decision: inForce.decision as Decision })
  }
  return byEpc
}

/** Four eyes where the tenant or the profile of any of the products asks for them. */
async function controlOf(
  db: LedgerQuery,
  tenant: string,
  { units, control }: { units: Units; control: DispositionControl },
): Promise<DispositionControl> {
  // Neighbours are mostly of one product.
  const roots = new Map(units.map(([epc]) => [epc.slice(0, epc.indexOf('/21/')), epc]))
  for (const epc of roots.values()) {
    const key = parseEpc(epc)
    const gtin = key?.key === 'sgtin' ? key.gtin : undefined
    const product = gtin === undefined ? undefined : await readProduct(db, tenant, gtin)
    if (product?.profile.fourEyes) return 'four-eyes'
  }
  return control
}

function meanwhile(units: Units, inForce: Standing, since: number): Refusal[] {
  const later = units.flatMap(([epc]) => {
    const now = inForce.get(epc)
    return now && now.at >= since ? [{ epc, ...now }] : []
  })
  const told = later.slice(0, bounds.dispositionChangedShown)
  const more = later.length - told.length
  return [
    {
      ...{ code: 'quality/decided', path: '' },
      detail: `somebody decided on ${later.length} of its units since it was proposed: propose it anew`,
    },
    ...told.map(
      ({ epc, decision, disposition, at }): Refusal => ({
        ...{ code: 'quality/decided', path: epc },
        detail: `${decision} at ${iso(at)} by disposition ${disposition}`,
      }),
    ),
    ...(more > 0
      ? [{ code: 'quality/decided' as const, path: '', detail: `and ${more} more units` }]
      : []),
  ]
}

/**
 * The alert is decided when each of its units is, and with it those of its group that are about the
 * same units; until then the signature is noted beside it.
 */
async function moveOn(
  db: LedgerQuery,
  life: LifeRow,
  of: { record: DispositionRecord; signature: SignedBy; at: number; units: ReadonlySet<string> },
): Promise<LifeRow[]> {
  const { record, signature, at } = of
  const { tenant } = life
  const alert = (await readAlert(db, tenant, life.alert))!
  const ids = await idsOf(db, tenant, [...of.units])
  const open = ids.size - (await decisionsOn(db, tenant, [...ids.values()])).size
  const words = record.parts.map(({ decision, count }) => `${decision} ${count}`).join(', ')
  const reason = `disposition ${record.id}: ${words}`
  const moved: LifeRow[] = []
  const take = async (row: LifeRow, basis: Basis): Promise<void> => {
    const entry: LifeEntry =
      open === 0 && mayStep(row.life.state, 'decided', 'disposition')
        ? { kind: 'moved', to: 'decided', mover: 'disposition', reason, basis }
        : { kind: 'commented', text: `${reason}; ${open} units undecided` }
    const after = await appendEntry(db, row, { entry, by: signature.signer, at, basis })
    if (after) moved.push(after)
  }
  await take(life, basisOf(alert))
  if (open > 0) return moved
  const group = { group: life.group, limit: bounds.groupStepsMax }
  for (const member of await groupMembers(db, tenant, group)) {
    if (member.alert === alert.id || !mayStep(member.state, 'decided', 'disposition')) continue
    const row = await holdLife(db, tenant, member.alert)
    const other = await readAlert(db, tenant, member.alert)
    if (row && other?.serialSetHash === alert.serialSetHash) await take(row, basisOf(other))
  }
  return moved
}

/** The last step of its transaction: others of the tenant wait from here on. */
async function evidence(
  db: LedgerQuery,
  row: DispositionRow,
  { kind, by, at }: { kind: string; by: string; at: number },
): Promise<void> {
  const { tenant, id, recordHash, signature, signatureHash } = row
  const signed = signature === null ? {} : { signature: JSON.parse(signature), signatureHash }
  const record = { disposition: id, record: JSON.parse(row.record), recordHash, ...signed }
  await appendEvidence(db, { tenant, kind, by, at, record })
}

function endedWords({ state, signature }: DispositionRow): string {
  const { signer, signedAt } = JSON.parse(signature ?? '{}') as Partial<SignedBy>
  return `it is ${state} already, by ${signer} at ${signedAt}`
}

const one = (code: Refusal['code'], detail: string, path = ''): Refused => ({
  refusals: [{ code, path, detail }],
})

const iso = (time: number): string => new Date(time).toISOString()
