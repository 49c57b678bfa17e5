// The arithmetic of a Merkle tree over a list that only grows (RFC 9162 §2.1): roots, proofs that
// an entry is in it, proofs that a later list begins with an earlier one, and how a stranger checks
// them. Knows no entries, only their hashes. Hashes are lower-case hex of SHA-256.
import { createHash } from 'node:crypto'

/** Leaves from `start` on, up to but not with `end`. */
export interface Leaves {
  start: number
  end: number
}

/** The root over 2^level leaves, the first of which is index × 2^level. */
export interface TreeNode {
  level: number
  index: number
}

/** Of no leaves at all (§2.1.1). */
export const emptyRoot = sha256()

/** 0x00 before the bytes of an entry: no entry can be taken for an inner node. */
export const leafHashOf = (entry: string | Uint8Array): string => sha256(leafMark, entry)

export const nodeHashOf = (left: string, right: string): string =>
  sha256(nodeMark, Buffer.from(left, 'hex'), Buffer.from(right, 'hex'))

/**
 * A tree that grows by one leaf, known by its peaks: the roots of its full subtrees, the largest
 * first. `filled` are the nodes that the leaf completes, from level 1 upwards.
 */
export function appendLeaf(
  { peaks, size }: { peaks: readonly string[]; size: number },
  leaf: string,
): { peaks: string[]; filled: string[] } {
  const rest = [...peaks]
  const filled: string[] = []
  let hash = leaf
  for (let left = size; left % 2 === 1; left = (left - 1) / 2) {
    hash = nodeHashOf(rest.pop()!, hash)
    filled.push(hash)
  }
  return { peaks: [...rest, hash], filled }
}

/** The root over full subtrees that stand side by side, the largest first. */
export const rootOf = (peaks: readonly string[]): string =>
  peaks.length === 0 ? emptyRoot : peaks.reduceRight((right, left) => nodeHashOf(left, right))

/** The full subtrees of some leaves, from left to right; their `rootOf` is that of the leaves. */
export function nodesOf({ start, end }: Leaves): TreeNode[] {
  const nodes: TreeNode[] = []
  for (let at = start; at < end; ) {
    let level = 0
    let width = 1
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      level += 1
      width *= 2
    }
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

/** Whose roots show that a leaf is in a tree of this size, from the leaf upwards (§2.1.3.1). */
export function inclusionPath(index: number, size: number): Leaves[] {
  const path: Leaves[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + widthBelow(end - start)
    const isLeft = index < middle
    path.push(isLeft ? { start: middle, end } : { start, end: middle })
    if (isLeft) end = middle
    else start = middle
  }
  return path.reverse()
}

/** Whose roots show that the first `from` leaves of a tree are the tree of then (§2.1.4.1). */
export function consistencyPath(from: number, size: number): Leaves[] {
  // Every list begins with none, and with itself.
  if (from === 0 || from === size) return []
  const path: Leaves[] = []
  let start = 0
  let end = size
  while (end !== from) {
    const middle = start + widthBelow(end - start)
    const isLeft = from <= middle
    path.push(isLeft ? { start: middle, end } : { start, end: middle })
    if (isLeft) end = middle
    else start = middle
  }
  // Whoever checks knows the root of then, if that is a full subtree.
  if (start !== 0) path.push({ start, end })
  return path.reverse()
}

/** §2.1.3.2. */
export function provesInclusion(
  of: { leaf: string; index: number; size: number; root: string },
  proof: readonly string[],
): boolean {
  if (!Number.isSafeInteger(of.index) || of.index < 0 || of.index >= of.size) return false
  let fn = of.index
  let sn = of.size - 1
  let root = of.leaf
  for (const hash of proof) {
    if (sn === 0) return false
    const joined = fn % 2 === 1 || fn === sn
    root = joined ? nodeHashOf(hash, root) : nodeHashOf(root, hash)
    if (joined) while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && root === of.root
}

/** §2.1.4.2. */
export function provesConsistency(
  before: { size: number; root: string },
  after: { size: number; root: string },
  proof: readonly string[],
): boolean {
  if (before.size === after.size) return proof.length === 0 && before.root === after.root
  if (before.size === 0) return proof.length === 0 && before.root === emptyRoot
  if (before.size > after.size || before.size < 0) return false
  let fn = before.size - 1
  let sn = after.size - 1
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)]
  const path = fn === 0 ? [before.root, ...proof] : [...proof]
  const [first, ...rest] = path
  if (first === undefined) return false
  let was = first
  let is = first
  for (const hash of rest) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      was = nodeHashOf(hash, was)
      is = nodeHashOf(hash, is)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else is = nodeHashOf(is, hash)
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && was === before.root && is === after.root
}

const leafMark = Uint8Array.of(0)
const nodeMark = Uint8Array.of(1)

/** Not by shifting bits: sizes may pass 2^31. */
const half = (number: number): number => Math.floor(number / 2)

/** The largest power of two below it. */
function widthBelow(size: number): number {
  let width = 1
  while (width * 2 < size) width *= 2
  return width
}

function sha256(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
