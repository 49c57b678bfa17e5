// Filters in a tree of levels: finds everything whose filter matches a topic without looking at the
// rest. Does not judge filters: they have been checked when they came in (topics.ts).

interface Node<T> {
  below: Map<string, Node<T>>
  /** What hangs here, by key: a later one with the same key replaces the earlier. */
  values: Map<string, T>
}

export class FilterTree<T> {
  readonly #root: Node<T> = { below: new Map(), values: new Map() }

  set(filter: string, key: string, value: T): void {
    let node = this.#root
    for (const level of filter.split('/')) {
      let next = node.below.get(level)
      if (next === undefined) {
        next = { below: new Map(), values: new Map() }
        node.below.set(level, next)
      }
      node = next
    }
    node.values.set(key, value)
  }

  delete(filter: string, key: string): void {
    const path: { node: Node<T>; level: string }[] = []
    let node = this.#root
    for (const level of filter.split('/')) {
      const next = node.below.get(level)
      if (next === undefined) return
      path.push({ node, level })
      node = next
    }
    node.values.delete(key)
    for (const step of path.reverse()) {
      const child = step.node.below.get(step.level)!
      if (child.values.size > 0 || child.below.size > 0) return
      step.node.below.delete(step.level)
    }
  }

  /** Every value whose filter matches the topic. */
  match(topic: string): T[] {
    const found: T[] = []
    const levels = topic.split('/')
    const visit = (node: Node<T>, depth: number): void => {
      // [MQTT-4.7.2-1]: a wildcard does not stand for a first level that begins with $.
      const wild = depth > 0 || !topic.startsWith('$')
      const rest = node.below.get('#')
      if (rest !== undefined && wild) found.push(...rest.values.values())
      if (depth === levels.length) {
        found.push(...node.values.values())
        return
      }
      const exact = node.below.get(levels[depth]!)
      if (exact !== undefined) visit(exact, depth + 1)
      const any = node.below.get('+')
      if (any !== undefined && wild) visit(any, depth + 1)
    }
    visit(this.#root, 0)
    return found
  }
}
