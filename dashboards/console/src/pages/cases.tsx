// Cases: what may be diversion, theft or a counterfeit, the newest first.
import { useState } from 'preact/hooks'
import { FileMenu } from '../file-menu.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { nameOfPlace, usePlaces } from '../places.ts'
import { nameOfProduct, useProductNames } from '../product-names.ts'
import { detectorText } from '../quality/case-evidence.tsx'
import { caseKinds, caseRow, caseStatuses } from '../quality/case-shapes.ts'
import * as d from '../quality/decode.ts'
import { chanceText } from '../quality/figures.ts'
import '../quality/quality.css'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeCases as write } from '../words/cases.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'
import { language } from '../words.ts'

export default function Cases(_: PageProps) {
  const [status, setStatus] = useState('open')
  const [kind, setKind] = useState('')
  const { value, problem } = useLoad(
    `cases ${status} ${kind}`,
    async (signal) => {
      const query = { status, ...(kind && { kind }), limit: 200 }
      return d.page(caseRow)(await read(apiPath('cases'), query, signal))
    },
    ['case.opened', 'case.changed'],
  )
  usePlaces()
  useProductNames()
  const filtered = !['open', 'all'].includes(status) || kind !== ''
  return (
    <div class="page">
      <section class="panel" aria-labelledby="cases-title">
        <header>
          <h2 id="cases-title">{write('list')}</h2>
          <span class="count">{write('accuses')}</span>
          <FileMenu
            path={apiPath('cases')}
            query={{ status, kind: kind || undefined }}
            of={write('list')}
          />
        </header>
        <search class="filters">
          <label class="filter">
            <span>{write('filter.status')}</span>
            <select value={status} onChange={(event) => setStatus(event.currentTarget.value)}>
              {[...caseStatuses, 'all' as const].map((one) => (
                <option key={one} value={one}>
                  {write(`status.${one}`)}
                </option>
              ))}
            </select>
          </label>
          <label class="filter">
            <span>{write('filter.kind')}</span>
            <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
              <option value="">{write('filter.any')}</option>
              {caseKinds.map((one) => (
                <option key={one} value={one}>
                  {write(`kind.${one}`)}
                </option>
              ))}
            </select>
          </label>
        </search>
        {problem && <ProblemNote problem={problem} />}
        {!value && !problem && <p class="empty">{writeShell('loading')}</p>}
        {value?.items.length === 0 && <p class="empty">{write(filtered ? 'none.here' : 'none')}</p>}
        <ul class="rows">
          {value?.items.map((one) => (
            <li key={one.id}>
              <a href={addressOf(['cases', one.id])}>
                {`${write(`kind.${one.kind}`)}: ${say.key(one.subject)}`}
              </a>{' '}
              <StatusMark status={write(`status.${one.status}`)} />{' '}
              <b class="number">{chanceText(one.probability)}</b>
              <p>
                {language.value === 'en' ? one.summary : one.detectors.map(detectorText).join(', ')}
              </p>
              <p class="group-note number">
                {[
                  ...one.gtins.map(nameOfProduct),
                  one.place ? nameOfPlace(one.place) : '',
                  one.from === null ? '' : say.span(one.from, one.to),
                  writeQuality('units', { count: one.serialCount }),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </p>
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}
