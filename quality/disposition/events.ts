// The EPCIS events of a signed disposition: object events whose disposition says what was decided,
// with the disposition as their business transaction. They follow from the record and its signature
// alone, bytes and ids, so that they can be made again. Captures nothing itself.
import { createHash } from 'node:crypto'
import { bounds } from '../../config.ts'
import { chunksOf } from '../../store/ledger/ledger.ts'
import type { OutboxRow } from '../../store/ledger/outbox.ts'
import { type DispositionRecord, wordsOf } from './disposition.ts'

/** The type of business transaction that a disposition is. */
export const dispositionTransaction = 'urn:isotherm:btt:disposition'

/** Documents of all its parts, at most so many units each. */
export function documentsOf(
  record: DispositionRecord,
  {
    units,
    signedAt,
  }: { units: readonly (readonly [epc: string, part: number])[]; signedAt: number },
): OutboxRow[] {
  const { tenant, id } = record
  const eventTime = new Date(signedAt).toISOString()
  return record.parts.flatMap(({ decision, disposition }, part) => {
    const epcs = units.flatMap(([epc, of]) => (of === part ? [epc] : []))
    const { action, bizStep } = wordsOf[decision]
    return [...chunksOf(epcs, bounds.dispositionEventUnits)].map((epcList, chunk): OutboxRow => {
      const name = `${id}-${part + 1}-${chunk + 1}`
      const event = {
        ...{ type: 'ObjectEvent', eventID: eventIdOf(tenant, name), eventTime },
        ...{ eventTimeZoneOffset: '+00:00', action, bizStep, disposition, epcList },
        bizTransactionList: [
          { type: dispositionTransaction, bizTransaction: `urn:isotherm:disposition:${id}` },
        ],
      }
      const document = {
        '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
        ...{ type: 'EPCISDocument', schemaVersion: '2.0', creationDate: eventTime },
        epcisBody: { eventList: [event] },
      }
      return {
        ...{ tenant, id: name, at: signedAt, source: 'quality', events: 1 },
        document: new TextEncoder().encode(JSON.stringify(document)),
      }
    })
  })
}

/** A UUID made of the name (RFC 9562 §5.8), the same for the same part of the same disposition. */
function eventIdOf(tenant: string, name: string): string {
  const hash = createHash('sha256').update(`${tenant}\n${name}`).digest('hex')
  const variant = ((Number.parseInt(hash[16]!, 16) & 3) | 8).toString(16)
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`]
  return `urn:uuid:${[...parts, variant + hash.slice(17, 20), hash.slice(20, 32)].join('-')}`
}
