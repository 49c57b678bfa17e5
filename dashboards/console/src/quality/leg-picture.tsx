// The legs of a unit as a timeline: for each its span of temperatures over time, hatched where
// nothing is known. The table beside it says the same in words.
import * as say from '../say.ts'
import { writeUnit as write } from '../words/unit.ts'
import type { Leg } from './passport-shapes.ts'

const width = 1000
const height = 120
const top = 8
const bottom = 22

export function LegPicture({ legs }: { legs: readonly Leg[] }) {
  const spans = legs.flatMap((leg) =>
    leg.from === null || leg.to === null ? [] : [{ ...leg, from: leg.from, to: leg.to }],
  )
  const [first] = spans
  const last = spans.at(-1)
  if (!first || !last || last.to <= first.from) return null
  const known = spans.flatMap(({ minC, maxC }) =>
    minC === null || maxC === null ? [] : [minC, maxC],
  )
  const low = Math.min(...known, 0)
  const high = Math.max(...known, low + 1)
  const x = (time: number): number => ((time - first.from) / (last.to - first.from)) * width
  const y = (celsius: number): number =>
    top + (1 - (celsius - low) / (high - low)) * (height - top - bottom)
  return (
    <figure class="leg-picture">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={write('legs.picture')}
      >
        {spans.map((leg) => {
          const at = { x: x(leg.from), width: Math.max(2, x(leg.to) - x(leg.from) - 1) }
          const { minC, maxC } = leg
          if (minC === null || maxC === null)
            return (
              <rect
                key={leg.from}
                class="leg-unknown"
                {...at}
                y={top}
                height={height - top - bottom}
              />
            )
          const tall = Math.max(4, y(minC) - y(maxC))
          return <rect key={leg.from} class="leg-known" {...at} y={y(maxC)} height={tall} rx="2" />
        })}
      </svg>
      <figcaption class="number">
        <span>{say.time(first.from)}</span>
        <span>
          {known.length > 0 &&
            `${say.temperature(Math.min(...known))} – ${say.temperature(Math.max(...known))}`}
        </span>
        <span>{say.time(last.to)}</span>
      </figcaption>
    </figure>
  )
}
