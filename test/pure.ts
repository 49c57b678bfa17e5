// Which tests need no process of their own: those that import nothing but what is pure (the domain,
// settings, simulators, modules of the console) and so can leave nothing behind for the next one.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const pure = [
  /^(vitest|fast-check|node:(crypto|fs|path|util))$/,
  /^\.\.\/(bounds|domain|simulators|dashboards\/console\/src|ingest\/formats)\//,
  /^\.\.\/config(-urls|-bounds)?\.ts$/,
  /^\.\/(depth|symbols|tracks|vectors)\.ts$/,
]

/** Their paths from the root. */
export function pureTests(): string[] {
  const tests = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'))
  return tests.filter((name) => importsOf(name).every(isPure)).map((name) => `test/${name}`)
}

const isPure = (name: string): boolean => pure.some((pattern) => pattern.test(name))

const importsOf = (name: string): string[] => {
  const text = readFileSync(join(import.meta.dirname, name), 'utf8')
  return [...text.matchAll(/(?:from |import |import\()'([^']+)'/g)].map(([, imported]) => imported!)
}
