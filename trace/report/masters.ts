// Master data as reports need it: what events refer to, and the attributes of places, parties and
// products by their names in the CBV (§9), however a partner wrote their URIs. What is not known is
// not made up.
import type { EpcisEvent } from '../../domain/epcis/epcis.ts'
import { formatDigitalLink, parseEpc } from '../../domain/gs1/gs1.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import type { MasterElement } from '../../store/ledger/master.ts'
import { readProduct } from '../../store/ledger/registry.ts'
import { masterDataNamed } from '../../store/ledger/reports.ts'

/** Ids of places, parties, transactions' partners and products that events refer to, each once. */
export function referencedBy(events: Iterable<EpcisEvent>): string[] {
  const ids = new Set<string>()
  for (const event of events) {
    const { readPoint, bizLocation, sourceList, destinationList } = event
    for (const id of [readPoint, bizLocation]) if (id !== undefined) addPlace(ids, id)
    for (const { id } of [...sourceList, ...destinationList]) addPlace(ids, id)
    for (const epc of namedBy(event)) addClass(ids, epc)
  }
  return [...ids].sort()
}

/** Every EPC and EPC class in the lists of an event, and its parent. */
export function* namedBy(event: EpcisEvent): Generator<string> {
  if ('parentID' in event && event.parentID !== undefined) yield event.parentID
  for (const [name, list] of Object.entries(event))
    if (namingLists.has(name))
      for (const one of list as readonly (string | { epcClass: string })[])
        yield typeof one === 'string' ? one : one.epcClass
}

const namingLists: ReadonlySet<string> = new Set([
  'epcList',
  'childEPCs',
  'inputEPCList',
  'outputEPCList',
  'quantityList',
  'childQuantityList',
  'inputQuantityList',
  'outputQuantityList',
])

/** A place with an extension is part of the place without. */
function addPlace(ids: Set<string>, id: string): void {
  ids.add(id)
  const key = parseEpc(id)
  if (key?.key === 'sgln' && key.ext !== undefined)
    ids.add(formatDigitalLink({ key: 'sgln', gln: key.gln }))
}

function addClass(ids: Set<string>, epc: string): void {
  const key = parseEpc(epc)
  if (!key || !('gtin' in key)) return
  if (key.key === 'lgtin') ids.add(epc)
  ids.add(productId(key.gtin))
}

export const productId = (gtin: string): string => formatDigitalLink({ key: 'gtin', gtin })

export interface Masters {
  elements: MasterElement[]
  /** The first of these attributes that an element of this id has, as text. */
  textOf(id: string, ...names: string[]): string | undefined
}

export async function readMasters(
  db: LedgerQuery,
  tenant: string,
  ids: readonly string[],
): Promise<Masters> {
  const elements = await masterDataNamed(db, tenant, ids)
  const byId = new Map<string, Map<string, string>>()
  for (const { id, attributes } of elements) {
    const known = byId.get(id) ?? new Map<string, string>()
    byId.set(id, known)
    for (const [name, value] of Object.entries(attributes)) {
      const text = plainText(value)
      const local = localName(name)
      if (text !== undefined && !known.has(local)) known.set(local, text)
    }
  }
  for (const id of ids) {
    const key = parseEpc(id)
    if (key?.key !== 'gtin') continue
    const product = await readProduct(db, tenant, key.gtin)
    if (!product) continue
    const known = byId.get(id) ?? new Map<string, string>()
    byId.set(id, known)
    if (!known.has(registered)) known.set(registered, product.name)
  }
  const textOf = (id: string, ...names: string[]): string | undefined => {
    const known = byId.get(id)
    return names.flatMap((name) => known?.get(name) ?? [])[0]
  }
  return { elements, textOf }
}

/** The name that a product was registered with here, beside its master data. */
export const registered = 'registeredName'

/** urn:epcglobal:cbv:mda#name, cbvmda:name and https://gs1.org/voc/name are all `name`. */
const localName = (name: string): string => /[^#:/]*$/.exec(name)![0]

function plainText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return value.trim() || undefined
  if (Array.isArray(value)) return plainText(value[0])
  if (typeof value !== 'object' || value === null) return undefined
  const said = value as Record<string, unknown>
  return plainText(said['@value'] ?? said['#text'])
}
