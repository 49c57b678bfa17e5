// The identity of an EPCIS event that came without eventID, derived from what it says, so that the
// same event sent twice is one event. Not the event hash of CBV 2.0 §8.9.2 (another ?ver=), and no
// signature.
import { createHash } from 'node:crypto'

/**
 * `ni:///sha-256;<hex>?ver=isotherm1` (RFC 6920) over the normalised event: times in UTC,
 * identifiers canonical, CBV words bare, extension names in full. Order of members and of lists
 * does not count, except within extensions. eventID and recordTime are not part of it, nor is
 * errorDeclaration: a declaration carries the identity of the event it declares wrong (EPCIS 2.0
 * §7.4.1.2).
 */
export function deriveEventId(event: Record<string, unknown>): string {
  const { eventID: _, recordTime: __, errorDeclaration: ___, ...content } = event
  // RFC 3339 §4.3 knows -00:00; as an offset it is the same as +00:00.
  if (content.eventTimeZoneOffset === '-00:00') content.eventTimeZoneOffset = '+00:00'
  const hash = createHash('sha256').update(canonicalJson(content, true)).digest('hex')
  return `ni:///sha-256;${hash}?ver=isotherm1`
}

/**
 * JSON with sorted members and, where `anyOrder`, sorted lists; without what is undefined or an
 * empty list.
 */
function canonicalJson(value: unknown, anyOrder: boolean): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonicalJson(item, anyOrder))
    return `[${(anyOrder ? items.sort() : items).join()}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && !(Array.isArray(member) && member.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    // A name with a colon is an extension: what its lists mean is not known.
    .map(([name, member]) => {
      const inner = canonicalJson(member, anyOrder && !name.includes(':'))
      return `${JSON.stringify(name)}:${inner}`
    })
  return `{${members.join()}}`
}
