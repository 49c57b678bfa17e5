// What the report of an investigation says: why it happened, what is done about it and whether that
// was effective, and who closed it (ICH Q10 §3.2.2). Of its record alone. Pure, as other reports.
import type { SignedBy } from '../disposition/dispositions.ts'
import type { Action, InvestigationRecord } from '../investigation.ts'
import { reportOf, signed, toolsOf } from './compose.ts'
import { categoryWords, investigationWords } from './investigation-words.ts'
import type { Reader } from './reader.ts'
import type { ReportRecord, Section } from './record.ts'

export interface InvestigationFacts {
  record: InvestigationRecord
  recordHash: string
  /** Of the closing that stands. */
  signature: Omit<SignedBy, 'meaning'> | null
  signatureHash: string | null
  /** Epoch ms. */
  changedAt: number
}

export function composeInvestigation(facts: InvestigationFacts, reader: Reader): ReportRecord {
  const { record, recordHash, signature, signatureHash, changedAt } = facts
  const { w, write } = toolsOf(reader)
  const own = investigationWords[reader.language]
  const { category, rootCause, whys, comments } = record
  const named = category && (categoryWords[reader.language][category] ?? category)
  const list = (ids: readonly string[]): string => ids.join(', ') || w.none
  const sections: Section[] = [
    {
      ...{ kind: 'facts', title: w.summary },
      rows: [
        [w.state, own[record.state]],
        [own.opened, `${record.openedBy}, ${write.moment(Date.parse(record.openedAt))}`],
        [own.category, named ?? own.unsaid],
        [own.alerts, list(record.alerts)],
        [own.cases, list(record.cases)],
        [own.decisions, list(record.dispositions)],
        [w.recordHash, recordHash],
      ],
    },
    ...(signature ? [signed({ ...signature, meaning: own.closing }, signatureHash, reader)] : []),
    {
      ...{ kind: 'text', title: own.cause },
      lines: rootCause ? [rootCause.text, ...rootCause.causes] : [own.unsaid],
    },
    ...(whys.length > 0
      ? [
          {
            kind: 'text' as const,
            title: own.whys,
            lines: whys.map((why, i) => `${i + 1}. ${why}`),
          },
        ]
      : []),
    actionsOf(record.actions, reader),
    ...(comments.length > 0
      ? [
          {
            ...{ kind: 'text' as const, title: own.comments },
            lines: comments.map(
              ({ at, by, text }) => `${write.moment(Date.parse(at))}, ${by}: ${text}`,
            ),
          },
        ]
      : []),
  ]
  return reportOf('investigation', reader, {
    ...{ title: `${own.title}: ${record.title}`, at: changedAt, sections },
    subtitle: `${record.id}, ${w.revision} ${record.revision}`,
  })
}

function actionsOf(actions: readonly Action[], reader: Reader): Section {
  const { write } = toolsOf(reader)
  const own = investigationWords[reader.language]
  const noted = (step: { at: string; by: string; note: string } | null): string =>
    step === null ? '-' : `${write.moment(Date.parse(step.at))}, ${step.by}: ${step.note}`
  return {
    ...{ kind: 'table', title: own.actions },
    columns: [
      { title: own.kind, share: 1.8 },
      { title: own.text, share: 3.6 },
      { title: own.owner, share: 2.4 },
      { title: own.due, share: 2.2 },
      { title: own.done, share: 3.2 },
      { title: own.effect, share: 3.2 },
    ],
    rows: actions.map(({ kind, text, owner, dueAt, done, effectiveness }) => [
      ...[own[kind], text, owner, write.moment(Date.parse(dueAt)), noted(done)],
      effectiveness === null
        ? '-'
        : `${own[effectiveness.effective ? 'effective' : 'ineffective']}: ${noted(effectiveness)}`,
    ]),
    ...(actions.length === 0 && { note: own.noActions }),
  }
}
