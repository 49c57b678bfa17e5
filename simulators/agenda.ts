// What is to come, in order of time. A binary heap; equal times leave in the order they came.

export interface Agenda<T> {
  readonly size: number
  push(at: number, item: T): void
  /** The earliest time, Infinity when empty. */
  next(): number
  /** Throws RangeError when empty. */
  pop(): T
}

interface Entry<T> {
  at: number
  order: number
  item: T
}

export function createAgenda<T>(): Agenda<T> {
  const heap: Entry<T>[] = []
  let pushed = 0
  return {
    get size() {
      return heap.length
    },
    push(at, item) {
      heap.push({ at, order: pushed++, item })
      rise(heap, heap.length - 1)
    },
    next: () => heap[0]?.at ?? Number.POSITIVE_INFINITY,
    pop() {
      const first = heap[0]
      const last = heap.pop()
      if (!first || !last) throw new RangeError('nothing is to come')
      if (heap.length > 0) {
        heap[0] = last
        sink(heap)
      }
      return first.item
    },
  }
}

/** Several streams, each in order of `at`, as one, up to a time. Holds one item of each. */
export function* inOrder<T extends { at: number }>(
  streams: readonly Generator<T, void>[],
  endTime: number,
): Generator<T, void> {
  const agenda = createAgenda<{ item: T; stream: Generator<T, void> }>()
  const goOn = (stream: Generator<T, void>): void => {
    const { value: item, done } = stream.next()
    if (!done) agenda.push(item.at, { item, stream })
  }
  try {
    for (const stream of streams) goOn(stream)
    while (agenda.size > 0 && agenda.next() <= endTime) {
      const { item, stream } = agenda.pop()
      yield item
      goOn(stream)
    }
  } finally {
    for (const stream of streams) stream.return(undefined)
  }
}

const before = <T>(a: Entry<T>, b: Entry<T>): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order)

function rise<T>(heap: Entry<T>[], from: number): void {
  let index = from
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(heap[index]!, heap[parent]!)) return
    swap(heap, index, parent)
    index = parent
  }
}

function sink<T>(heap: Entry<T>[]): void {
  let index = 0
  for (;;) {
    let least = index
    for (const child of [2 * index + 1, 2 * index + 2])
      if (child < heap.length && before(heap[child]!, heap[least]!)) least = child
    if (least === index) return
    swap(heap, index, least)
    index = least
  }
}

function swap<T>(heap: Entry<T>[], a: number, b: number): void {
  const kept = heap[a]!
  heap[a] = heap[b]!
  heap[b] = kept
}
