// What the loggers of one leg said together: time for which the warmest and the coldest of them are
// known. Each moment counts once: heat is judged by the warmest that any of them told, cold by the
// coldest, and time is unknown only when none of them knows. Where readings are gone, their hours
// take the place; joined hour by hour, they say at least as much heat and cold as there was.
import type { Interval } from './breach.ts'
import type { Stand } from './exposure.ts'
import type { Hour } from './hours.ts'

/** `to` = `from` for a newest reading: it was so, for no time that is known. */
export interface Spell extends Interval, Guarded {
  warmC: number
  coldC: number
}

/** What is not there moves no limit. */
export interface Guarded {
  /** Limits are judged so far inwards: a logger measures worse than the profile allows for. */
  guardC?: number
}

/**
 * An hour whose readings are gone, or a part of it: rows of the channels that knew something in it.
 * From and to are cut to the leg, the rows tell of the whole hour.
 */
export interface PastHour extends Interval, Guarded {
  rows: readonly Hour[]
}

export type Stretch = Spell | PastHour

export const isPast = (stretch: Stretch): stretch is PastHour => 'rows' in stretch

/** `channels`: stands of each (domain/exposure.ts), ascending and without overlap. */
export function spellsOf(channels: readonly (readonly Stand[])[]): Spell[] {
  const known = channels.filter((stands) => stands.length > 0)
  if (known.length === 0) return []
  if (known.length === 1)
    return known[0]!.map(({ from, to, value }) => ({ from, to, warmC: value, coldC: value }))
  const edges = new Set<number>()
  for (const stands of known)
    for (const { from, to } of stands) {
      edges.add(from)
      edges.add(to)
    }
  return spellsBetween(
    [...edges].sort((a, b) => a - b),
    known,
  )
}

function spellsBetween(edges: readonly number[], channels: readonly (readonly Stand[])[]): Spell[] {
  const spells: Spell[] = []
  const places = channels.map(() => 0)
  for (const [i, from] of edges.entries()) {
    const to = edges[i + 1] ?? from
    let [lasting, momentary]: (Spell | undefined)[] = []
    for (const [c, stands] of channels.entries()) {
      while (places[c]! < stands.length && stands[places[c]!]!.to <= from) {
        const ended = stands[places[c]!++]!
        if (ended.from === from) momentary = joined(momentary, { from, to: from }, ended.value)
      }
      const stand = stands[places[c]!]
      if (stand && stand.from <= from && to > from)
        lasting = joined(lasting, { from, to }, stand.value)
    }
    if (momentary) spells.push(momentary)
    if (lasting) spells.push(lasting)
  }
  return spells
}

const joined = (spell: Spell | undefined, time: Interval, value: number): Spell => ({
  ...time,
  warmC: spell ? Math.max(spell.warmC, value) : value,
  coldC: spell ? Math.min(spell.coldC, value) : value,
})
