// A scan leads to the unit: what was scanned is explained by the server, which says whether the
// unit is known, recalled or in quarantine. From a reader, the camera or the field.
import { useEffect, useState } from 'preact/hooks'
import { Problem, toProblem } from '../client.ts'
import { Field, SendForm } from '../form.tsx'
import { useLoad } from '../load.ts'
import { Exact, ProblemNote, StatusMark } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { Camera } from '../scan/camera.tsx'
import { takeScans } from '../scan/everywhere.ts'
import { standingOf } from '../scan/standing.ts'
import { apiPath, read } from '../server.ts'
import { objectOf, textOf } from '../shapes.ts'
import { stateText } from '../words/lives.ts'
import { write } from '../words/scan.ts'
import { write as writeShell } from '../words/shell.ts'
import '../settings/settings.css'
import '../devices/devices.css'

export default function Scan({ query }: PageProps) {
  const code = query.get('code') ?? ''
  const [typed, setTyped] = useState(code)
  const [films, setFilms] = useState(false)
  const [noCamera, setNoCamera] = useState('')
  const show = (scanned: string): void => {
    setTyped(scanned)
    setFilms(false)
    goTo(addressOf(['scan'], { code: scanned }))
  }
  useEffect(() => takeScans(show), [])
  return (
    <div class="page page-narrow">
      <section class="panel form-panel">
        <p>{write('scan.text')}</p>
        <SendForm
          send={async () => show(typed.trim())}
          button={write('scan.look')}
          class="stack scan-form"
          beside={
            <button type="button" onClick={() => setFilms(!films)}>
              {write(films ? 'scan.stop' : 'scan.camera')}
            </button>
          }
        >
          <Field id="code" label={write('scan.code')} value={typed} onInput={setTyped} required />
        </SendForm>
        {films && (
          <Camera
            name={write('scan.camera')}
            onCode={show}
            onProblem={(reason) => {
              setFilms(false)
              setNoCamera(reason)
            }}
          />
        )}
        {noCamera !== '' && (
          <p class="problem" role="alert">
            {write('scan.noCamera')} <Exact text={noCamera} />
          </p>
        )}
        <p>
          <a href={addressOf(['scanner-test'])}>{write('scan.test')}</a>
        </p>
      </section>
      {code !== '' && <Found key={code} code={code} />}
    </div>
  )
}

interface Told {
  epc: string
  hri: string[]
  /** Null: no such unit here, or the code names none. */
  state: string | null
  conditions: string[]
}

function Found({ code }: { code: string }) {
  const { value, problem } = useLoad(`scan ${code}`, (signal) => lookUp(code, signal))
  return (
    <section class="panel" aria-label={write('scan.found')}>
      <header>
        <h2>{write('scan.found')}</h2>
      </header>
      <div class="padded stack" role="status">
        {!value && !problem && <p>{writeShell('loading')}</p>}
        {problem && <ProblemNote problem={problem} />}
        {value && (
          <>
            <p class="number">
              <strong>{say.key(value.epc)}</strong>
            </p>
            {value.hri.map((line) => (
              <p key={line} class="number">
                {line}
              </p>
            ))}
            <p>
              {value.state !== null && <StatusMark status={stateText(value.state)} />}{' '}
              <strong>{write(`scan.${standingOf(value.state, value.conditions)}`)}</strong>
            </p>
            {value.state !== null && (
              <a class="button start" href={addressOf(['units', value.epc])}>
                {write('scan.open')}
              </a>
            )}
          </>
        )}
      </div>
    </section>
  )
}

async function lookUp(code: string, signal: AbortSignal): Promise<Told> {
  const told = objectOf(await read(apiPath('gs1'), { text: code }, signal))
  const epc = textOf(told.epc)
  const hri = Array.isArray(told.hri) ? told.hri.map(textOf) : []
  const base = { epc, hri, state: null, conditions: [] }
  if (epc === '') return base
  try {
    const unit = objectOf(await read(apiPath('units', epc), {}, signal))
    const conditions = Array.isArray(unit.conditions) ? unit.conditions.map(textOf) : []
    return { ...base, state: textOf(unit.state), conditions }
  } catch (error) {
    const problem = toProblem(error)
    if (problem instanceof Problem && (problem.status === 404 || problem.status === 400))
      return base
    throw error
  }
}
