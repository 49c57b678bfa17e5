// Recording and detecting follow the log at about the same pace and need the same readings: what
// one of them decoded is kept for the other. A follower that lags behind decodes for itself.
// Changes no result.
import { bounds } from '../../config.ts'
import type { LoggedEnvelope } from '../../store/log.ts'
import { type DecodeContext, type DecodedPublish, decodePublish } from './decode.ts'

/** Like `decodePublish`; the second caller gets what the first did, and must not change it. */
export function decodeOnce(context: DecodeContext): (envelope: LoggedEnvelope) => DecodedPublish {
  const size = bounds.decodedKeptMax
  const offsets = new Float64Array(size).fill(-1)
  const kept = new Array<DecodedPublish | undefined>(size).fill(undefined)
  let newest = -1
  return (envelope) => {
    const { offset } = envelope
    const slot = offset % size
    const known = kept[slot]
    if (known !== undefined && offsets[slot] === offset) {
      kept[slot] = undefined
      return known
    }
    const decoded = decodePublish(envelope, context)
    // Whoever decodes what was decoded before comes last: nobody will ask for it again.
    if (offset <= newest) return decoded
    newest = offset
    const small = decoded.readings.length <= bounds.decodedReadingsMax
    offsets[slot] = offset
    kept[slot] = small && decoded.refusals.length === 0 ? decoded : undefined
    return decoded
  }
}
