// A test of scanners: two codes whose content is known, and what is wrong when something else
// arrives. Nothing is looked up or kept.
import { useEffect, useRef, useState } from 'preact/hooks'
import { ask } from '../client.ts'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { gs } from '../scan/burst.ts'
import { takeScans } from '../scan/everywhere.ts'
import { type Fault, faultsOf } from '../scan/faults.ts'
import { contents, epc, lot } from '../scan/test-codes.ts'
import { apiPath } from '../server.ts'
import { token } from '../session.ts'
import { write } from '../words/scan.ts'
import '../devices/devices.css'

export default function ScannerTest(_: PageProps) {
  const [arrived, setArrived] = useState<string | null>(null)
  useEffect(() => takeScans(setArrived), [])
  return (
    <div class="page page-narrow">
      <section class="panel" aria-label={write('scan.test')}>
        <div class="padded stack">
          <p>{write('scan.testText')}</p>
          <div class="test-codes">
            <TestCode name={write('scan.codeA')} />
            <TestCode name={write('scan.codeB')} lot={lot} />
          </div>
          <div role="status" class="stack">
            {arrived !== null && <Verdict arrived={arrived} />}
          </div>
        </div>
      </section>
    </div>
  )
}

function TestCode({ name, lot: batch }: { name: string; lot?: string }) {
  const drawn = useLoad(`label ${batch}`, async (signal) => {
    const query = { lot: batch, scale: 4, text: 'false' }
    const given = { token: token.value ?? '', query, accept: 'image/svg+xml', signal }
    return (await ask(apiPath('labels', epc), given)).text()
  })
  const frame = useRef<HTMLDivElement>(null)
  // As elements: the content policy takes no picture from elsewhere than the server, and the server
  // wants the token.
  useEffect(() => {
    if (drawn.value === null || !frame.current) return
    const parsed = new DOMParser().parseFromString(drawn.value, 'image/svg+xml').documentElement
    frame.current.replaceChildren(document.adoptNode(parsed))
  }, [drawn.value])
  return (
    <figure>
      <figcaption>{name}</figcaption>
      {drawn.problem && <ProblemNote problem={drawn.problem} />}
      <div ref={frame} class="test-code" role="img" aria-label={name} />
    </figure>
  )
}

function Verdict({ arrived }: { arrived: string }) {
  const faults = fewest(contents.map((content) => faultsOf(content, arrived)))
  const shown = arrived.replaceAll(gs, '␝')
  return (
    <>
      <p class="number">{write('scan.arrived', { text: shown })}</p>
      {faults.length === 0 && <p>{write('fault.none')}</p>}
      <ul class="told">
        {faults.map((fault) => (
          <li key={fault}>{write(`fault.${fault}`)}</li>
        ))}
      </ul>
    </>
  )
}

/** Of the code that explains what arrived; "altered" explains nothing. */
function fewest(all: readonly Fault[][]): Fault[] {
  const known = all.filter((faults) => !faults.includes('altered'))
  return known.sort((one, other) => one.length - other.length)[0] ?? ['altered']
}
