// The styles of a page come with the page and stay: a selector that two files style would look
// like the page that was opened last.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const source = 'dashboards/console/src'
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.css'),
)
/** Loaded with the frame, always before and in this order: they may build upon each other. */
const frame = ['base', 'shell', 'panels', 'table', 'detail', 'widths'].map((name) => `${name}.css`)

function selectorsOf(file: string): Set<string> {
  const text = readFileSync(join(source, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    // On paper one page is printed at a time, and each prints itself.
    .replace(/@media print\s*\{(?:[^{}]*\{[^{}]*\})*\s*\}/g, '')
  const heads = [...text.matchAll(/([^{};]+)\{/g)].map(([, head]) => head?.trim() ?? '')
  const selectors = heads.filter((head) => !head.startsWith('@')).flatMap((head) => head.split(','))
  return new Set(selectors.map((one) => one.trim().replace(/\s+/g, ' ')))
}

describe('the styles of the console', () => {
  it('look the same whatever page was opened before', () => {
    const styledIn = new Map<string, string[]>()
    for (const file of files)
      for (const selector of selectorsOf(file))
        styledIn.set(selector, [...(styledIn.get(selector) ?? []), file])
    expect(styledIn.size).toBeGreaterThan(300)
    const twice = [...styledIn]
      .filter(([, where]) => where.length > 1 && !where.every((file) => frame.includes(file)))
      .map(([selector, where]) => `${selector}: ${where.join(', ')}`)
    expect(twice).toEqual([])
  })
})
