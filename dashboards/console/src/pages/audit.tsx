// What was changed, by whom and when: the append-only log, with the hash that pins it.
import { useMemo, useState } from 'preact/hooks'
import { download, type Problem, toProblem } from '../client.ts'
import { Dialog } from '../dialog.tsx'
import { FileMenu } from '../file-menu.tsx'
import { Field } from '../form.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { nameOf, usePeople } from '../quality/people.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { token } from '../session.ts'
import { numberOf, objectOf, parsePage, parseTime, textOf } from '../shapes.ts'
import { type Column, Table } from '../table.tsx'
import { nameOfEvidence } from '../words/evidence-kinds.ts'
import { write } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import '../settings/settings.css'

interface Entry {
  seq: number
  at: number | null
  kind: string
  by: string
  record: unknown
}

const pageRows = 200

export default function Audit({ query }: PageProps) {
  const [by, kind] = [query.get('by') ?? '', query.get('kind') ?? '']
  usePeople()
  const [more, setMore] = useState<{ of: unknown; items: Entry[]; next: string | null } | null>(
    null,
  )
  // Who has read on keeps what is shown: the list would begin anew under their eyes.
  const first = useLoad(
    `audit ${by} ${kind}`,
    (signal) => loadPage({ by, kind }, undefined, signal),
    more === null ? ['record.changed'] : [],
  )
  const mine = more && more.of === first.value ? more : null
  const rows = useMemo(
    () => [...(first.value?.items ?? []), ...(mine?.items ?? [])],
    [first.value, mine],
  )
  const next = mine ? mine.next : (first.value?.next ?? null)
  const [shown, setShown] = useState<Entry | null>(null)
  const onEnd = (): void => {
    const of = first.value
    if (next === null) return
    loadPage({ by, kind }, next).then(
      (page) => setMore({ of, items: [...(mine?.items ?? []), ...page.items], next: page.next }),
      () => undefined,
    )
  }
  const choose = (part: { by?: string; kind?: string }): void => {
    const all = { by, kind, ...part }
    const given = { by: all.by || undefined, kind: all.kind || undefined }
    goTo(addressOf(['audit'], given), { replace: true })
  }
  return (
    <div class="page">
      <Head />
      <section class="panel audit" aria-label={write('audit')}>
        <header class="filters field-row">
          <Field
            id="by"
            label={write('audit.by')}
            value={by}
            onInput={(text) => choose({ by: text })}
          />
          <Field
            id="kind"
            label={write('audit.kind')}
            value={kind}
            onInput={(text) => choose({ kind: text })}
          />
          <FileMenu
            path={apiPath('audit')}
            query={{ by: by || undefined, kind: kind || undefined }}
            of={write('audit')}
          />
        </header>
        {first.problem && <ProblemNote problem={first.problem} />}
        <Table
          name={write('audit')}
          columns={columnsFor(setShown)}
          rows={rows}
          keyOf={({ seq }) => String(seq)}
          onEnd={next === null ? undefined : onEnd}
          empty={first.value ? write('audit.none') : writeShell('loading')}
        />
      </section>
      {shown && (
        <Dialog
          title={nameOfEvidence(shown.kind) ?? shown.kind}
          kind="wide"
          onClose={() => setShown(null)}
        >
          <div class="dialog-body stack">
            <p class="number">
              {nameOf(shown.by)} ({shown.by}) · {say.time(shown.at)} · <code>{shown.kind}</code>
            </p>
            <pre class="json">{JSON.stringify(shown.record, null, 2)}</pre>
          </div>
        </Dialog>
      )}
    </div>
  )
}

/** The signed head: how many entries there are, and the hash over all of them. */
function Head() {
  const head = useLoad('audit head', async (signal) => {
    const json = objectOf(objectOf(await read(apiPath('audit', 'head'), {}, signal)).head)
    return { size: numberOf(json.size) ?? 0, rootHash: textOf(json.rootHash) }
  })
  const [problem, setProblem] = useState<Problem | null>(null)
  const save = (): void => {
    const asking = { token: token.value ?? '', accept: 'application/x-ndjson' }
    download(apiPath('audit', 'export'), 'isotherm-audit.ndjson', asking).catch((error) =>
      setProblem(toProblem(error)),
    )
  }
  if (head.problem) return <ProblemNote problem={head.problem} />
  return (
    <section class="panel form-panel" aria-label={write('audit.hash')}>
      <p>
        <b>
          {head.value ? write('audit.head', { count: head.value.size }) : writeShell('loading')}
        </b>
      </p>
      <p>
        {write('audit.hash')} <code class="hash">{head.value?.rootHash}</code>
      </p>
      <p class="hint">{write('audit.hint')}</p>
      {problem && <ProblemNote problem={problem} />}
      <button type="button" class="start" onClick={save}>
        {write('audit.save')}
      </button>
    </section>
  )
}

const columnsFor = (onShow: (entry: Entry) => void): Column<Entry>[] => [
  { key: 'at', title: write('audit.at'), cell: ({ at }) => say.time(at) },
  {
    key: 'kind',
    title: write('audit.kind'),
    cell: ({ kind }) => nameOfEvidence(kind) ?? <code>{kind}</code>,
  },
  { key: 'what', title: write('audit.what'), cell: ({ record }) => whatOf(record), rank: 2 },
  { key: 'by', title: write('audit.by'), cell: ({ by }) => <span title={by}>{nameOf(by)}</span> },
  {
    key: 'seq',
    title: write('audit.seq'),
    cell: ({ seq }) => say.count(seq),
    right: true,
    rank: 2,
  },
  {
    key: 'record',
    title: write('audit.record'),
    cell: (entry) => (
      <button
        type="button"
        aria-label={`${write('audit.record')} ${entry.seq}`}
        onClick={() => onShow(entry)}
      >
        {write('audit.record')}
      </button>
    ),
  },
]

/** What an entry is about, in a line: the request as it was sent, or the key of what changed. */
function whatOf(record: unknown): string {
  const { route, path, ...named } = objectOf(record)
  const method = textOf(route).split(' ')[0]
  if (method)
    return [
      method,
      ...textOf(path)
        .replace(/^\/api\/v1\//, '')
        .split('/')
        .map(plain),
    ].join(' ')
  const about = objectOf(named.about)
  const keys = [named.id, about.id, named.epc, named.gtin, named.device, named.alert]
  return plain(keys.map(textOf).find((key) => key !== '') ?? '–')
}

function plain(segment: string): string {
  try {
    return say.key(decodeURIComponent(segment))
  } catch {
    return segment
  }
}

interface Filter {
  by: string
  kind: string
}

async function loadPage({ by, kind }: Filter, cursor?: string, signal?: AbortSignal) {
  const query = {
    limit: pageRows,
    by: by || undefined,
    kind: kind || undefined,
    cursor,
  }
  return parsePage(
    await read(apiPath('audit'), query, signal),
    (item): Entry => ({
      seq: numberOf(item.seq) ?? 0,
      at: parseTime(item.at),
      kind: textOf(item.kind),
      by: textOf(item.by),
      record: item.record,
    }),
  )
}
