// What a stranger finds out from an exported evidence log, without the server that wrote it.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { verifyAudit } from '../cli/care.ts'
import { canonical } from '../domain/canonical.ts'
import { appendLeaf, leafHashOf, rootOf } from '../domain/merkle.ts'
import { checkAudit, type SignedHead, type TreeHead } from '../quality/audit-file.ts'
import { formatEvidence } from '../store/ledger/evidence.ts'
import { newHandOverKey, signJws } from '../trace/hand-overs.ts'

const key = newHandOverKey('mine', 0)
const forged = newHandOverKey('forged', 0)

function lineOf(seq: number, record: object = { n: seq }): string {
  const entry = { tenant: 't', seq, at: 1000 * seq, kind: 'request', by: 'ada' }
  return formatEvidence({ ...entry, record: canonical(record) })
}

function headOf(lines: readonly string[], by = key): SignedHead {
  let peaks: string[] = []
  for (const [size, line] of lines.entries())
    peaks = appendLeaf({ peaks, size }, leafHashOf(line)).peaks
  const at = '2026-03-02T12:00:00Z'
  const head: TreeHead = {
    ...{ kind: 'tree-head', tenant: 't', size: lines.length, rootHash: rootOf(peaks), at },
  }
  return { head, jws: signJws(canonical(head), by), key: { x: by.publicKey, kid: by.id } }
}

const whole = (size: number): string[] => Array.from({ length: size }, (_, seq) => lineOf(seq))
const file = (lines: readonly string[], end = headOf(lines)): string[] => [
  ...lines,
  JSON.stringify(end),
  '',
]

describe('an exported log', () => {
  it('of any length is what was signed, and goes on from every head kept before', async () => {
    for (const size of [0, 1, 2, 7, 8, 33]) {
      const lines = whole(size)
      const kept = [0, Math.floor(size / 2), size].map((part) => headOf(lines.slice(0, part)))
      const check = await checkAudit(file(lines), { kept, publicKey: key.publicKey })
      expect(check).toMatchObject({ faults: [], entries: size, head: headOf(lines).head })
      expect(check.continues).toEqual(kept.map(({ head }) => head.size))
    }
  })

  it('can be hashed by anybody: the leaf is SHA-256 over a zero byte and the line', () => {
    const line = lineOf(3, { ü: [1, 'x'], a: null })
    expect(line).toBe(
      '{"at":"1970-01-01T00:00:03.000Z","by":"ada","kind":"request","record":{"a":null,"ü":[1,"x"]},"seq":3,"tenant":"t"}',
    )
    expect(canonical(JSON.parse(line))).toBe(line)
    const hash = createHash('sha256').update(Buffer.concat([Buffer.of(0), Buffer.from(line)]))
    expect(leafHashOf(line)).toBe(hash.digest('hex'))
  })

  it('that was changed anywhere is found out', async () => {
    const lines = whole(20)
    const spoil = fc.constantFrom(
      (at: number) => lines.with(at, lineOf(at, { n: 'other' })),
      (at: number) => lines.toSpliced(at, 1),
      (at: number) => lines.toSpliced(at, 0, lineOf(at, { added: true })),
      (at: number) => [...lines.slice(0, at), lines[(at + 1) % 20]!, ...lines.slice(at + 1)],
      (at: number) => lines.with(at, `${lines[at]!} `),
    )
    await fc.assert(
      fc.asyncProperty(spoil, fc.nat(19), async (change, at) => {
        const { faults } = await checkAudit(file(change(at), headOf(lines)))
        expect(faults.length).toBeGreaterThan(0)
      }),
    )
  })

  it('written anew by who has the key is found out by a head that was kept', async () => {
    const kept = [headOf(whole(10))]
    const rewritten = whole(20).with(4, lineOf(4, { n: 'other' }))
    const told = await checkAudit(file(rewritten), { kept, publicKey: key.publicKey })
    expect(told.faults).toEqual([
      `the first 10 entries are not those of the head of ${kept[0]!.head.at}`,
    ])
    const shorter = await checkAudit(file(whole(5)), { kept })
    expect(shorter.faults).toEqual([`10 entries were there at ${kept[0]!.head.at}`])
  })

  it('signed by another key, or not for what it says, is refused', async () => {
    const lines = whole(3)
    const foreign = headOf(lines, forged)
    expect((await checkAudit(file(lines, foreign))).faults).toEqual([])
    const want = { publicKey: key.publicKey }
    expect((await checkAudit(file(lines, foreign), want)).faults).toHaveLength(1)
    const other = { ...headOf(lines), head: { ...headOf(lines).head, at: '2020-01-01T00:00:00Z' } }
    expect((await checkAudit(file(lines, other))).faults).toHaveLength(1)
    expect((await checkAudit(lines)).faults).toEqual(['there is no head at the end'])
    expect((await checkAudit([...file(lines), lines[0]!])).faults).toHaveLength(1)
    expect((await checkAudit(['not JSON'])).faults.length).toBeGreaterThan(0)
    expect(
      (await checkAudit([JSON.stringify({ head: {}, jws: 5 })])).faults.length,
    ).toBeGreaterThan(0)
  })
})

describe('isotherm verify audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-verify-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('tells by its exit whether a file is what was signed, without a server', async () => {
    // JSON may hold what some take for the end of a line.
    const lines = [lineOf(0), lineOf(1, { text: 'a\u2028b\u2029c\r\n' }), lineOf(2)]
    const [whole, spoilt, head] = ['whole', 'spoilt', 'head'].map((name) => join(folder, name))
    writeFileSync(whole!, file(lines).join('\n'))
    writeFileSync(spoilt!, file(lines.with(1, lineOf(1)), headOf(lines)).join('\n'))
    writeFileSync(head!, JSON.stringify(headOf(lines.slice(0, 2))))
    const asked = { heads: [head!], key: key.publicKey, json: true }
    expect(await verifyAudit({ ...asked, file: whole! })).toBe(true)
    expect(await verifyAudit({ ...asked, file: spoilt! })).toBe(false)
    const missing = verifyAudit({ ...asked, file: join(folder, 'none') })
    await expect(missing).rejects.toThrow(/cannot read .*none/)
  })
})
