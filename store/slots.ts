// Slots: every device belongs to one of 64, for ever. Partitions of the log and the detectors that
// share the work are sets of slots, so their number may change while a device's slot does not.

/** How many there are. Part of the format of the ledger: never changed. */
export const slotCount = 64

export const allSlots: readonly number[] = Array.from({ length: slotCount }, (_, slot) => slot)

/** From 0 to slotCount - 1. FNV-1a over UTF-16 units: spread, not secrecy, is wanted. */
export function slotOf(tenant: string, device: string): number {
  let hash = 0x811c9dc5
  for (const text of [tenant, '/', device])
    for (let index = 0; index < text.length; index++)
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  // The low bits of FNV alone are weak for names that differ in their last letter only.
  return (hash ^ (hash >>> 16)) & (slotCount - 1)
}
