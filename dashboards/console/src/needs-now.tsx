// What needs a person now: open alerts, the worst first, what is foretold, open cases. At most two
// steps from here to the serials.
import { useEffect, useState } from 'preact/hooks'
import { useLoad } from './load.ts'
import { ProblemNote, SeverityMark } from './marks.tsx'
import { caseKinds } from './quality/case-shapes.ts'
import { addressOf } from './router.ts'
import * as say from './say.ts'
import { apiPath, read } from './server.ts'
import {
  type Alert,
  numberOf,
  parseAlert,
  parsePage,
  parseTime,
  type Severity,
  textOf,
} from './shapes.ts'
import { listen } from './stream.ts'
import { writeCases } from './words/cases.ts'
import { write } from './words/logistics.ts'
import { write as writeShell } from './words/shell.ts'

const shownMax = 12
const order: readonly Severity[] = ['critical', 'major', 'minor', 'info']

interface Foretold {
  key: string
  container: string
  device: string
  text: string
  low: number
  expected: number
  high: number
}

interface Case {
  id: string
  kind: string
  subject: string
}

export function NeedsNow() {
  const alerts = useLoad('needs-now', loadAlerts, ['alert.raised', 'alert.changed'])
  const cases = useLoad('open-cases', loadCases, ['case.opened', 'case.changed'])
  const foretold = useForetold()
  const nothing =
    alerts.value?.length === 0 && (cases.value?.length ?? 0) === 0 && foretold.length === 0
  return (
    <section class="panel needs-now" aria-labelledby="now-title">
      <header>
        <h2 id="now-title">{write('now')}</h2>
        <a href={addressOf(['alerts'])}>{write('now.more')}</a>
      </header>
      {alerts.problem && <ProblemNote problem={alerts.problem} />}
      {!alerts.value && !alerts.problem && <p class="empty">{writeShell('loading')}</p>}
      {nothing && <p class="empty">{write('now.none')}</p>}
      <ul>
        {foretold.map((one) => (
          <ForetoldRow key={one.key} foretold={one} />
        ))}
        {alerts.value?.slice(0, shownMax).map((alert) => (
          <AlertRow key={alert.id} alert={alert} />
        ))}
        {cases.value?.slice(0, shownMax).map(({ id, kind, subject }) => (
          <li key={id}>
            <a class="row" href={addressOf(['cases', id])}>
              <span class="row-head">
                <b>{write('now.case', { kind: kindText(kind) })}</b>
              </span>
              <span class="row-title">{say.key(subject)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

function kindText(kind: string): string {
  const known = caseKinds.find((one) => one === kind)
  return known ? writeCases(`kind.${known}`) : kind
}

function AlertRow({ alert }: { alert: Alert }) {
  const serials = write('now.serials', { count: alert.serialCount })
  return (
    <li>
      <a class="row" href={addressOf(['alerts', alert.id])}>
        <span class="row-head">
          <SeverityMark severity={alert.severity} />
          <span class="row-figure number">{say.temperature(alert.peakC)}</span>
        </span>
        <span class="row-title">{say.key(alert.container)}</span>
        <span class="row-note">
          {write('now.alert', { serials, minutes: say.minutes(alert.minutes) })}
        </span>
      </a>
    </li>
  )
}

function ForetoldRow({ foretold }: { foretold: Foretold }) {
  const { container, device, text, low, expected, high } = foretold
  const address = container ? ['shipments', container] : ['devices', device]
  return (
    <li>
      <a class="row" href={addressOf(address)}>
        <span class="row-head">
          <b class="foretold">{write('forecast')}</b>
        </span>
        <span class="row-title">{container ? say.key(container) : device}</span>
        <span class="row-note">{text}</span>
        <span class="row-note number">
          {write('now.forecast', {
            time: say.clock(expected),
            low: say.clock(low),
            high: say.clock(high),
          })}
        </span>
      </a>
    </li>
  )
}

async function loadAlerts(signal: AbortSignal): Promise<Alert[]> {
  const page = parsePage(await read(apiPath('alerts'), { limit: 200 }, signal), parseAlert)
  const rank = ({ severity }: Alert): number => order.indexOf(severity)
  return page.items.toSorted((a, b) => rank(a) - rank(b) || b.from - a.from)
}

/** Who may not read cases sees none. */
async function loadCases(signal: AbortSignal): Promise<Case[]> {
  const json = await read(apiPath('cases'), { status: 'open', limit: 50 }, signal).catch(() => null)
  return parsePage(json, (item) => ({
    id: textOf(item.id),
    kind: textOf(item.kind),
    subject: textOf(item.subject),
  })).items
}

/** Forecasts are told once and stored nowhere: what came since the page was opened. */
function useForetold(): readonly Foretold[] {
  const [known, setKnown] = useState<ReadonlyMap<string, Foretold>>(new Map())
  useEffect(
    () =>
      listen(['forecast.changed'], (event) => {
        const key = ['device', 'channel', 'rule'].map((name) => textOf(event[name])).join(' ')
        const foretold = event.change === 'announced' ? parseForetold(event, key) : null
        setKnown((old) => {
          const next = new Map(old)
          if (foretold) next.set(key, foretold)
          else next.delete(key)
          return next
        })
      }),
    [],
  )
  return [...known.values()]
}

function parseForetold(event: Readonly<Record<string, unknown>>, key: string): Foretold | null {
  const [low, expected, high] = [event.lowAt, event.expectedAt, event.highAt].map(parseTime)
  const limitC = numberOf(event.limitC)
  if (low == null || expected == null || high == null || limitC === null) return null
  const [container, device] = [textOf(event.container), textOf(event.device)]
  return { key, container, device, text: say.temperature(limitC), low, expected, high }
}
