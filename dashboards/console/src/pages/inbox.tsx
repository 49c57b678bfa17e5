// The inbox of quality people: alerts on one container as one group, the most severe first, worked
// through with single keys. Any number of groups: only those in sight stand in the document.
import { useEffect, useState } from 'preact/hooks'
import { FileMenu } from '../file-menu.tsx'
import { FirstSteps } from '../first-steps.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import { fetchAhead, type PageProps } from '../pages.ts'
import { usePlaces } from '../places.ts'
import { useProductNames } from '../product-names.ts'
import * as d from '../quality/decode.ts'
import { type InboxFilter, InboxFilters, noFilter } from '../quality/inbox-filters.tsx'
import { GroupRow } from '../quality/inbox-row.tsx'
import { LongList } from '../quality/long-list.tsx'
import { mayStep } from '../quality/may.ts'
import { usePageKeys } from '../quality/page-keys.ts'
import { addressOfAlert, usePeople } from '../quality/people.ts'
import '../quality/quality.css'
import { toProblem } from '../client.ts'
import { type InboxGroup, inboxCounts, inboxGroup } from '../quality/shapes.ts'
import { StepDialog, type StepOf } from '../quality/step-dialog.tsx'
import { goTo } from '../router.ts'
import { apiPath, read, tell } from '../server.ts'
import { toast } from '../toasts.tsx'
import { writeInbox as write } from '../words/inbox.ts'
import { write as writeShell } from '../words/shell.ts'

const pageGroups = 200
const changes = ['alert.raised', 'alert.changed', 'alert.workflow', 'disposition.changed']

interface Pages {
  groups: InboxGroup[]
  counts: ReturnType<typeof inboxCounts>
  next: string | null
}

export default function Inbox({ query }: PageProps) {
  const [filter, setFilter] = useState<InboxFilter>(() => filterOf(query))
  const [active, setActive] = useState(-1)
  // A notice leads here with a filter while the inbox is open.
  useEffect(() => setFilter(filterOf(query)), [query])
  const [step, setStep] = useState<StepOf | null>(null)
  const key = `inbox ${JSON.stringify(filter)}`
  usePlaces()
  useProductNames()
  const { value, problem, reload } = useLoad(key, (signal) => loadFirst(filter, signal), changes)
  const more = useMore(value, filter)
  const groups = more.groups
  const listed = groups.length > 0
  useEffect(() => {
    if (listed) fetchAhead('alerts/:id')
  }, [listed])
  usePeople()

  const choose = (next: InboxFilter): void => {
    setFilter(next)
    setActive(-1)
    const search = new URLSearchParams(asked(next)).toString()
    // Not by the router: a filter is no new page, and the focus stays where it is.
    history.replaceState(null, '', search === '' ? '#/alerts' : `#/alerts?${search}`)
  }
  const current = groups[active]
  const begin = (name: StepOf['step']): void => {
    const first = current?.alerts[0]
    if (first) setStep({ alert: first.id, step: name, groupCount: current.alertCount })
  }
  const takeOver = (): void => {
    const first = current?.alerts[0]
    if (first) void takeOverGroup(first.id, reload)
  }
  usePageKeys({
    j: () => setActive((at) => Math.min(groups.length - 1, at + 1)),
    k: () => setActive((at) => Math.max(0, at - 1)),
    Enter: () => {
      const first = current?.alerts[0]
      if (first) goTo(addressOfAlert(first.id))
    },
    ...(mayStep() && {
      a: () => begin('acknowledge'),
      c: () => begin('comment'),
      m: takeOver,
    }),
  })

  const unfiltered = Object.keys(asked(filter)).length === 0
  return (
    <div class="page inbox">
      <section class="panel" aria-labelledby="inbox-counts">
        <header>
          <h2 id="inbox-counts">
            {value
              ? `${write('groups', { count: value.counts.groups })}, ${write('alerts', {
                  count: value.counts.alerts,
                })}`
              : writeShell('loading')}
          </h2>
          {value && value.counts.alerts > 0 && (
            <FileMenu
              path={apiPath('alerts')}
              query={fileQuery(filter)}
              of={write('alerts', { count: value.counts.alerts })}
            />
          )}
        </header>
        <InboxFilters filter={filter} counts={value?.counts ?? null} onChange={choose} />
      </section>
      {problem && <ProblemNote problem={problem} />}
      {value && groups.length === 0 && <Nothing unfiltered={unfiltered} />}
      {groups.length > 0 && (
        <section class="panel" aria-label={write('groups', { count: groups.length })}>
          <LongList
            label={write('groups', { count: value?.counts.groups ?? groups.length })}
            count={groups.length}
            keyOf={(index) => groups[index]!.group}
            active={active}
            onEnd={more.load}
            render={(index) => (
              <GroupRow
                group={groups[index]!}
                active={index === active}
                onStep={(of) => {
                  setActive(index)
                  setStep(of)
                }}
              />
            )}
          />
          <p class="hint keys-hint">{write('keys')}</p>
        </section>
      )}
      {step && <StepDialog of={step} onClose={() => setStep(null)} onDone={reload} />}
    </div>
  )
}

