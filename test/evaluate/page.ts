// docs/evaluation.md is made of parts, each written by a program of its own at its own time: what
// one writes leaves the others as they are.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const page = fileURLToPath(new URL('../../docs/evaluation.md', import.meta.url))

/** The parts in their order, by the line each begins with. */
const headings = {
  anomalies: '# Evaluation of the anomaly detector',
  forecasts: '## Forecasts',
  cases: '## Cases and detectors in simulated worlds',
} as const

export const headingOf = (part: keyof typeof headings): string => headings[part]

/** `text` begins with the heading. */
export function writePart(part: keyof typeof headings, text: string): void {
  const before = existsSync(page) ? readFileSync(page, 'utf8') : ''
  const starts = Object.values(headings).map((heading) => `\n${before}`.indexOf(`\n${heading}\n`))
  const parts = Object.keys(headings).map((name, n) => {
    if (name === part) return text
    const end = Math.min(...starts.slice(n + 1).filter((at) => at >= 0), before.length)
    return starts[n]! < 0 ? '' : before.slice(starts[n], end)
  })
  const stands = parts.map((each) => each.trim()).filter((each) => each !== '')
  writeFileSync(page, `${stands.join('\n\n')}\n`)
}
