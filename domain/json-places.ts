// Where in a JSON text the values stand that JSON pointers name (RFC 6901), so that a person sees
// what a refusal means. For texts that parsed: it judges no syntax and says nothing of broken ones.

export interface Span {
  at: number
  length: number
}

/**
 * The span of each pointer in the text; what is not there gets the nearest value around it. The
 * whole text (pointer '') gets none. One pass, whatever the number of pointers; depth is no matter.
 */
export function placesIn(text: string, pointers: readonly string[]): Map<string, Span> {
  const wanted = new Set(pointers.flatMap(withParents))
  const spans = spansOf(text, wanted)
  const places = new Map<string, Span>()
  for (const pointer of pointers) {
    const nearest = withParents(pointer).find((each) => spans.has(each))
    if (nearest !== undefined) places.set(pointer, spans.get(nearest)!)
  }
  return places
}

interface Open {
  pointer: string
  at: number
  /** Undefined in objects. */
  index: number | undefined
  /** Of the member whose value comes next. */
  name: string | undefined
}

/** Strings without backtracking, signs, and words (numbers, true, null). */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/gs

function spansOf(text: string, wanted: ReadonlySet<string>): Map<string, Span> {
  const spans = new Map<string, Span>()
  const open: Open[] = []
  const keep = (pointer: string, at: number, end: number): void => {
    if (wanted.has(pointer)) spans.set(pointer, { at, length: end - at })
  }
  for (const match of text.matchAll(token)) {
    const [word] = match
    const { index: at } = match
    const inside = open.at(-1)
    if (word === '{' || word === '[') {
      const index = word === '[' ? 0 : undefined
      open.push({ pointer: pointerOf(inside), at, index, name: undefined })
    } else if (word === '}' || word === ']') {
      const closed = open.pop()
      if (closed) keep(closed.pointer, closed.at, at + 1)
    } else if (word === ',') {
      if (inside?.index !== undefined) inside.index++
      else if (inside) inside.name = undefined
    } else if (word !== ':') {
      if (inside && inside.index === undefined && inside.name === undefined)
        inside.name = JSON.parse(word) as string
      else keep(pointerOf(inside), at, at + word.length)
    }
  }
  return spans
}

function pointerOf(inside: Open | undefined): string {
  if (!inside) return ''
  const step = inside.index ?? inside.name ?? ''
  return `${inside.pointer}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** `/a/b` and `/a`, without the whole. */
function withParents(pointer: string): string[] {
  const all: string[] = []
  for (let each = pointer; each.startsWith('/'); each = each.slice(0, each.lastIndexOf('/')))
    all.push(each)
  return all
}