/** What the list of alerts can be asked for: the state among people is none of it. */
const fileQuery = ({ severity, gtin, container }: InboxFilter) => ({
  severity: severity || undefined,
  gtin: gtin || undefined,
  container: container || undefined,
})

function Nothing({ unfiltered }: { unfiltered: boolean }) {
  const shipments = useLoad(unfiltered ? 'inbox shipments' : null, async (signal) =>
    d.page(d.raw)(await read(apiPath('shipments'), { limit: 1 }, signal)),
  )
  if (!unfiltered) return <p class="panel empty">{write('group.noneHere')}</p>
  if (shipments.value?.items.length === 0) return <FirstSteps />
  return <p class="panel empty">{write('group.none')}</p>
}

/** The pages after the first, added as they are reached; a new first page begins anew. */
function useMore(first: Pages | null, filter: InboxFilter) {
  const [rest, setRest] = useState<{ of: Pages | null; groups: InboxGroup[]; next: string | null }>(
    {
      of: null,
      groups: [],
      next: null,
    },
  )
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    if (first) setRest({ of: first, groups: [], next: first.next })
  }, [first])
  const mine = rest.of === first ? rest : { of: first, groups: [], next: first?.next ?? null }
  const load = (): void => {
    if (busy || mine.next === null) return
    setBusy(true)
    const cursor = mine.next
    read(apiPath('inbox'), { ...asked(filter), limit: pageGroups, cursor })
      .then((json) => {
        const page = d.page(inboxGroup)(json)
        setRest({ of: first, groups: [...mine.groups, ...page.items], next: page.next })
      })
      // The list stays as long as it is; reaching its end again asks again.
      .catch((error: unknown) => toast(toProblem(error).message, 'wrong'))
      .finally(() => setBusy(false))
  }
  return { groups: [...(first?.groups ?? []), ...mine.groups], load }
}

async function loadFirst(filter: InboxFilter, signal: AbortSignal): Promise<Pages> {
  const json = await read(apiPath('inbox'), { ...asked(filter), limit: pageGroups }, signal)
  const { items, next } = d.page(inboxGroup)(json)
  return { groups: items, next, counts: inboxCounts(d.raw(json).counts) }
}

async function takeOverGroup(alert: string, reload: () => void): Promise<void> {
  try {
    await tell('POST', apiPath('alerts', alert, 'assign'), { to: 'me', group: true })
    toast(write('step.done'))
    reload()
  } catch (error) {
    const { message, remedy } = toProblem(error)
    toast(`${message} ${remedy}`, 'wrong')
  }
}

/** As the API wants it: without what is not asked. */
function asked(filter: InboxFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))
}

function filterOf(query: URLSearchParams): InboxFilter {
  const entries = Object.keys(noFilter).map((name) => [name, query.get(name) ?? ''])
  return Object.fromEntries(entries) as InboxFilter
}
