// What the search finds: pages and actions by their names, and things of the server by a GS1 key, a
// scan, or the id of a logger or an alert. Ranks and asks; opens nothing.

import { addressOf } from './router.ts'
import { apiPath, read } from './server.ts'
import { objectOf, textOf } from './shapes.ts'

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
  if (key === 'sscc') return addressOf(['units', epc])
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
  const found = await Promise.all(asking)
  return found.filter((hit) => hit !== null)
}

async function findKey(text: string, signal: AbortSignal): Promise<Found | null> {
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
