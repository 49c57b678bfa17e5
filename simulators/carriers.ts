// Who drives the goods of the demo: shipping events name the carrier as the next to possess them,
// receipts the one who takes them over (CBV 2.0 §7.4), so that lanes have carriers and recalls know
// whom to tell. Draws nothing and changes nothing else: a world is the same with and without.
import type { WorldAction } from './actions.ts'
import type { EventJson } from './events.ts'
import { pgln } from './keys.ts'

interface Carrier {
  /** Of a party (AI 417). */
  id: string
  name: string
}

/** Numbers that no place has. */
const carriers: readonly [Carrier, Carrier, Carrier] = [
  { id: pgln(9001), name: 'Polar Star Logistics' },
  { id: pgln(9002), name: 'Meridian Cool Freight' },
  { id: pgln(9003), name: 'Fjord & Sons Carriers' },
]

/** Their names, as master data. */
export function* tellCarriers(at: number): Generator<WorldAction> {
  for (const { id, name } of carriers)
    yield { kind: 'party', at, pgln: id, body: { attributes: { [nameAttribute]: name } } }
}

/** The action with parties in what was shipped and received. */
export function withCarriers(action: WorldAction): WorldAction {
  if (action.kind !== 'capture') return action
  return { ...action, events: action.events.map(carried) }
}

const nameAttribute = 'urn:epcglobal:cbv:mda#name'

function carried(event: EventJson): EventJson {
  const [first] = listOf(event.epcList)
  if (typeof first !== 'string') return event
  const possessing = (list: 'source' | 'destination', id: string) => [
    ...listOf(event[`${list}List`]),
    { type: 'possessing_party', [list]: id },
  ]
  const { id: carrier } = carriers[sumOf(first) % carriers.length]!
  if (event.bizStep === 'shipping')
    return { ...event, destinationList: possessing('destination', carrier) }
  const place = placeOf(event.bizLocation)
  if (event.bizStep !== 'receiving' || place === undefined) return event
  // Who has a place has its number, too.
  const receiver = place.replace('/414/', '/417/')
  return { ...event, destinationList: possessing('destination', receiver) }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const placeOf = (location: unknown): string | undefined =>
  typeof location === 'object' && location !== null && 'id' in location
    ? String(location.id)
    : undefined

/** Any number that is the same for the same key. */
const sumOf = (key: string): number =>
  Array.from(key).reduce((sum, letter) => sum + letter.charCodeAt(0), 0)
