// One text for one value: JSON with sorted keys and no spaces (RFC 8785), so that whoever has the
// value makes the same bytes, and the same hash of them. Refuses numbers that JSON has no word for.

/** JSON Canonicalization Scheme. Members that are undefined are left out, as JSON does. */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string')
    return JSON.stringify(value)
  if (typeof value === 'number') {
    // RFC 8785 §3.2.2.3.
    if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be written as JSON`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join()}]`
  const members = Object.entries(value as Record<string, unknown>)
    .filter(([, member]) => member !== undefined)
    // By UTF-16 code units (§3.2.3), which is how JavaScript compares texts.
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}
