// The evidence of a case: as a list in order of weight, and along time. Shows what detectors said;
// judges nothing.
import * as say from '../say.ts'
import { cases, writeCases as write } from '../words/cases.ts'
import { type Evidence, heaviestFirst, type WholeCase } from './case-shapes.ts'
import { sentenceOfEvidence } from './evidence-sentence.ts'

type DetectorKey = Extract<keyof (typeof cases)['en'], `detector.${string}`>

export function detectorText(detector: string): string {
  const key = `detector.${detector}`
  return Object.hasOwn(cases.en, key) ? write(key as DetectorKey) : detector
}

export function EvidenceList({ evidence }: { evidence: readonly Evidence[] }) {
  const sorted = heaviestFirst(evidence)
  const most = Math.max(1, ...sorted.map(({ weight }) => weight))
  return (
    <section class="panel" aria-labelledby="evidence-title">
      <header>
        <h2 id="evidence-title">{write('evidence')}</h2>
      </header>
      <ol class="evidence">
        {sorted.map((one, index) => (
          <li key={`${one.detector} ${index}`}>
            <div class="evidence-head">
              <b>{detectorText(one.detector)}</b>
              <span class="number">{write('weight', { weight: say.decimal(one.weight, 1) })}</span>
              <progress
                max={most}
                value={one.weight}
                aria-label={`${detectorText(one.detector)}: ${say.decimal(one.weight, 1)}`}
              />
            </div>
            <p>{sentenceOfEvidence(one)}</p>
            <p class="group-note number">
              {[
                one.from === null ? '' : say.span(one.from, one.to),
                one.serialCount === null ? '' : write('rests.units', { count: one.serialCount }),
                write('rests', { count: one.rests.length }),
              ]
                .filter(Boolean)
                .join(' · ')}
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

export function Timeline({ of }: { of: WholeCase }) {
  const spans = of.evidence
    .flatMap(({ from, to, detector }) =>
      from === null ? [] : [{ from, to: to ?? from, detector }],
    )
    .toSorted((a, b) => a.from - b.from)
  const [first] = spans
  if (!first) return null
  const last = Math.max(...spans.map(({ to }) => to))
  const whole = Math.max(1, last - first.from)
  const share = (time: number): number => ((time - first.from) / whole) * 1000
  return (
    <section class="panel" aria-labelledby="timeline-title">
      <header>
        <h2 id="timeline-title">{write('timeline')}</h2>
        <span class="count number">{say.span(first.from, last)}</span>
      </header>
      <ol class="timeline">
        {spans.map(({ from, to, detector }, index) => (
          <li key={`${detector} ${index}`}>
            <span>{detectorText(detector)}</span>
            <span class="group-note number">{say.time(from)}</span>
            <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
              <rect class="timeline-ground" x="0" y="4" width="1000" height="2" />
              <rect
                class="timeline-span"
                x={Math.min(994, share(from))}
                y="0"
                width={Math.max(6, share(to) - share(from))}
                height="10"
              />
            </svg>
          </li>
        ))}
      </ol>
    </section>
  )
}
