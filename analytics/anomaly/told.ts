// When a surprise is worth telling: what was told is not told over and over, and what a channel
// does often is told lower. Knows no readings.

export interface TellSettings {
  /** Less is nothing to tell. */
  surpriseMin: number
  /** What was told is not told again for this part of all readings so far … */
  quietPart: number
  /** … unless it becomes so much more unusual. */
  quietFactor: number
  /** What was told ten times as often is so much less surprising … */
  habit: number
  /** … told more surprising than this much less. */
  habitBelow: number
}

const usualTelling: TellSettings = {
  surpriseMin: 0.45,
  quietPart: 0.035,
  quietFactor: 1.3,
  habit: 0.55,
  habitBelow: 0.1,
}

export interface Told {
  settings: TellSettings
  /** The last one: after how many readings, and how surprising it was. */
  count: number
  surprise: number
  /** How often, by surprise. */
  bins: Float64Array
}

/** Bins of surprise, and how many make up 1. */
const binCount = 512
const binsPerOne = 20

export const createTold = (settings: TellSettings = usualTelling): Told => ({
  settings,
  count: Number.NEGATIVE_INFINITY,
  surprise: 0,
  bins: new Float64Array(binCount),
})

/** `count`: of readings so far. The score, 0 … 1; 0: usual, or told just before. */
export function tell(told: Told, surprise: number, count: number): number {
  const { surpriseMin, quietPart, quietFactor, habit, habitBelow } = told.settings
  const isQuiet = count - told.count <= quietPart * count
  if (surprise <= (isQuiet ? Math.max(surpriseMin, quietFactor * told.surprise) : surpriseMin))
    return 0
  // What goes on growing is one thing, not two.
  if (isQuiet) told.bins[binOf(told.surprise)]!--
  let often = 0
  for (let i = binOf(surprise - habitBelow); i < binCount; i++) often += told.bins[i]!
  told.bins[binOf(surprise)]!++
  told.count = count
  told.surprise = surprise
  return 1 / (1 + 10 ** (habit * Math.log10(1 + often) - surprise))
}

const binOf = (surprise: number): number =>
  Math.max(0, Math.min(binCount - 1, Math.floor(surprise * binsPerOne)))
