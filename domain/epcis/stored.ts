// An event that was captured once and is kept as its JSON text, as an event again. What was taken
// then is taken now: no later, stricter rule refuses it.

import { Corrupt } from '../refusal.ts'
import type { EpcisEvent } from './epcis.ts'
import { parseEpcisDocument } from './parse.ts'

/** `eventID`: the one it is kept under, which stands when its text has none. */
export function parseStored({ eventID, body }: { eventID: string; body: string }): EpcisEvent {
  const parsed = parseEpcisDocument(JSON.parse(body), {
    epcsPerEventMax: Infinity,
    sensorAttributesOnce: false,
    identify: false,
  })
  const event = parsed.ok ? parsed.value[0] : undefined
  if (!event) throw new Corrupt('events', `${eventID} does not read as the event it was`)
  return { ...event, eventID }
}
