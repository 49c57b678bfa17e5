// What is told of the readings of one channel to somebody who looks at a chart: how unusual each
// is, why, and where it was expected. Types alone; analytics/anomaly works them out.
import type { Band, BandModel, BandReadings, Drift } from './band-model.ts'

export interface ScoredReading {
  time: number
  value: number
  /** 0 … 1; 0: usual, or told just before. */
  score: number
  /**
   * Of a score above 0: the first and last reading (epoch ms) that made it, their mean, and where
   * it is usual.
   */
  reason?: Band & { from: number; to: number; mean: number }
  expected?: Band
}

export interface ScoredChannel {
  readings: ScoredReading[]
  /** Whose bands these are; undefined: nobody knows enough. */
  by: 'model' | 'hours' | undefined
  /** Of the model, from readings after those it learned from; undefined without a model. */
  drift: Drift | undefined
}

export interface ScoreOptions {
  /** Readings before it are looked back on, and not in the answer (epoch ms). */
  from: number
  model: BandModel | undefined
  /** Fewer readings before `from` give no band of hours. */
  hoursMin: number
}

/** What the API asks of analytics, given by main.ts. */
export interface Anomalies {
  score(readings: BandReadings, options: ScoreOptions): ScoredChannel
  /** Takes seconds of a thread of its own; the same readings give the same model. */
  train(readings: {
    times: Float64Array<ArrayBuffer>
    values: Float64Array<ArrayBuffer>
  }): Promise<BandModel>
}
