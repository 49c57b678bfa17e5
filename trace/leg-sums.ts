// Sums of very many legs: logger by logger, whose readings are read once as columns for all legs
// that it spoke for, and let go. A leg that is not so simple (readings are gone, the profile
// changed in it, its loggers settled at different times) is read as for one passport. Knows no
// unit.
import type { Interval, Point } from '../domain/breach.ts'
import { type Stand, standsOf } from '../domain/exposure.ts'
import { hourlySumsOf, sumsWithin } from '../domain/hourly-sums.ts'
import { noSums, type Question, type Sums, sumsOf } from '../domain/passport.ts'
import { spellsOf } from '../domain/spells.ts'
import type { Allowance } from '../store/past-series.ts'
import { type Ear, gapFor } from './leg-readings.ts'
import { type Product, piecesOf, readPieces } from './told-lives.ts'
import type { NamedLeg } from './unit-legs.ts'

/** Time in which the same loggers spoke for units of one product. */
export interface SharedLeg {
  leg: NamedLeg
  product: Product | undefined
  question: Question
}

interface Reading {
  ear: Ear
  /** Up to when hours tell what was read. */
  hoursTo: number
  allowance: Allowance
}

/** In the order of the legs; undefined when it is more than is allowed. */
export async function sumsOfLegs(
  legs: readonly SharedLeg[],
  reading: Reading,
): Promise<Sums[] | undefined> {
  const sums: Sums[] = legs.map(({ question }) => noSums(question))
  const voices = new Map<string, Voice>()
  const others: number[] = []
  for (const [number, { leg, product, question }] of legs.entries()) {
    const heard = heardOf(leg, { product, hoursTo: reading.hoursTo })
    if (!heard) others.push(number)
    else if (heard.from < leg.to) {
      const named = heard.loggers.map(({ device, gapMs }) => `${device} ${gapMs}`)
      const key = `${product?.gtin ?? ''} ${named.join()}`
      const voice = voices.get(key) ?? { loggers: heard.loggers, question, legs: [] }
      voice.legs.push({ number, from: heard.from, to: leg.to })
      voices.set(key, voice)
    }
  }
  const tasks = [
    ...[...voices.values()].map((voice) => () => sumVoice(voice, reading, sums)),
    ...others.map((number) => () => sumAlone(legs[number]!, number, { reading, sums })),
  ]
  return (await allFine(tasks)) ? sums : undefined
}

/** Loggers that spoke together, and for which legs. */
interface Voice {
  loggers: readonly { device: string; gapMs: number }[]
  question: Question
  legs: (Interval & { number: number })[]
}

/** From when on all loggers of a leg tell, and how long their readings stand. */
function heardOf(
  leg: NamedLeg,
  { product, hoursTo }: { product: Product | undefined; hoursTo: number },
): { from: number; loggers: Voice['loggers'] } | undefined {
  const [piece, second] = piecesOf(leg, product)
  if (!piece || second) return undefined
  const { profile } = piece
  const { ms = 0, slopeBelowCPerHour } = profile?.acclimatisation ?? {}
  const settledAt = new Set<number>()
  for (const { mountedAt } of leg.loggers) {
    if (slopeBelowCPerHour !== undefined && mountedAt + ms > leg.from) return undefined
    settledAt.add(Math.max(leg.from, mountedAt + ms))
  }
  const [from, other] = settledAt
  const loggers = leg.loggers.map(({ device, loggingIntervalMs }) => ({
    ...{ device, gapMs: gapFor(profile, loggingIntervalMs) },
  }))
  const longestMs = Math.max(...loggers.map(({ gapMs }) => gapMs))
  if (from === undefined || other !== undefined || leg.from - longestMs < hoursTo) return undefined
  return { from, loggers }
}

async function sumVoice(voice: Voice, reading: Reading, sums: Sums[]): Promise<boolean> {
  const { ear, allowance } = reading
  const from = voice.legs.reduce((first, leg) => Math.min(first, leg.from), Infinity)
  const to = voice.legs.reduce((last, leg) => Math.max(last, leg.to), -Infinity)
  const stands: Stand[][] = []
  for (const { device, gapMs } of voice.loggers)
    for (const { channel, newest } of await ear.channelsOf(device)) {
      const key = { tenant: ear.tenant, device, channel }
      const { times, values } = await ear.series.columns({ ...key, from: from - gapMs, to })
      allowance.left -= times.length
      if (allowance.left < 0) return false
      const points: Point[] = []
      for (let i = 0; i < times.length; i++) points.push({ time: times[i]!, value: values[i]! })
      // That there is one after says that the last one stands.
      if (newest !== undefined && newest >= to) points.push({ time: newest, value: Number.NaN })
      stands.push(standsOf(points, { gapMs, window: { from, to } }))
    }
  const hourly = hourlySumsOf(spellsOf(stands), voice.question)
  for (const { number, ...span } of voice.legs) sums[number] = sumsWithin(hourly, span)
  return true
}

async function sumAlone(
  { leg, product, question }: SharedLeg,
  number: number,
  { reading, sums }: { reading: Reading; sums: Sums[] },
): Promise<boolean> {
  const { ear, ...rest } = reading
  const said = await readPieces(ear, leg, { product, ...rest })
  if (said) sums[number] = sumsOf(said.stretches, question)
  return said !== undefined
}

/** Some at a time, so that the store reads while sums are made; false once one said so. */
async function allFine(tasks: readonly (() => Promise<boolean>)[]): Promise<boolean> {
  let next = 0
  let fine = true
  const lane = async (): Promise<void> => {
    while (fine && next < tasks.length) if (!(await tasks[next++]!())) fine = false
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return fine
}

const lanes = 3
