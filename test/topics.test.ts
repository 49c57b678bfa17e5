import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FilterTree } from '../ingest/filter-tree.ts'
import { Interest } from '../ingest/interest.ts'
import {
  admit,
  isFilter,
  isTopic,
  isWithin,
  matchesFilter,
  mayReceive,
  maySubscribe,
} from '../ingest/topics.ts'
import { device, service } from './mqtt-raw.ts'

describe('a filter selects topics as MQTT 3.1.1 §4.7 has it', () => {
  test.for([
    ['sport/tennis/player1', 'sport/tennis/player1/#', true],
    ['sport/tennis/player1/score/wimbledon', 'sport/tennis/player1/#', true],
    ['sport', 'sport/#', true],
    ['sport/tennis/player1/ranking', 'sport/tennis/+', false],
    ['sport', 'sport/+', false],
    ['sport/', 'sport/+', true],
    ['/finance', '+/+', true],
    ['/finance', '/+', true],
    ['/finance', '+', false],
    ['$SYS/monitor/Clients', '#', false],
    ['$SYS/monitor/Clients', '+/monitor/Clients', false],
    ['$SYS/monitor/Clients', '$SYS/#', true],
    ['$SYS/monitor/Clients', '$SYS/monitor/+', true],
    ['ACCOUNTS', 'Accounts', false],
    ['a//b', 'a/+/b', true],
  ] as const)('%s against %s: %s', ([topic, filter, matches]) => {
    expect(matchesFilter(topic, filter)).toBe(matches)
  })

  test.for(['', 'a#', 'a/#/b', 'a+', '+a/b', 'a/b+', 'a\u0000', '##'])(
    '%j is no filter',
    (filter) => {
      expect(isFilter(filter)).toBe(false)
    },
  )

  test.for(['#', '+', '+/+', 'a/+/#', '/', ' ', '/a'])('%j is a filter', (filter) => {
    expect(isFilter(filter)).toBe(true)
  })

  test.for(['', 'a/+', '#', 'a\u007f', 'a\u0000', 'a\ufffe'])('%j is no topic', (topic) => {
    expect(isTopic(topic)).toBe(false)
  })
})

const level = fc.constantFrom('a', 'b', '', '$x')
const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'))

test('a filter within another selects nothing that the other does not', () => {
  fc.assert(
    fc.property(filters, filters, topics, (inner, outer, topic) => {
      if (isWithin(inner, outer) && matchesFilter(topic, inner))
        expect(matchesFilter(topic, outer)).toBe(true)
    }),
    { numRuns: 5000 },
  )
})

test('a filter is within itself and within # unless it begins with $', () => {
  fc.assert(
    fc.property(filters, (filter) => {
      expect(isWithin(filter, filter)).toBe(true)
      expect(isWithin(filter, '#')).toBe(!filter.startsWith('$'))
    }),
  )
})

test('the tree of filters finds exactly those that match', () => {
  fc.assert(
    fc.property(fc.uniqueArray(filters), fc.array(filters), topics, (added, removed, topic) => {
      const tree = new FilterTree<string>()
      for (const filter of added) tree.set(filter, 'key', filter)
      for (const filter of removed) tree.delete(filter, 'key')
      const left = added.filter((filter) => !removed.includes(filter))
      expect(tree.match(topic).sort()).toEqual(
        left.filter((filter) => matchesFilter(topic, filter)).sort(),
      )
    }),
    { numRuns: 2000 },
  )
})

test('nothing is wanted after every session that asked for it is gone', () => {
  const interest = new Interest()
  interest.add('one', 'v1/+/+/readings')
  interest.add('two', '#')
  const before = interest.version
  expect(interest.wants('v1/default/l1/readings')).toBe(true)
  interest.forget('two')
  expect(interest.version).not.toBe(before)
  expect(interest.wants('v1/default/l1/status')).toBe(false)
  interest.remove('one', 'v1/+/+/readings')
  expect(interest.wants('v1/default/l1/readings')).toBe(false)
})

describe('a device', () => {
  const logger = device('l1', 'acme')

  test.for(['readings', 'senml', 'status'])('publishes its own %s', (leaf) => {
    expect(admit(logger, `v1/acme/l1/${leaf}`)).toBe('keep')
  })

  test.for([
    'v1/acme/l2/readings',
    'v1/other/l1/readings',
    'v1/acme/l1/commands',
    'v1/acme/l1/readings/more',
    'v1/acme/l1',
    'V1/acme/l1/readings',
    'anything',
  ])('may not publish on %s', (topic) => {
    expect(admit(logger, topic)).toBe('forbidden')
  })

  test('subscribes to its own topics and no wider', () => {
    expect(maySubscribe(logger, 'v1/acme/l1/commands')).toBe(true)
    expect(maySubscribe(logger, 'v1/acme/l1/#')).toBe(true)
    expect(maySubscribe(logger, 'v1/acme/+/commands')).toBe(false)
    expect(maySubscribe(logger, 'v1/acme/l2/commands')).toBe(false)
    expect(maySubscribe(logger, '#')).toBe(false)
    expect(mayReceive(logger, 'v1/acme/l12/commands')).toBe(false)
  })
})

describe('a service', () => {
  const key = service('key', ['v1/default/+/readings', 'orders/#'], ['orders/#', 'v1/#'])

  test('is kept on telemetry topics, relayed on others, forbidden outside its filters', () => {
    expect(admit(key, 'v1/default/l1/readings')).toBe('keep')
    expect(admit(key, 'orders/7')).toBe('relay')
    expect(admit(key, 'v1/default/l1/commands')).toBe('forbidden')
    expect(admit(key, 'invoices/7')).toBe('forbidden')
  })

  test('with a filter as wide as # still stays within its tenant', () => {
    const wide = service('wide', ['#'])
    expect(admit(wide, 'v1/other/l1/readings')).toBe('forbidden')
    expect(admit(wide, 'spBv1.0/other/NDATA/e')).toBe('forbidden')
    expect(admit(wide, 'spBv1.0/default/NDATA/e')).toBe('keep')
    expect(mayReceive(wide, 'v1/other/l1/readings')).toBe(false)
    expect(mayReceive(wide, 'v1/default/l1/readings')).toBe(true)
    expect(maySubscribe(wide, '$SYS/#')).toBe(false)
  })

  test('may not subscribe wider than it is allowed, nor deeper than topics go', () => {
    expect(maySubscribe(key, 'orders/+')).toBe(true)
    expect(maySubscribe(key, '#')).toBe(false)
    expect(maySubscribe(key, '+/7')).toBe(false)
    expect(maySubscribe(key, `orders${'/a'.repeat(16)}`)).toBe(false)
    expect(admit(key, `orders${'/a'.repeat(16)}`)).toBe('forbidden')
  })
})
