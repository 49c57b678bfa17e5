// The case of record, to be told to any server as often as wanted: a pallet with two cases, three
// vials in them, one logger on it; forty minutes too warm from 10:00, case B taken off at 10:07.
// Each telling has its own keys.
import { setTimeout as delay } from 'node:timers/promises'
import type { TestServer } from './server.ts'

/** Whoever is told: a child process, or a server in this one. */
export type Listener = Pick<TestServer, 'api' | 'ask'>

export const gtin = '09521234543213'
const context = ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld']

export interface Page<T> {
  items: T[]
  next: string | null
}

export interface Alert {
  id: string
  rule: string
  device: string
  from: string
  to: string | null
  minutes: number
  verdict: string
  revision: number
  serialCount: number
  serialSetHash: string
  links: { self: string; serials: string; revisions: string }
}

export interface Serial {
  epc: string
  lot?: string
  minutes: number
  verdict: string
}

export interface Reading {
  time: string
  value: number
  count?: number
}

export interface Refusal {
  code: string
  path: string
  detail: string
  topic: string
  raw: string
  text: string | null
  rawBytes: number
  links: { raw: string }
}

export interface CaptureJob {
  running: boolean
  success: boolean
  events: number
  errors: { code: string; path: string; detail: string; warning?: boolean }[]
}

export interface Teller {
  /** Logger and MQTT user. */
  id: string
  token: string
  /** Number of this telling, in every key. */
  number: number
}

/** The product and its profile: out above 8 °C for 30 minutes. */
export async function tellProduct(server: Listener): Promise<void> {
  await server.api('PUT', `/api/v1/products/${gtin}`, {
    name: 'Example vaccine',
    profile: {
      rangeC: { min: 2, max: 8 },
      rules: [{ id: 'heat', kind: 'single', above: 8, forMinutes: 30, severity: 'major' }],
      loggingIntervalSeconds: 300,
    },
  })
}

/** Registers the logger and captures the events of the case, all with EPC URNs. */
export async function tellCase(server: Listener, number: number): Promise<Teller> {
  const id = `logger-${number}`
  const device = { id, giai: giai(number), loggingIntervalSeconds: 300 }
  const { token } = await server.api<{ token: string }>('POST', '/api/v1/devices', device)
  await capture(server, caseEvents(number))
  return { id, token, number }
}

/** Captures events and waits until they are applied; gives the job. */
export async function capture(server: Listener, events: object[]): Promise<CaptureJob> {
  const answer = await server.ask('POST', '/epcis/capture', {
    body: documentOf(events),
    headers: { 'Content-Type': 'application/ld+json' },
  })
  if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`)
  return applied(server, answer.headers.get('location')!)
}

/** The capture job, when it runs no more. */
export async function applied(server: Listener, location: string): Promise<CaptureJob> {
  for (;;) {
    const job = await server.api<CaptureJob>('GET', location)
    if (!job.running) return job
    await delay(10)
  }
}

export function documentOf(events: object[]): object {
  return {
    '@context': context,
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2026-03-02T08:30:00Z',
    epcisBody: { eventList: events },
  }
}

export const vial = (number: number, serial: string): string =>
  `urn:epc:id:sgtin:9521234.054321.${serial}${number}`
export const vialLink = (number: number, serial: string): string =>
  `https://id.gs1.org/01/${gtin}/21/${serial}${number}`
export const pallet = (number: number): string => sscc(number * 10)
export const giai = (number: number): string => `urn:epc:id:giai:9521234.LOG${number}`
const caseA = (number: number): string => sscc(number * 10 + 1)
const caseB = (number: number): string => sscc(number * 10 + 2)
const sscc = (reference: number): string =>
  `urn:epc:id:sscc:9521234.${String(reference).padStart(10, '0')}`

export function packed(time: string, parentID: string, childEPCs: string[]): object {
  return { ...at(time), type: 'AggregationEvent', action: 'ADD', parentID, childEPCs }
}

export function commissioned(time: string, epcList: string[]): object {
  const bizStep = 'commissioning'
  const ilmd = { 'cbvmda:lotNumber': 'L42' }
  return { ...at(time), type: 'ObjectEvent', action: 'ADD', bizStep, epcList, ilmd }
}

export function mounted(time: string, parentID: string, logger: string): object {
  return { ...at(time), type: 'AssociationEvent', action: 'ADD', parentID, childEPCs: [logger] }
}

/**
 * Two vials in case A, one in case B, both on the pallet with the logger. B leaves seven minutes
 * into the breach.
 */
function caseEvents(number: number): object[] {
  const [a, c, b] = ['A', 'C', 'B'].map((serial) => vial(number, serial)) as [string, ...string[]]
  const leaves = { parentID: pallet(number), childEPCs: [caseB(number)] }
  return [
    commissioned('07:00', [a, c!, b!]),
    packed('08:00', caseA(number), [a, c!]),
    packed('08:00', caseB(number), [b!]),
    packed('08:10', pallet(number), [caseA(number), caseB(number)]),
    mounted('08:20', pallet(number), giai(number)),
    { ...at('10:07'), type: 'AggregationEvent', action: 'DELETE', ...leaves },
  ]
}

export interface Row {
  /** Epoch ms. */
  time: number
  temperature: number
}

/** Every five minutes from 10:00 to 10:55; 10 °C until 10:35, then 5 °C. */
export function caseReadings(): Row[] {
  return Array.from({ length: 12 }, (_, index) => ({
    time: Date.parse('2026-03-02T10:00:00Z') + index * 300_000,
    temperature: index < 8 ? 10 : 5,
  }))
}

const at = (time: string): object => ({
  eventTime: /^\d\d:\d\d$/.test(time) ? `2026-03-02T${time}:00Z` : time,
  eventTimeZoneOffset: '+00:00',
})
