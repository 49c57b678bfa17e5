// The truth about breaches: when the true temperature left the product's range, and which units
// were inside. Computed from the physics and the loading list alone; knows no reading and no rule.
import { type Breach, type Truth, thermalFaults } from './actions.ts'
import type { Consignment } from './consignment.ts'
import type { Device } from './logger.ts'

export interface Watch {
  see(time: number, temperatureC: number): void
  /** A breach that still lasts is true so far. */
  close(): void
}

/** Finds the crossings of the range between two looks, by a straight line. */
export function createWatch(
  consignment: Pick<Consignment, 'product' | 'container' | 'cases' | 'faults'>,
  device: Pick<Device, 'id'>,
  truth: Truth,
): Watch {
  const { min, max } = consignment.product.rangeC
  let open: Pick<Breach, 'side' | 'from' | 'peakC'> | undefined
  let seen: { time: number; temperatureC: number } | undefined

  const crossing = (time: number, temperatureC: number, limitC: number): number => {
    if (!seen || seen.temperatureC === temperatureC) return time
    const share = (limitC - seen.temperatureC) / (temperatureC - seen.temperatureC)
    return Math.round(seen.time + Math.min(1, Math.max(0, share)) * (time - seen.time))
  }
  const end = (to: number): void => {
    if (!open) return
    const breach = open
    open = undefined
    if (to <= breach.from) return
    const inside = consignment.cases.filter((each) => (each.takenOffAt ?? to) > breach.from)
    const cause = consignment.faults.find(
      (fault) => thermalFaults.some((kind) => kind === fault.kind) && fault.from <= breach.from,
    )
    truth.breaches.push({
      device: device.id,
      container: consignment.container,
      gtin: consignment.product.gtin,
      cause: (cause?.kind as Breach['cause'] | undefined) ?? 'none',
      ...breach,
      to,
      serials: inside.flatMap((each) => each.items),
      cases: inside.map((each) => each.epc),
    })
  }
  return {
    see(time: number, temperatureC: number): void {
      const side = temperatureC > max ? 'above' : temperatureC < min ? 'below' : undefined
      if (open && open.side !== side)
        end(crossing(time, temperatureC, open.side === 'above' ? max : min))
      if (side && !open) {
        const from = crossing(time, temperatureC, side === 'above' ? max : min)
        open = { side, from, peakC: temperatureC }
      }
      if (open) {
        const farther = open.side === 'above' ? Math.max : Math.min
        open.peakC = farther(open.peakC, temperatureC)
      }
      seen = { time, temperatureC }
    },
    close(): void {
      if (seen) end(seen.time)
    },
  }
}
