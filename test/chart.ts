// Renders a Helm chart where helm is not installed: just the part of its templates that ours use.
// Throws on anything else, so that a chart that needs more cannot pass unseen.
import { parse, stringify } from 'yaml'

type Scope = Readonly<Record<string, unknown>>
type Part = { text: string } | { action: string }
type Tree = { text: string } | { print: string } | Block
interface Block {
  head: string
  body: Tree[]
}

/** `values` are what stands in values.yaml and what is given on the command line over it. */
export function renderTemplate(template: string, values: string, release = 'test'): string {
  const { trees } = readTrees(cut(template), 0)
  const root: Scope = { Values: parse(values) as unknown, Release: { Name: release } }
  return print(trees, { '.': root, $: root })
}

/** Text and actions. `{{-` and `-}}` eat the white space beside them. */
function cut(template: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of template.matchAll(/(\s*\{\{-|\{\{)\s*(.*?)\s*(-\}\}\s*|\}\})/gs)) {
    parts.push({ text: template.slice(at, match.index) }, { action: match[2]! })
    at = match.index + match[0].length
  }
  return [...parts, { text: template.slice(at) }]
}

function readTrees(parts: readonly Part[], from: number): { trees: Tree[]; next: number } {
  const trees: Tree[] = []
  let at = from
  while (at < parts.length) {
    const part = parts[at++]!
    if ('text' in part) trees.push(part)
    else if (part.action === 'end') break
    else if (/^(range|if) /.test(part.action)) {
      const { trees: body, next } = readTrees(parts, at)
      trees.push({ head: part.action, body })
      at = next
    } else trees.push({ print: part.action })
  }
  return { trees, next: at }
}

function print(trees: readonly Tree[], scope: Scope): string {
  return trees
    .map((tree) => {
      if ('text' in tree) return tree.text
      if ('print' in tree) return String(evaluate(tree.print, scope))
      return printBlock(tree, scope)
    })
    .join('')
}

function printBlock({ head, body }: Block, scope: Scope): string {
  if (head.startsWith('if ')) return evaluate(head.slice(3), scope) ? print(body, scope) : ''
  const [, key, value, over] = /^range (\$\w+), (\$\w+) := (.+)$/.exec(head) ?? []
  if (!key || !value || !over) throw new Error(`not understood: {{ ${head} }}`)
  // Helm goes through a map in the order of its keys.
  return Object.entries(evaluate(over, scope) as object)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, held]) => print(body, { ...scope, [key]: name, [value]: held }))
    .join('')
}

function evaluate(expression: string, scope: Scope): unknown {
  const [first, ...filters] = expression.split(/\s*\|\s*/)
  return filters.reduce<unknown>(
    (value, filter) => call(filter, [value], scope),
    term(first!, scope),
  )
}

function term(text: string, scope: Scope): unknown {
  const words = text.match(/\([^)]*\)|"[^"]*"|\S+/g) ?? []
  if (words.length === 1) return atom(words[0]!, scope)
  return call(
    words[0]!,
    words.slice(1).map((word) => atom(word, scope)),
    scope,
  )
}

function atom(text: string, scope: Scope): unknown {
  if (text.startsWith('(')) return term(text.slice(1, -1), scope)
  if (text.startsWith('"')) return text.slice(1, -1)
  if (/^\d+$/.test(text)) return Number(text)
  const [start, ...path] = text.startsWith('.')
    ? ['.', ...text.slice(1).split('.')]
    : text.split('.')
  let value: unknown = scope[start!]
  for (const step of path) value = (value as Scope | undefined)?.[step]
  if (value === undefined) throw new Error(`${text} is not in the values`)
  return value
}

function call(filter: string, given: unknown[], scope: Scope): unknown {
  const [name, ...more] = filter.split(' ')
  const values = [...more.map((word) => atom(word, scope)), ...given]
  const [value, other] = values
  if (name === 'quote') return JSON.stringify(String(value))
  if (name === 'toYaml') return stringify(value).trimEnd()
  if (name === 'nindent') return `\n${String(other).replace(/^/gm, ' '.repeat(value as number))}`
  if (name === 'int') return Number(value)
  if (name === 'gt') return (value as number) > (other as number)
  if (name === 'printf')
    return values
      .slice(1)
      .reduce<string>((text, part) => text.replace('%s', String(part)), String(value))
  throw new Error(`not understood: ${filter}`)
}
