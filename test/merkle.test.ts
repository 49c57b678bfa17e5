// The tree over the evidence, against the vectors of Certificate Transparency (RFC 6962 and 9162
// hash alike), and against the definitions of RFC 9162 §2.1 written down as they stand there.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  appendLeaf,
  consistencyPath,
  emptyRoot,
  inclusionPath,
  type Leaves,
  leafHashOf,
  nodeHashOf,
  nodesOf,
  provesConsistency,
  provesInclusion,
  rootOf,
} from '../domain/merkle.ts'

/** The eight entries of the reference implementation's tests, and the roots over the first n. */
const entries = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'))
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

/** MTH of RFC 9162 §2.1.1. */
function treeHash(leaves: readonly string[]): string {
  if (leaves.length <= 1) return leaves[0] ?? emptyRoot
  const k = largestPowerBelow(leaves.length)
  return nodeHashOf(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)))
}

/** PATH of §2.1.3.1. */
function pathOf(m: number, leaves: readonly string[]): string[] {
  if (leaves.length === 1) return []
  const k = largestPowerBelow(leaves.length)
  return m < k
    ? [...pathOf(m, leaves.slice(0, k)), treeHash(leaves.slice(k))]
    : [...pathOf(m - k, leaves.slice(k)), treeHash(leaves.slice(0, k))]
}

/** SUBPROOF of §2.1.4.1; PROOF(m, D) is SUBPROOF(m, D, true). */
function subproof(m: number, leaves: readonly string[], known: boolean): string[] {
  if (m === leaves.length) return known ? [] : [treeHash(leaves)]
  const k = largestPowerBelow(leaves.length)
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), known), treeHash(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), treeHash(leaves.slice(0, k))]
}

const largestPowerBelow = (n: number): number => 2 ** Math.floor(Math.log2(n - 1))

/** What is kept of a tree that grew leaf by leaf: at each leaf the nodes that it completed. */
function grow(leaves: readonly string[]) {
  const kept: string[][] = []
  let peaks: string[] = []
  for (const [size, leaf] of leaves.entries()) {
    const grown = appendLeaf({ peaks, size }, leaf)
    peaks = grown.peaks
    kept.push([leaf, ...grown.filled])
  }
  const rootOver = (span: Leaves): string =>
    rootOf(nodesOf(span).map(({ level, index }) => kept[(index + 1) * 2 ** level - 1]![level]!))
  return { peaks, kept, rootOver }
}

const leavesOf = (size: number): string[] =>
  Array.from({ length: size }, (_, index) => leafHashOf(`entry ${index}`))

describe('a tree over a list', () => {
  it('has the roots of the reference implementation of Certificate Transparency', () => {
    const leaves = entries.map((entry) => leafHashOf(entry))
    for (let size = 0; size <= 8; size++)
      expect(rootOf(grow(leaves.slice(0, size)).peaks)).toBe(roots[size])
  })

  it('proves what the reference implementation proves', () => {
    const { rootOver } = grow(entries.map((entry) => leafHashOf(entry)))
    // certificate-transparency, merkletree tests: path of leaf 6 of 8 (counted from 1), and 6 to 8.
    expect(inclusionPath(5, 8).map(rootOver)).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
    expect(consistencyPath(6, 8).map(rootOver)).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
    expect(consistencyPath(1, 1)).toEqual([])
  })

  it('keeps one node for each entry on the average, and a peak for each bit of its size', () => {
    const { kept, peaks } = grow(leavesOf(1000))
    expect(kept.flat().length).toBeLessThan(2000)
    expect(peaks.length).toBe([...(1000).toString(2)].filter((bit) => bit === '1').length)
  })

  it('of any size has the root, the paths and the proofs of the standard', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat(), (size, some, other) => {
        const leaves = leavesOf(size)
        const { peaks, rootOver } = grow(leaves)
        const root = treeHash(leaves)
        expect(rootOf(peaks)).toBe(root)
        const index = some % size
        const path = inclusionPath(index, size).map(rootOver)
        expect(path).toEqual(pathOf(index, leaves))
        expect(provesInclusion({ leaf: leaves[index]!, index, size, root }, path)).toBe(true)
        const from = 1 + (other % size)
        const proof = consistencyPath(from, size).map(rootOver)
        expect(proof).toEqual(subproof(from, leaves, true))
        const before = { size: from, root: treeHash(leaves.slice(0, from)) }
        expect(provesConsistency(before, { size, root }, proof)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('proves nothing that is not so', () => {
    const hash = fc.integer().map((number) => leafHashOf(`forged ${number}`))
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 70 }),
        fc.nat(),
        fc.nat(),
        hash,
        (size, some, place, forged) => {
          const leaves = leavesOf(size)
          const { rootOver } = grow(leaves)
          const root = treeHash(leaves)
          const index = some % size
          const path = inclusionPath(index, size).map(rootOver)
          const of = { leaf: leaves[index]!, index, size, root }
          const spoilt = path.with(place % path.length, forged)
          expect(provesInclusion(of, spoilt)).toBe(false)
          expect(provesInclusion({ ...of, leaf: forged }, path)).toBe(false)
          expect(provesInclusion({ ...of, root: forged }, path)).toBe(false)
          expect(provesInclusion(of, path.slice(1))).toBe(false)
          expect(provesInclusion(of, [...path, forged])).toBe(false)
          expect(provesInclusion({ ...of, index: size }, path)).toBe(false)
          const elsewhere = (index + 1 + (place % (size - 1))) % size
          expect(provesInclusion({ ...of, index: elsewhere }, path)).toBe(false)
          const from = 1 + (some % (size - 1))
          const before = { size: from, root: treeHash(leaves.slice(0, from)) }
          const after = { size, root }
          const proof = consistencyPath(from, size).map(rootOver)
          expect(provesConsistency(before, after, proof.with(place % proof.length, forged))).toBe(
            false,
          )
          expect(provesConsistency({ ...before, root: forged }, after, proof)).toBe(false)
          expect(provesConsistency(before, { ...after, root: forged }, proof)).toBe(false)
          expect(provesConsistency(before, after, proof.slice(1))).toBe(false)
          expect(provesConsistency(before, after, [...proof, forged])).toBe(false)
          expect(provesConsistency(after, before, proof)).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('begins with nothing and with itself, and with no other of its size', () => {
    const [root = '', other = ''] = leavesOf(2)
    expect(provesConsistency({ size: 0, root: emptyRoot }, { size: 1, root }, [])).toBe(true)
    expect(provesConsistency({ size: 0, root: other }, { size: 1, root }, [])).toBe(false)
    expect(provesConsistency({ size: 1, root }, { size: 1, root }, [])).toBe(true)
    expect(provesConsistency({ size: 1, root: other }, { size: 1, root }, [])).toBe(false)
    expect(provesConsistency({ size: 2, root }, { size: 1, root }, [])).toBe(false)
  })
})
