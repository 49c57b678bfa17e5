import { describe, expect, it } from 'vitest'
import { type AiEntry, aiAt, aiEntry, aiMatches, allAis } from '../domain/gs1/dictionary.ts'
import { linters } from '../domain/gs1/linters.ts'
import { readVectors, vectorsPresent } from './vectors.ts'

const file = 'gs1-syntax/gs1-syntax-dictionary.txt'

describe('the table of Application Identifiers', () => {
  it('names only content rules that exist', () => {
    const named = allAis().flatMap(({ components }) => components.flatMap((c) => c.linters))
    expect([...new Set(named)].filter((name) => !linters[name])).toEqual([])
  })

  it('no AI is the start of another, so that the first that fits is the right one', () => {
    for (const { ai } of allAis()) expect(aiAt(`${ai}0000`, 0)?.ai).toBe(ai)
    expect(aiAt('0500', 0)).toBeUndefined()
    expect(aiEntry('3106')).toBeUndefined()
  })

  it('n in a pattern stands for one digit', () => {
    expect(aiMatches('3101', '310n')).toBe(true)
    expect(aiMatches('310', '310n')).toBe(false)
    expect(aiMatches('01', '0nnn')).toBe(false)
    expect(aiMatches('235', '23n')).toBe(true)
    expect(aiMatches('235', 'nnn')).toBe(false)
  })

  it.skipIf(!vectorsPresent(file))('says what the dictionary of GS1 says', () => {
    const found = readVectors(file).split('\n').flatMap(linesOf)
    expect(found.length).toBeGreaterThan(480)
    const written = new Map(allAis().map((entry) => [entry.ai, linesFrom(entry)]))
    for (const { ai, ...line } of found) expect(written.get(ai), `AI ${ai}`).toEqual(line)
    expect(written.size).toBe(found.length)
  })
})

interface Line {
  flags: string
  format: string
  attributes: string[]
  title: string
}

/** One line of the dictionary, once for each AI of its range. */
function linesOf(text: string): ({ ai: string } & Line)[] {
  const parts = /^(\d+)(?:-(\d+))?\s+(?:([*?]+)\s+)?([^#]*)(?:#\s*(.*))?$/.exec(text)
  if (!parts) return []
  const [, first, last = first, flags = '', body, title = ''] = parts
  const words = body!.trim().split(/\s+/)
  const isFormat = (word: string) => /^\[?[NXYZ](\d|\.\.)/.test(word)
  const line = {
    flags,
    format: words.filter(isFormat).join(' '),
    attributes: words.filter((word) => !isFormat(word)).sort(),
    title: title.trim(),
  }
  const count = Number(last) - Number(first) + 1
  return Array.from({ length: count }, (_, i) => ({
    ai: String(Number(first) + i).padStart(first!.length, '0'),
    ...line,
  }))
}

function linesFrom(entry: AiEntry): Line {
  const { requires, excludes, chains } = entry
  const format = entry.components.map(({ set, min, max, optional, linters: names }) => {
    const size = `${set}${min === max ? '' : '..'}${max}`
    return [optional ? `[${size}]` : size, ...names].join(',')
  })
  const attributes = [
    ...(requires.length ? [`req=${requires.map((group) => group.join('+')).join(',')}`] : []),
    ...(excludes.length ? [`ex=${excludes.join(',')}`] : []),
    ...(chains ? [chains.length ? `dlpkey=${chains.join('|')}` : 'dlpkey'] : []),
  ]
  return {
    flags: (entry.predefined ? '*' : '') + (entry.attribute ? '?' : ''),
    format: format.join(' '),
    attributes: attributes.sort(),
    title: entry.title,
  }
}
