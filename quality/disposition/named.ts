// Which units a part of a proposal stands for: those that it names, those inside containers, and
// those for which passports recommend a verdict. Refuses each name that is not in question, at its
// place.
import { bounds } from '../../config.ts'
import { parseEpc } from '../../domain/gs1/gs1.ts'
import { type Recommended, recommendedVerdicts } from '../../domain/recommended.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { readPresence } from '../../store/ledger/contents.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import type { ChosenVerdict, Decision, PartAsked } from './disposition.ts'
import type { Refused } from './subject.ts'

export interface PartNamed {
  decision: Decision
  disposition?: string | undefined
  /** EPCs; or a serial number alone, which means the one unit in question that has it. */
  names: readonly ({ epc: string } | { serial: string })[]
  containers: readonly string[]
  verdict?: ChosenVerdict | undefined
  rest: boolean
}

export interface Among {
  /** Undefined: whatever is named. */
  units: ReadonlySet<string> | undefined
  /** Asked where a part is chosen by verdict. */
  recommended: Recommended | undefined
  /** Containers are opened as of then. Epoch ms. */
  asOf: number
}

/** The parts with their units; or each name that stands for none. */
export async function unitsNamed(
  db: LedgerQuery,
  tenant: string,
  { parts, among }: { parts: readonly PartNamed[]; among: Among },
): Promise<PartAsked[] | Refused> {
  const wrong: Refusal[] = []
  const isSerialAsked = parts.some(({ names }) => names.some((name) => 'serial' in name))
  const serials = isSerialAsked ? bySerial(among.units ?? []) : new Map<string, string[]>()
  const found: PartAsked[] = []
  for (const [number, part] of parts.entries()) {
    const units = new Set<string>()
    for (const [i, name] of part.names.entries()) {
      const epc = 'epc' in name ? name.epc : onlyOne(serials, name.serial)
      const fault = faultOf(name, { epc, serials, among })
      if (fault === undefined) units.add(epc!)
      else wrong.push({ code: 'quality/units', path: `/parts/${number}/epcs/${i}`, detail: fault })
    }
    for (const container of part.containers)
      for (const epc of await unitsInside(db, tenant, { container, at: among.asOf })) units.add(epc)
    if (part.verdict)
      for (const [epc, place] of among.recommended?.units ?? [])
        if (recommendedVerdicts[place] === part.verdict) units.add(epc)
    found.push({ ...part, units: [...units] })
  }
  return wrong.length > 0 ? { refusals: shortened(wrong) } : found
}

function faultOf(
  name: PartNamed['names'][number],
  of: { epc: string | undefined; serials: ReadonlyMap<string, string[]>; among: Among },
): string | undefined {
  const { epc, serials, among } = of
  if ('epc' in name)
    return among.units?.has(name.epc) === false ? `${name.epc} is not in question` : undefined
  if (epc !== undefined) return undefined
  if (!among.units) return `${name.serial} has no GTIN: of a list name units in full`
  return serials.has(name.serial)
    ? `several units in question have the serial number ${name.serial}: name the GTIN, too`
    : `no unit in question has the serial number ${name.serial}`
}

function bySerial(units: Iterable<string>): Map<string, string[]> {
  const serials = new Map<string, string[]>()
  for (const epc of units) {
    const serial = serialOf(epc)
    const same = serials.get(serial)
    if (same) same.push(epc)
    else serials.set(serial, [epc])
  }
  return serials
}

const serialOf = (epc: string): string => {
  const key = parseEpc(epc)
  return key?.key === 'sgtin' ? key.serial : ''
}

function onlyOne(serials: ReadonlyMap<string, string[]>, serial: string): string | undefined {
  const [epc, other] = serials.get(serial) ?? []
  return other === undefined ? epc : undefined
}

function shortened(refusals: readonly Refusal[]): Refusal[] {
  const told = refusals.slice(0, bounds.dispositionChangedShown)
  const more = refusals.length - told.length
  const detail = `and ${more} more names`
  return [
    ...told,
    ...(more > 0 ? [{ code: 'quality/units' as const, path: '/parts', detail }] : []),
  ]
}

/** Units in a container at a moment, at any depth; a unit that is named stands for itself. */
async function unitsInside(
  db: LedgerQuery,
  tenant: string,
  { container, at }: { container: string; at: number },
): Promise<string[]> {
  const presence = await readPresence(db, tenant, { container, window: { from: at, to: at + 1 } })
  return [...presence.keys()].filter((epc) => parseEpc(epc)?.key === 'sgtin')
}
