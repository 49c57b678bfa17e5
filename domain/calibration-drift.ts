// What certificates of calibration say over the years: how far a logger read from the reference at
// each point, and how that changed from one calibration to the next. Pure; judges nothing.

/** One point of a certificate, °C. */
export interface CalibrationPoint {
  referenceC: number
  /** What the logger read there, as found. */
  readC: number
  /** Expanded, of the laboratory. */
  uncertaintyC?: number | undefined
}

export interface CertifiedCalibration {
  calibratedAt: number
  points: readonly CalibrationPoint[]
}

/** How the error at a point changed between two calibrations that follow each other. */
export interface CalibrationDrift {
  referenceC: number
  from: number
  to: number
  changeC: number
  perYearC: number
  /** It is more than what both laboratories could not know. */
  significant: boolean
}

/** References of two laboratories that are one point: no bath stands at exactly 5 °C. */
const sameReferenceC = 1
const yearMs = 365.25 * 86_400_000

/** Reading minus reference: what a reading is too much. */
export const errorOf = ({ referenceC, readC }: CalibrationPoint): number =>
  rounded(readC - referenceC)

/** Those without points say nothing. Ascending by time, then by reference. */
export function driftsOf(calibrations: readonly CertifiedCalibration[]): CalibrationDrift[] {
  const told = calibrations
    .filter(({ points }) => points.length > 0)
    .toSorted((a, b) => a.calibratedAt - b.calibratedAt)
  return told.slice(1).flatMap((later, index) => driftsBetween(told[index]!, later))
}

function driftsBetween(
  earlier: CertifiedCalibration,
  later: CertifiedCalibration,
): CalibrationDrift[] {
  const years = (later.calibratedAt - earlier.calibratedAt) / yearMs
  return later.points
    .toSorted((a, b) => a.referenceC - b.referenceC)
    .flatMap((point) => {
      const before = nearest(earlier.points, point.referenceC)
      if (before === undefined) return []
      const changeC = rounded(errorOf(point) - errorOf(before))
      // Two independent measurements: their uncertainties add as squares (GUM 5.1.2).
      const unknownC = Math.hypot(point.uncertaintyC ?? 0, before.uncertaintyC ?? 0)
      return {
        ...{ referenceC: point.referenceC, from: earlier.calibratedAt, to: later.calibratedAt },
        ...{ changeC, perYearC: rounded(changeC / years) },
        significant: Math.abs(changeC) > unknownC,
      }
    })
}

function nearest(
  points: readonly CalibrationPoint[],
  referenceC: number,
): CalibrationPoint | undefined {
  const away = (point: CalibrationPoint): number => Math.abs(point.referenceC - referenceC)
  const [best] = points.toSorted((a, b) => away(a) - away(b))
  return best && away(best) <= sameReferenceC ? best : undefined
}

/** Certificates have three decimals at most; binary fractions have more. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6
