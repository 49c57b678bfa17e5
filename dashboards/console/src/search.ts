// What the search finds: pages and actions by their names, and things of the server by a GS1 key, a
// scan, the id of a logger or an alert, or the name of a product or a place. Ranks and asks; opens
// nothing.

import { addressOf } from './router.ts'
import * as say from './say.ts'
import { apiPath, read } from './server.ts'
import { objectOf, parsePage, textOf } from './shapes.ts'

export interface Hit {
  id: string
  group: 'pages' | 'actions' | 'found'
  label: string
  note: string
  run(): void
}

export interface Found {
  label: string
  note: string
  address: string
}

/** Of 0 (not meant) to 3 (begins with it). Without accents, whatever the case. */
export function scoreOf(label: string, wanted: string): number {
  const text = plain(label)
  const query = plain(wanted)
  if (query === '') return 1
  if (text.startsWith(query)) return 3
  if (text.split(/[\s-]+/).some((word) => word.startsWith(query))) return 2
  return text.includes(query) ? 1 : 0
}

/** Best first; equal ones keep their order. */
export function rank<T extends { label: string }>(hits: readonly T[], wanted: string): T[] {
  return hits
    .map((hit) => ({ hit, score: scoreOf(hit.label, wanted) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ hit }) => hit)
}

/** Where a key leads: serials to their passport, containers to their shipment. */
export function addressOfKey(key: string, epc: string): string | null {
  if (key === 'sgtin' || key === 'grai' || key === 'cpi') return addressOf(['units', epc])
  if (key === 'sscc') return addressOf(['shipments', epc])
  if (key === 'gtin' || key === 'lgtin') {
    const gtin = /\/01\/(\d{14})/.exec(epc)?.[1]
    return gtin ? addressOf(['products', gtin]) : null
  }
  if (key === 'sgln' || key === 'gln') return addressOf(['places', epc])
  return null
}

/** Things of the server that the text names, each asked for by itself; what fails is not there. */
export async function find(text: string, signal: AbortSignal): Promise<Found[]> {
  const wanted = text.trim()
  if (wanted.length < 2) return []
  const asking = [findKey, findDevice, findAlert].map((ask) =>
    ask(wanted, signal).catch(() => null),
  )
  const units = findSerial(wanted, signal).catch(() => [])
  const named = import('./search-names.ts')
    .then(({ findNamed }) => findNamed(wanted))
    .catch(() => [])
  const found = await Promise.all(asking)
  const serials = (await units).slice(0, 8).map(({ epc, name }) => ({
    label: say.key(epc),
    note: name,
    address: addressOf(['units', epc]),
  }))
  return [...found.filter((hit) => hit !== null), ...(await named), ...serials]
}

/** What a GS1 text names, and its page; null when it is none or has none. */
export async function findKey(text: string, signal: AbortSignal): Promise<Found | null> {
  if (!/\d{4}|^https?:|^urn:/.test(text)) return null
  const json = objectOf(await read(apiPath('gs1'), { text }, signal))
  const epc = textOf(json.epc) || textOf(json.digitalLink)
  const key = textOf(json.key)
  const address = addressOfKey(key, epc)
  const lines = Array.isArray(json.hri) ? json.hri.map(textOf) : []
  return address === null
    ? null
    : { label: lines.join(' ') || epc, note: key.toUpperCase(), address }
}

/** Units with this serial number, among the registered products. */
export async function findSerial(
  serial: string,
  signal: AbortSignal,
): Promise<{ epc: string; serial: string; name: string }[]> {
  if (serial.length > 20 || /\s/.test(serial)) return []
  const json = await read(apiPath('units'), { serial }, signal)
  return parsePage(json, (item) => ({
    epc: textOf(item.epc),
    serial: textOf(item.serial),
    name: textOf(item.name) || textOf(item.gtin),
  })).items
}

async function findDevice(text: string, signal: AbortSignal): Promise<Found | null> {
  if (/[\s/]/.test(text)) return null
  const json = objectOf(await read(apiPath('devices', text), {}, signal))
  const id = textOf(json.id)
  return id === '' ? null : { label: id, note: 'logger', address: addressOf(['devices', id]) }
}

async function findAlert(text: string, signal: AbortSignal): Promise<Found | null> {
  if (!/^[\w:.-]{8,}$/.test(text)) return null
  const json = objectOf(await read(apiPath('alerts', text), {}, signal))
  const id = textOf(json.id)
  return id === '' ? null : { label: id, note: 'alert', address: addressOf(['alerts', id]) }
}

const plain = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim()
