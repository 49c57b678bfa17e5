import { afterEach, expect, it } from 'vitest'
import type { PartHealth } from '../api/deps.ts'
import { openLogger } from '../logging.ts'
import { type Parts, watchParts } from '../parts.ts'

let watched: Parts | undefined
afterEach(() => watched?.stop())

it('says once that a part is away and once that it is back, however often one looks', () => {
  const lines: Record<string, unknown>[] = []
  const logger = openLogger('info', (line) => lines.push(JSON.parse(line)))
  let time = 1000
  let series: PartHealth = { state: 'up' }
  watched = watchParts(() => ({ log: { state: 'up' }, series }), { now: () => time, logger })
  const look = (): void => {
    for (let i = 0; i < 3; i++) watched!.read()
  }
  look()
  expect(lines).toEqual([])
  expect(watched.lastFailures().size).toBe(0)
  series = { state: 'waiting', detail: 'connect refused' }
  look()
  time = 4000
  series = { state: 'up' }
  look()
  expect(lines).toMatchObject([
    { level: 40, part: 'series', detail: 'connect refused' },
    { level: 30, part: 'series', awayMs: 3000, msg: 'is back' },
  ])
  expect([...watched.lastFailures()]).toEqual([['series', 1000]])
})

it('tells a part that needs a restart from one that is tried again', () => {
  const lines: Record<string, unknown>[] = []
  const logger = openLogger('info', (line) => lines.push(JSON.parse(line)))
  let record: PartHealth = { state: 'waiting' }
  watched = watchParts(() => ({ record }), { now: () => 0, logger })
  watched.read()
  record = { state: 'down', detail: 'a checksum is wrong' }
  watched.read()
  expect(lines).toMatchObject([
    { level: 40, part: 'record' },
    { level: 50, part: 'record', detail: 'a checksum is wrong' },
  ])
})
