import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  eventCharsMax,
  newStreamParser,
  type StreamEvent,
  waitBefore,
} from '../dashboards/console/src/sse.ts'

const parse = (...pieces: string[]): StreamEvent[] => {
  const parser = newStreamParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

describe('the event stream', () => {
  it('gives name, data and id of an event', () => {
    expect(parse('id: r-1\nevent: alert.raised\ndata: {"a":1}\n\n')).toEqual([
      { event: 'alert.raised', data: '{"a":1}', id: 'r-1' },
    ])
  })

  it('passes over comments, unknown fields and the retry time', () => {
    expect(parse(': hello\nretry: 2000\nfoo: bar\n\ndata: x\n\n')).toEqual([
      { event: 'message', data: 'x', id: '' },
    ])
  })

  it('joins data lines, takes one space off, and keeps the id for later events', () => {
    expect(parse('id: 7\ndata:a\ndata:  b\ndata\n\ndata: c\n\n')).toEqual([
      { event: 'message', data: 'a\n b\n', id: '7' },
      { event: 'message', data: 'c', id: '7' },
    ])
  })

  it('never gives an event that was not ended by an empty line', () => {
    expect(parse('data: half\n')).toEqual([])
  })

  it('takes a byte order mark off the start', () => {
    expect(parse('\uFEFFdata: x\n\n')).toHaveLength(1)
  })

  it('gives the same events however the text is cut, and whatever ends its lines', () => {
    const text = 'id: 1\nevent: a\ndata: one\n\n: c\n\nevent: b\ndata: two\ndata: 2\n\n'
    const whole = parse(text)
    expect(whole).toHaveLength(2)
    const cuts = fc.array(fc.nat(text.length), { maxLength: 12 })
    fc.assert(
      fc.property(cuts, fc.constantFrom('\n', '\r\n'), (places, ending) => {
        const source = text.replaceAll('\n', ending)
        const sorted = [0, ...places.sort((a, b) => a - b), source.length]
        const pieces = sorted.slice(1).map((to, index) => source.slice(sorted[index], to))
        expect(parse(...pieces)).toEqual(whole)
      }),
    )
  })

  it('takes lines that end in a lone carriage return', () => {
    expect(parse('data: x\r\r', 'data: y\r\r', ':\r')).toEqual([
      { event: 'message', data: 'x', id: '' },
      { event: 'message', data: 'y', id: '' },
    ])
  })

  it('drops an event that grows without end, and goes on with the next', () => {
    const line = `data: ${'x'.repeat(100_000)}\n`
    const parser = newStreamParser()
    for (let chars = 0; chars <= eventCharsMax; chars += 100_000)
      expect(parser.push(line)).toEqual([])
    expect(parser.push('\n')).toEqual([])
    expect(parser.push('data: y\n\n')).toEqual([{ event: 'message', data: 'y', id: '' }])
  })
})

describe('the wait before the next try', () => {
  it('doubles from a second and stays below half a minute', () => {
    const waits = [1, 2, 3, 4, 5, 6, 20].map((attempt) => waitBefore(attempt, () => 1))
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  })

  it('differs between consoles, so that they do not all come at once', () => {
    expect(waitBefore(3, () => 0)).toBe(2000)
    expect(waitBefore(3, () => 0.5)).toBe(3000)
  })
})
