// Back-tests of a product: those so far, and the asking for one with a proposed profile.
import { useState } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { AskForm } from '../quality/back-test-form.tsx'
import { backTest } from '../quality/back-test-shapes.ts'
import * as d from '../quality/decode.ts'
import { mayDecide } from '../quality/may.ts'
import { nameOf, usePeople } from '../quality/people.ts'
import '../quality/quality.css'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeBackTest as write } from '../words/back-test.ts'
import { writeQuality } from '../words/quality.ts'

const product = d.shape({ gtin: d.text, name: d.text })

export default function BackTests({ query }: PageProps) {
  const [chosen, setChosen] = useState(query.get('gtin') ?? '')
  const products = useLoad('back-test products', async (signal) =>
    d.page(product)(await read(apiPath('products'), { limit: 500 }, signal)),
  )
  const gtin = chosen || products.value?.items[0]?.gtin || ''
  usePeople()
  return (
    <div class="page">
      <section class="panel" aria-labelledby="tests-title">
        <header>
          <h2 id="tests-title">{write('list')}</h2>
          <span class="count">{write('intro')}</span>
        </header>
        {products.problem && <ProblemNote problem={products.problem} />}
        {products.value?.items.length === 0 && <p class="empty">{write('product.none')}</p>}
        <div class="filters" hidden={products.value?.items.length === 0}>
          <label class="filter">
            <span>{write('product')}</span>
            <select value={gtin} onChange={(event) => setChosen(event.currentTarget.value)}>
              {products.value?.items.map((one) => (
                <option key={one.gtin} value={one.gtin}>
                  {one.name || one.gtin}
                </option>
              ))}
            </select>
          </label>
        </div>
        {gtin !== '' && <Runs gtin={gtin} />}
      </section>
      {gtin !== '' && mayDecide() && <AskForm key={gtin} gtin={gtin} />}
    </div>
  )
}

function Runs({ gtin }: { gtin: string }) {
  const { value, problem } = useLoad(`back-tests ${gtin}`, async (signal) =>
    d.page(backTest)(await read(apiPath('products', gtin, 'back-tests'), { limit: 50 }, signal)),
  )
  return (
    <>
      {problem && <ProblemNote problem={problem} />}
      {value?.items.length === 0 && <p class="empty">{write('none')}</p>}
      <ul class="rows">
        {value?.items.map(({ id, state, createdAt, createdBy }) => (
          <li key={id}>
            <a class="mono" href={addressOf(['back-tests', gtin, id])}>
              {id}
            </a>{' '}
            <StatusMark status={write(`state.${state}`)} />
            <p class="group-note number">
              {writeQuality('by', { name: nameOf(createdBy), time: say.time(createdAt) })}
            </p>
          </li>
        ))}
      </ul>
    </>
  )
}
