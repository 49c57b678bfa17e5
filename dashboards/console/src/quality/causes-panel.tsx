// What the units of an alert have in common that others have not, found when it is asked for. Says
// what, not why: a person notes what may be a cause.
import { useState } from 'preact/hooks'
import { ProblemNote } from '../marks.tsx'
import * as say from '../say.ts'
import { apiPath } from '../server.ts'
import { attributeName, weekdayText } from '../words/attributes.ts'
import { writeInvestigation as write } from '../words/investigations.ts'
import { placeText, wordText } from './figures.ts'
import { type Cause, causes } from './investigation-shapes.ts'
import { useSend } from './use-send.ts'

export interface CausesPanelProps {
  alerts: readonly string[]
  /** Notes one; absent: nothing can be noted. */
  onTake?: ((text: string) => void) | undefined
}

const shownMax = 10

export function CausesPanel({ alerts, onTake }: CausesPanelProps) {
  const [alert, setAlert] = useState(alerts[0] ?? '')
  const [found, setFound] = useState<ReturnType<typeof causes> | null>(null)
  const { busy, problem, send } = useSend()
  if (alerts.length === 0) return null
  const find = async (): Promise<void> => {
    const answer = await send({ path: apiPath('causes'), body: { affected: { alert } } })
    if (answer !== null) setFound(causes(answer))
  }
  return (
    <section class="panel" aria-labelledby="causes-title">
      <header>
        <h2 id="causes-title">{write('cause.common')}</h2>
        <span class="count">{write('cause.hint')}</span>
      </header>
      <div class="actions actions-start">
        {alerts.length > 1 && (
          <select
            aria-label={write('alerts')}
            value={alert}
            onChange={(event) => setAlert(event.currentTarget.value)}
          >
            {alerts.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        )}
        <button type="button" disabled={busy} onClick={() => void find()}>
          {write('cause.find')}
        </button>
      </div>
      {problem && <ProblemNote problem={problem} />}
      {found && (
        <>
          <p class="padded group-note number">
            {write('cause.of', { alert, affected: found.affected, unaffected: found.unaffected })}
          </p>
          {!found.enough && <p class="empty">{write('cause.few')}</p>}
          {found.enough && found.items.length === 0 && <p class="empty">{write('cause.none')}</p>}
          <ol class="rows">
            {found.items.slice(0, shownMax).map((cause) => (
              <li key={textOf(cause)}>
                <b>{textOf(cause)}</b>
                <p class="group-note number">
                  {write('cause.lift', { lift: say.decimal(cause.lift, 1) })},{' '}
                  {write('cause.chance', { p: cause.p.toPrecision(2) })}
                </p>
                {onTake && (
                  <button
                    type="button"
                    aria-label={`${write('cause.take')}: ${textOf(cause)}`}
                    onClick={() => onTake(textOf(cause))}
                  >
                    {write('cause.take')}
                  </button>
                )}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  )
}

const textOf = ({ attributes }: Cause): string =>
  attributes
    .map(({ name, value }) => {
      const said = weekdayText(value) ?? value.split(' -> ').map(placeText).join(' → ')
      return `${attributeName(name, wordText)}: ${value.includes(' -> ') ? said : say.key(said)}`
    })
    .join(', ')
