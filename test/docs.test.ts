// What the documents say is held against what stands.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ruleSets } from '../domain/profile/rule-sets.ts'
import { refusalCodes } from '../domain/refusal.ts'

const read = (file: string): string => readFileSync(file, 'utf8')
const documents = [...globSync('*.md'), ...globSync('docs/**/*.md')]

describe('documents', () => {
  it('list every code a refusal may carry, and no other', () => {
    const listed = [...read('docs/refusals.md').matchAll(/^\| `([\w/-]+)` \|/gm)].map(
      ([, code]) => code,
    )
    expect(listed).toEqual([...refusalCodes])
  })

  it('list every setting, and no other', () => {
    const known = [...read('config.ts').matchAll(/'(ISOTHERM_[A-Z_]+)'/g)].map(([, name]) => name!)
    const real = known.filter((name) => !name.startsWith('ISOTHERM_TEST_') && name !== 'ISOTHERM_')
    const listed = [...read('docs/operations.md').matchAll(/`(ISOTHERM_[A-Z_]+)`/g)].map(
      ([, name]) => name!,
    )
    expect([...new Set(listed)].sort()).toEqual([...new Set(real)].sort())
  })

  it('list every ready rule set', () => {
    for (const name of Object.keys(ruleSets))
      expect(read('docs/rules.md')).toContain(`| \`${name}\` |`)
  })

  it('point at files that are there', () => {
    const missing: string[] = []
    for (const file of documents)
      for (const [, link] of read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g))
        if (!existsSync(join(dirname(file), link!))) missing.push(`${file}: ${link}`)
    expect(missing).toEqual([])
  })

  it('name tests for the invariants that are there', () => {
    const named = [...read('ARCHITECTURE.md').matchAll(/`(test\/[\w./-]+\.ts)`/g)].map(
      ([, file]) => file!,
    )
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((file) => !existsSync(file))).toEqual([])
  })

  it('name each runtime dependency with its reason', () => {
    const { dependencies } = JSON.parse(read('package.json')) as {
      dependencies: Record<string, string>
    }
    const reasons = read('docs/adr/0007-dependencies.md')
    expect(Object.keys(dependencies).filter((name) => !reasons.includes(`\`${name}\``))).toEqual([])
  })

  it('show the two commands that do all the set-up', () => {
    expect(read('README.md')).toContain('npm ci && npm start')
    expect(read('README.md')).toContain('npm ci && npm test')
  })
})
