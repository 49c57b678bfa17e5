// P: how fast the passports of a million units are counted, once their loggers' sums are made.
// Every unit went ten legs, each with another logger.
import { uspKinetics } from '../../domain/exposure.ts'
import { type Account, accountOf, addSums, noSums, type Question } from '../../domain/passport.ts'
import { type RunningSums, runningSumsOf, sumsBetween } from '../../domain/running-sums.ts'
import type { Spell } from '../../domain/spells.ts'

const minute = 60_000
const day = 24 * 60 * minute
const days = 30
const everyMs = 5 * minute
const legsOfUnit = 10

const question: Question = {
  limits: [
    { side: 'above', limitC: 15 },
    { side: 'above', limitC: 8 },
    { side: 'below', limitC: 2 },
    { side: 'below', limitC: -0.5 },
  ],
  kinetics: uspKinetics,
}

export interface PassportFigures {
  /** Of one logger's 30 days. */
  sumsMs: number
  sumsBytes: number
  loggers: number
  readings: number
  seconds: number
  /** Of them processor time, for a machine that does something else too. */
  cpuSeconds: number
  /** Units beyond 8 °C for more than 120 minutes, so that what was counted is used. */
  warm: number
}

export function measurePassports(units: number, loggers = 200): PassportFigures {
  const random = seeded(20260301)
  const told = Array.from({ length: loggers }, () => spellsFrom(random))
  const began = performance.now()
  const sums = told.map((spells) => runningSumsOf(spells, question))
  const sumsMs = (performance.now() - began) / loggers
  const start = performance.now()
  const before = process.cpuUsage()
  let warm = 0
  for (let unit = 0; unit < units; unit++) {
    const passport = passportFrom(sums, random)
    if (passport.zones[1]!.ms > 120 * minute) warm++
  }
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(before)
  const cpuSeconds = (user + system) / 1e6
  const readings = told.reduce((count, spells) => count + spells.length, 0)
  return { sumsMs, sumsBytes: bytesOf(sums[0]!), loggers, readings, seconds, cpuSeconds, warm }
}

function passportFrom(sums: readonly RunningSums[], random: () => number): Account {
  let whole = noSums(question)
  const legMs = (days * day) / legsOfUnit
  for (let leg = 0; leg < legsOfUnit; leg++) {
    const from = leg * legMs + Math.floor(random() * legMs * 0.1)
    const to = (leg + 1) * legMs - Math.floor(random() * legMs * 0.1)
    const own = sumsBetween(sums[Math.floor(random() * sums.length)]!, from, to)
    whole = addSums(whole, own)
  }
  return accountOf(whole, { ms: days * day, question })
}

/** 2 to 8 °C most of the time, with warm hours, in tenths. */
function spellsFrom(random: () => number): Spell[] {
  const spells: Spell[] = []
  let warmTo = 0
  for (let from = 0; from < days * day; from += everyMs) {
    if (random() < 0.0005) warmTo = from + random() * 4 * 60 * minute
    const celsius = Math.round((from < warmTo ? 9 : 5) * 10 + random() * 20 - 10) / 10
    spells.push({ from, to: from + everyMs, warmC: celsius, coldC: celsius })
  }
  return spells
}

const bytesOf = ({ rows, turnedC, coldC, coldest, turned, freezing }: RunningSums): number =>
  [rows, turnedC, coldC, ...coldest, ...turned, freezing.decisive, ...freezing.cycles]
    .map(({ byteLength }) => byteLength)
    .reduce((sum, bytes) => sum + bytes, 0)

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
