// What the server itself wrote beside a step of an alert, in the language of the reader. What
// people wrote stays as it is.
import { writeInbox as write } from '../words/inbox.ts'
import { writeQuality } from '../words/quality.ts'

const decisions = ['release', 'quarantine', 'reject', 'destroy', 'return'] as const

export function entryText(text: string): string {
  const [, investigation] = /^investigation (inv-\S+)$/.exec(text) ?? []
  if (investigation !== undefined) return write('entry.investigation', { id: investigation })
  const said = /^disposition (disp-\S+): ([a-z]+ \d+(?:, [a-z]+ \d+)*)(?:; (\d+) units undecided)?$/
  const [, id, parts, left] = said.exec(text) ?? []
  if (id === undefined || parts === undefined) return text
  const words = parts.split(', ').map((part) => {
    const [name, count = ''] = part.split(' ')
    const known = decisions.find((one) => one === name)
    return `${known ? writeQuality(`decision.${known}`) : name} ${count}`
  })
  const decided = write('entry.disposition', { id, parts: words.join(', ') })
  return left === undefined
    ? decided
    : `${decided}; ${write('entry.left', { count: Number(left) })}`
}
