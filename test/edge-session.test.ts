// Sessions of edge nodes, as their messages tell them: counted by seq, ended by their own death.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type EdgeSession, hearEdge, sessionFindings } from '../domain/edge-session.ts'
import { worldsOf } from './depth.ts'

it('a node whose messages all come is never at fault, and each lost stretch is told once', () => {
  const messages = fc.array(
    fc.record({ type: fc.constantFrom('DBIRTH', 'NDATA', 'DDATA', 'DDEATH'), lost: fc.boolean() }),
    { maxLength: 600 },
  )
  fc.assert(
    fc.property(fc.nat(255), messages, (first, sent) => {
      let session = hearEdge(undefined, { type: 'NBIRTH', seq: first, bdSeq: 1 }).session
      let [gaps, stretches, missing] = [0, 0, 0]
      sent.forEach(({ type, lost }, index) => {
        if (lost) missing++
        if (lost) return
        // 256 lost in a row look like none (tck-id-payloads-sequence-num-incrementing).
        if (missing % 256 > 0) stretches++
        missing = 0
        const heard = hearEdge(session, { type, seq: (first + 1 + index) % 256 })
        session = heard.session
        if (heard.fault) gaps++
        expect(heard.fault ?? 'gap').toBe('gap')
      })
      expect(gaps).toBe(stretches)
    }),
    { numRuns: worldsOf(500) },
  )
})

it('who speaks before a birth or after a death is unborn, until it is born', () => {
  const faultsOf = (...messages: [type: string, seq?: number | undefined, bdSeq?: number][]) => {
    let session: EdgeSession | undefined
    return messages.map(([type, seq, bdSeq]) => {
      const heard = hearEdge(session, { type, seq, bdSeq })
      session = heard.session
      return heard.died ? 'died' : (heard.fault ?? '')
    })
  }
  expect(faultsOf(['DDATA', 7], ['NBIRTH', 0, 1], ['DDATA', 1])).toEqual(['unborn', '', ''])
  expect(faultsOf(['NBIRTH', 0, 1], ['NDEATH', undefined, 1], ['NDATA', 1])).toEqual([
    ...['', 'died', 'unborn'],
  ])
  // The will of the connection before comes late (tck-id-payloads-ndeath-bdseq).
  expect(faultsOf(['NBIRTH', 0, 2], ['NDEATH', undefined, 1], ['NDATA', 1])).toEqual(['', '', ''])
  expect(faultsOf(['NBIRTH', 0], ['NDATA'], ['NDATA', 1])).toEqual(['', '', ''])
})

it('tells of a logger that it, or the node before it, is offline, and that messages were lost', () => {
  const window = { from: 1000, to: 2000 }
  const record = { node: 'n', device: '', bornAt: 1, diedAt: null, gaps: 0, gapAt: null }
  expect(sessionFindings([record, { ...record, diedAt: 0 }], window)).toEqual([])
  expect(sessionFindings([{ ...record, diedAt: 1500 }], window)).toMatchObject([
    { kind: 'connection', code: 'node-offline', figures: { node: 'n' }, from: 1500, to: 2000 },
  ])
  const device = { ...record, device: 'd', diedAt: 900, gaps: 4, gapAt: 1200 }
  expect(sessionFindings([device], window)).toMatchObject([
    { code: 'device-offline', figures: { node: 'n', device: 'd' }, from: 900 },
    { code: 'messages-missing', figures: { node: 'n', gaps: 4 }, from: 1200, to: 1200 },
  ])
  expect(sessionFindings([{ ...record, gaps: 4, gapAt: 900 }], window)).toEqual([])
})
