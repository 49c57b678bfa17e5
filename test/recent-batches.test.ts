import { expect, it } from 'vitest'
import { createSlab, openBatch, sealSlab, writeEntry } from '../store/envelope.ts'
import { RecentBatches } from '../store/recent-batches.ts'

function batchOf(first: number, count: number) {
  const slab = createSlab(10_000)
  for (let i = 0; i < count; i++)
    writeEntry(slab, {
      ...{ kind: 'publish', tenant: 'default', source: 'logger', topic: `at ${first + i}` },
      recordTime: 0,
      body: Buffer.alloc(100),
    })
  return openBatch(Buffer.from(sealSlab(slab, first)), first)
}

const topicAt = (recent: RecentBatches, offset: number): string | undefined => {
  const found = recent.holding(offset)
  return found?.envelopes[offset - found.first]?.topic
}

it('finds an envelope anywhere in a batch that was read before, and no other', () => {
  const recent = new RecentBatches(1e6)
  for (const first of [0, 10, 20]) recent.keep(batchOf(first, 10))
  for (const offset of [25, 0, 9, 10, 14, 29, 3])
    expect(topicAt(recent, offset)).toBe(`at ${offset}`)
  expect(recent.holding(30)).toBeUndefined()
})

it('forgets what was not asked for longest, and keeps the newest however large it is', () => {
  const { bytes } = new RecentBatches(1).keep(batchOf(0, 10))
  const recent = new RecentBatches(2.5 * bytes)
  recent.keep(batchOf(0, 10))
  recent.keep(batchOf(10, 10))
  expect(topicAt(recent, 5)).toBe('at 5')
  recent.keep(batchOf(20, 10))
  expect(recent.holding(15)).toBeUndefined()
  expect([topicAt(recent, 0), topicAt(recent, 20)]).toEqual(['at 0', 'at 20'])
  recent.keep(batchOf(30, 60))
  expect(topicAt(recent, 89)).toBe('at 89')
  expect(recent.holding(20)).toBeUndefined()
})

it('lets go of what everybody has read, and counts it no more', () => {
  const { bytes } = new RecentBatches(1).keep(batchOf(10, 10))
  const recent = new RecentBatches(2.5 * bytes)
  recent.keep(batchOf(10, 10))
  recent.keep(batchOf(20, 10))
  recent.forgetBelow(29)
  expect([recent.holding(15), topicAt(recent, 20)]).toEqual([undefined, 'at 20'])
  recent.keep(batchOf(30, 10))
  expect([topicAt(recent, 20), topicAt(recent, 30)]).toEqual(['at 20', 'at 30'])
  recent.forgetBelow(40)
  expect([recent.holding(20), recent.holding(39)]).toEqual([undefined, undefined])
})
