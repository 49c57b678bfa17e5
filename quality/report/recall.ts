// What the report of a recall or a drill says, from facts that others gathered. Pure, as the other
// reports.
import { codeWord, criteriaText } from './code-words.ts'
import { reportOf, serials, toolsOf } from './compose.ts'
import { moreWords } from './more-words.ts'
import type { Reader } from './reader.ts'
import type { ReportRecord, Section } from './record.ts'

export interface HolderFacts {
  holder: string
  units: number
  returned: number
  notifiedAt: number | null
  acknowledgedAt: number | null
}

export interface RecallFacts {
  id: string
  name: string
  drill: boolean
  revision: number
  startedAt: number
  closedAt: number | null
  evaluatedAt: number
  reason: string
  criteria: readonly object[]
  serialCount: number
  serialSetHash: string
  figures: [name: string, count: number][]
  holders: HolderFacts[]
  units: readonly string[]
}

export function composeRecall(facts: RecallFacts, reader: Reader): ReportRecord {
  const { w, write } = toolsOf(reader)
  const own = moreWords[reader.language]
  const sections: Section[] = [
    {
      ...{ kind: 'facts', title: w.summary },
      rows: [
        [w.reason, facts.reason],
        [w.since, write.moment(facts.startedAt)],
        ...(facts.closedAt === null
          ? []
          : [[w.closed, write.moment(facts.closedAt)] as [string, string]]),
        [w.units, write.count(facts.serialCount)],
        [w.dataUpTo, write.moment(facts.evaluatedAt)],
        [w.criteria, criteriaText(facts.criteria, reader.language)],
        [w.setHash, facts.serialSetHash],
      ],
    },
    {
      ...{ kind: 'facts', title: w.figures },
      rows: facts.figures.map(([name, count]): [string, string] => [
        codeWord(name, reader.language),
        write.count(count),
      ]),
    },
    {
      ...{ kind: 'table', title: w.holders },
      columns: [
        { title: w.place, share: 6 },
        { title: w.count, share: 1.6, align: 'right' },
        { title: w.returned, share: 1.6, align: 'right' },
        { title: own.notified, share: 2.8 },
        { title: own.acknowledged, share: 2.8 },
      ],
      rows: facts.holders.map(({ holder, units, returned, notifiedAt, acknowledgedAt }) => [
        ...[holder, write.count(units), write.count(returned)],
        ...[notifiedAt, acknowledgedAt].map((at) => (at === null ? '-' : write.moment(at))),
      ]),
    },
    serials(
      facts.units.map((epc) => ({ epc })),
      { total: facts.serialCount, reader },
    ),
  ]
  return reportOf('recall', reader, {
    title: `${facts.drill ? w.drill : w.recall}: ${facts.name}`,
    subtitle: `${facts.id}, ${w.revision} ${facts.revision}`,
    ...{ sections, at: facts.evaluatedAt },
  })
}
