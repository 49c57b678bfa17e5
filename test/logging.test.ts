import { describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { Superseded } from '../domain/refusal.ts'
import { openLogger, tellEnd, tellSlowRequests, tellSlowSteps } from '../logging.ts'
import { openMetrics } from '../metrics.ts'

function logging(level: 'debug' | 'info' = 'info') {
  const lines: Record<string, unknown>[] = []
  const logger = openLogger(level, (line) => {
    expect(line.endsWith('\n')).toBe(true)
    lines.push(JSON.parse(line))
  })
  return { lines, logger }
}

describe('a line of the log', () => {
  it('is one JSON object with time, level and words', () => {
    const { lines, logger } = logging()
    logger.warn({ part: 'series', detail: 'two\nlines' }, 'is away')
    logger.debug('not asked for')
    expect(lines).toEqual([
      {
        level: 40,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        pid: process.pid,
        part: 'series',
        detail: 'two\nlines',
        msg: 'is away',
      },
    ])
  })

  it('shows no user and password of a URL, wherever it stands', () => {
    const { lines, logger } = logging()
    const urls = [
      'postgres://isotherm:hush@db:5432/isotherm',
      'influxdb://hush@influx:8086/readings?version=2',
      'nats://user:hu%40sh@a:4222',
      'mqtts://user:hush@x@host:8883',
    ]
    for (const url of urls) {
      logger.error(new Error(`connect ${url} refused`))
      logger.info({ detail: `tried "${url}"` }, `at ${url}, again`)
    }
    const text = JSON.stringify(lines)
    expect(text).not.toMatch(/hush|hu%40sh/)
    for (const rest of ['@db:5432/isotherm', '@influx:8086', '@a:4222', '@host:8883'])
      expect(text).toContain(`[secret]${rest}`)
  })

  it('shows no token, password or cookie, by its name or behind its scheme', () => {
    const { lines, logger } = logging()
    const headers = { authorization: 'Bearer hush-1', cookie: 'hush-2', accept: '*/*' }
    logger.info({ headers, options: { connection: { password: 'hush-3', host: 'db' } } }, 'asked')
    logger.info({ token: 'hush-4' }, 'with Bearer hush-5 and Basic aHVzaA==')
    const text = JSON.stringify(lines)
    expect(text).not.toMatch(/hush|aHVzaA/)
    expect(lines[0]).toMatchObject({ headers: { accept: '*/*' } })
    expect(text).toContain('db')
  })

  it('leaves addresses without credentials as they are', () => {
    const { lines, logger } = logging()
    const text = 'http://127.0.0.1:8080/api?mail=a@b, mqtt://host:1883, somebody@example.org'
    logger.info(text)
    expect(lines[0]).toMatchObject({ msg: text })
  })
})

describe('what is told', () => {
  it('tells of a slow request and a slow step once, and how many were untold, not each of hundreds', () => {
    const { lines, logger } = logging()
    const requests = tellSlowRequests(openMetrics(), logger)
    const answer = { route: '/readyz', method: 'GET', status: 200, requestId: 'r' }
    requests({ ...answer, durationMs: bounds.slowRequestMs - 1 })
    expect(lines).toEqual([])
    for (let i = 0; i < 300; i++) requests({ ...answer, durationMs: bounds.slowRequestMs + 1 })
    expect(lines).toMatchObject([
      { level: 40, msg: 'a slow request', route: '/readyz', requestId: 'r' },
    ])
    const observer = tellSlowSteps(openMetrics(), logger)
    const step = { envelopes: 7, durationMs: bounds.slowStepMs + 1, failed: false }
    observer.step('record', step)
    observer.step('record', step)
    expect(lines.slice(1)).toMatchObject([{ level: 40, msg: 'a slow step', follower: 'record' }])
  })

  it('tells a follower whose work another process has now from one that is broken', () => {
    const { lines, logger } = logging()
    const tell = tellEnd(logger)
    tell('detect', 3, new Superseded('the cursor detect/3 was claimed'))
    tell('record', 1, new Error('broken'))
    expect(lines).toMatchObject([
      { level: 30, follower: 'detect', partition: 3, msg: 'another process has this work now' },
      { level: 50, follower: 'record', partition: 1, err: { message: 'broken' } },
    ])
  })
})
