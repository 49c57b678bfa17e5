// Where the rows of a long list stand when each has its own height. Pure.

/** Top of each row, and at the end the height of all. */
export function topsOf(count: number, heightOf: (index: number) => number): Float64Array {
  const tops = new Float64Array(count + 1)
  for (let index = 0; index < count; index++) tops[index + 1] = tops[index]! + heightOf(index)
  return tops
}

/** The row at a distance from the top; the last one beyond the end. */
export function indexAt(tops: Float64Array, at: number): number {
  let low = 0
  let high = tops.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (tops[middle]! <= at) low = middle
    else high = middle - 1
  }
  return low
}
