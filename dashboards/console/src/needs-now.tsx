// What needs a person now: messages that reached nobody, what is foretold, containers with open
// alerts, the worst first, open cases. At most two steps from here to the serials.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useLoad } from './load.ts'
import { ProblemNote, SeverityMark } from './marks.tsx'
import { fetchAhead } from './pages.ts'
import { nameOfPlace, usePlaces } from './places.ts'
import { nameOfProduct, useProductNames } from './product-names.ts'
import { caseKinds } from './quality/case-shapes.ts'
import { page } from './quality/decode.ts'
import { type InboxGroup, inboxGroup } from './quality/shapes.ts'
import { addressOf } from './router.ts'
import * as say from './say.ts'
import { apiPath, read } from './server.ts'
import { wall } from './session.ts'
import { mayAs } from './settings/may.ts'
import { numberOf, parsePage, parseTime, textOf } from './shapes.ts'
import { listen } from './stream.ts'
import { writeCases } from './words/cases.ts'
import { writeInbox } from './words/inbox.ts'
import { write } from './words/logistics.ts'
import { write as writeShell } from './words/shell.ts'

const shownMax = 12
/** Of messages given up, more are not counted. */
const unheardMax = 100

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
  gtins: string[]
  place: string
  serialCount: number
}

export function NeedsNow() {
  const groups = useLoad('needs-now', loadGroups, groupChanges)
  const cases = useLoad('open-cases', loadCases, ['case.opened', 'case.changed'])
  const unheard = useUnheard()
  const list = useRef<HTMLUListElement>(null)
  const hidden = useHidden(list)
  const foretold = useForetold()
  usePlaces()
  useProductNames()
  const listed = (groups.value ?? []).length > 0
  useEffect(() => {
    if (listed) fetchAhead('alerts/:id')
  }, [listed])
  const nothing =
    groups.value?.length === 0 &&
    [cases.value ?? [], foretold].every(({ length }) => length === 0) &&
    unheard.count === 0
  return (
    <section class="panel needs-now" aria-labelledby="now-title">
      <header>
        <h2 id="now-title">{write('now')}</h2>
        <a href={addressOf(['alerts'])}>{write('now.more')}</a>
      </header>
      {groups.problem && <ProblemNote problem={groups.problem} />}
      {!groups.value && !groups.problem && <p class="empty">{writeShell('loading')}</p>}
      {nothing && <p class="empty">{write('now.none')}</p>}
      <ul ref={list}>
        {unheard.count > 0 && <UnheardRow unheard={unheard} />}
        {foretold.map((one) => (
          <ForetoldRow key={one.key} foretold={one} />
        ))}
        {groups.value?.map((group) => (
          <GroupRow key={group.group} group={group} />
        ))}
        {(groups.value || groups.problem) &&
          cases.value?.slice(0, shownMax).map((one) => <CaseRow key={one.id} case={one} />)}
      </ul>
      {hidden > 0 && <p class="empty">{write('now.hidden', { count: hidden })}</p>}
    </section>
  )
}

/** On a wall nobody scrolls: how many rows have no room, told below those that have. */
function useHidden(list: { current: HTMLUListElement | null }): number {
  const [hidden, setHidden] = useState(0)
  const { value: on } = wall
  useLayoutEffect(() => {
    const { current } = list
    if (!current) return
    const count = (): void => {
      const rows = on ? [...current.children] : []
      const { right } = current.getBoundingClientRect()
      setHidden(rows.filter((row) => row.getBoundingClientRect().left >= right - 1).length)
    }
    const sizes = new ResizeObserver(count)
    sizes.observe(current)
    const rows = new MutationObserver(count)
    rows.observe(current, { childList: true, subtree: true, characterData: true })
    return () => {
      sizes.disconnect()
      rows.disconnect()
    }
  }, [on])
  return hidden
}

function CaseRow({ case: { id, kind, subject, gtins, place, serialCount } }: { case: Case }) {
  const what = [...gtins.map(nameOfProduct), place && nameOfPlace(place)].filter(Boolean)
  return (
    <li>
      <a class="row" href={addressOf(['cases', id])}>
        <span class="row-head">
          <b>{write('now.case', { kind: kindText(kind) })}</b>
        </span>
        <span class="row-title">{say.key(subject)}</span>
        {what.length > 0 && <span class="row-note">{what.join(' · ')}</span>}
        {serialCount > 0 && (
          <span class="row-note">{write('now.serials', { count: serialCount })}</span>
        )}
      </a>
    </li>
  )
}

function kindText(kind: string): string {
  const known = caseKinds.find((one) => one === kind)
  return known ? writeCases(`kind.${known}`) : kind
}

/** One container: its worst alert, what is in it, and where that was. */
function GroupRow({ group }: { group: InboxGroup }) {
  const [first] = group.alerts
  if (!first) return null
  const serials = write('now.serials', { count: first.serialCount })
  const place = group.place ? nameOfPlace(group.place) : ''
  const what = [nameOfProduct(first.gtin), place].filter((part) => part !== '')
  return (
    <li>
      <a class="row" href={addressOf(['alerts', first.id])}>
        <span class="row-head">
          <SeverityMark severity={group.severity} />
          <span class="row-figure number">{say.temperature(first.peakC)}</span>
        </span>
        <span class="row-title">{say.key(group.container)}</span>
        {what.length > 0 && <span class="row-note">{what.join(' · ')}</span>}
        <span class="row-note">
          {write('now.alert', { serials, minutes: say.minutes(first.minutes) })}
        </span>
        {group.alertCount > 1 && (
          <span class="row-note">{writeInbox('group.more', { count: group.alertCount - 1 })}</span>
        )}
      </a>
    </li>
  )
}

function UnheardRow({ unheard }: { unheard: Unheard }) {
  const { count, more } = unheard
  return (
    <li>
      <a class="row" href={addressOf(['notifications'], { state: 'failed' })}>
        <span class="row-head">
          <b class="alarm">{write('now.unheard', { count })}</b>
        </span>
        <span class="row-note">{write(more ? 'now.unheardMore' : 'now.unheardHow')}</span>
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

const groupChanges = ['alert.raised', 'alert.changed', 'alert.workflow', 'disposition.changed']

async function loadGroups(signal: AbortSignal): Promise<InboxGroup[]> {
  return page(inboxGroup)(await read(apiPath('inbox'), { limit: shownMax }, signal)).items
}

interface Unheard {
  count: number
  /** There are more than were counted. */
  more: boolean
}

/** Messages given up, for those who can mend their channels. */
function useUnheard(): Unheard {
  const mends = mayAs('admin', 'operator')
  const { value } = useLoad(mends ? 'unheard' : null, loadUnheard, groupChanges)
  return value ?? { count: 0, more: false }
}

async function loadUnheard(signal: AbortSignal): Promise<Unheard> {
  const asked = { state: 'failed', limit: unheardMax }
  const { items, next } = parsePage(await read(apiPath('notifications'), asked, signal), () => 1)
  return { count: items.length, more: next !== null }
}

/** Who may not read cases sees none. */
async function loadCases(signal: AbortSignal): Promise<Case[]> {
  const json = await read(apiPath('cases'), { status: 'open', limit: 50 }, signal).catch(() => null)
  return parsePage(json, (item) => ({
    id: textOf(item.id),
    kind: textOf(item.kind),
    subject: textOf(item.subject),
    gtins: Array.isArray(item.gtins) ? item.gtins.map(textOf) : [],
    place: textOf(item.place),
    serialCount: numberOf(item.serialCount) ?? 0,
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
