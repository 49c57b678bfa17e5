// Waypoints of devices in memory, so that a late day costs what lies about it and not the year
// before. Bounded: the device longest unused goes first, and is judged from all its readings the
// next time. Held by one detector in one epoch; nothing here is kept on disk.
import { bounds } from '../config.ts'
import type { Waypoint } from './replay.ts'
import type { Late } from './resume.ts'

export interface KeptWaypoints {
  /** Marks of the device that are judged: what was marked since is told by `late`. */
  marks: number
  /** The plan that it was judged by, as text. */
  plan: string
  /** Ids of the rules that were judged: of others nothing is known. */
  watches: ReadonlySet<string>
  /** By channel, ascending. */
  channels: ReadonlyMap<string, readonly Waypoint[]>
}

export interface WaypointMemory {
  read(key: string): KeptWaypoints | undefined
  /** Also forgets what was late until now. */
  keep(key: string, kept: KeptWaypoints): void
  drop(key: string): void
  /** A device was marked because of readings alone. */
  addLate(key: string, late: Late): void
  /** How often since it was judged, and from when to when they were. */
  late(key: string): { marks: number; span: Late } | undefined
}

export function openWaypoints(charsMax: number = bounds.waypointCharsMax): WaypointMemory {
  const kept = new Map<string, KeptWaypoints & { chars: number }>()
  const lates = new Map<string, { marks: number; span: Late }>()
  let chars = 0
  const drop = (key: string): void => {
    chars -= kept.get(key)?.chars ?? 0
    kept.delete(key)
    lates.delete(key)
  }
  return {
    read: (key) => kept.get(key),
    keep(key, waypoints) {
      drop(key)
      const own = charsOf(waypoints)
      if (own > charsMax) return
      kept.set(key, { ...waypoints, chars: own })
      chars += own
      for (const oldest of kept.keys()) {
        if (chars <= charsMax) break
        drop(oldest)
      }
    },
    drop,
    addLate(key, { from, to }) {
      if (!kept.has(key)) return
      const { marks, span } = lates.get(key) ?? { marks: 0, span: { from, to } }
      const both = { from: Math.min(span.from, from), to: Math.max(span.to, to) }
      lates.set(key, { marks: marks + 1, span: both })
    },
    late: (key) => lates.get(key),
  }
}

function charsOf({ plan, channels }: KeptWaypoints): number {
  let chars = plan.length
  for (const waypoints of channels.values())
    for (const { watches } of waypoints)
      for (const [id, text] of Object.entries(watches)) chars += id.length + text.length + 64
  return chars
}
