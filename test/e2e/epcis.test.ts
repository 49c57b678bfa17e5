// The examples of the EPCIS 2.0 standard itself, captured by HTTP and read back as they came.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { run, startServer, type TestServer } from './server.ts'
import { applied } from './story.ts'

const examples = '../shared/data/epcis-gs1/examples-json'
const isPresent = existsSync(examples)
if (!isPresent) console.warn(`skipped: the examples of GS1, ${examples} is not present`)
const files = isPresent
  ? readdirSync(examples, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jsonld'))
      // They repeat attributes of sensorMetadata in sensorReport: refused (TCR-53, ADR 0006).
      .filter((name) => !name.startsWith('WithFullCombinationOfFields'))
      .toSorted()
  : []

type EventJson = Record<string, unknown> & { type: string; eventID?: string }

interface Found {
  epcisBody: { queryResults: { resultsBody: { eventList: EventJson[] } } }
}
const foundIn = ({ epcisBody }: Found): EventJson[] => epcisBody.queryResults.resultsBody.eventList

/** The events of a document; an event may also stand alone. */
function eventsOf(file: string): EventJson[] {
  const document = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  const body = document.epcisBody as { eventList?: EventJson[]; event?: EventJson } | undefined
  return body?.eventList ?? [body?.event ?? (document as EventJson)]
}

describe.skipIf(!isPresent)('the examples of GS1 (need ../shared/data)', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })

  it.each(files)('%s is captured, and its events read back as they came', async (name) => {
    const file = join(examples, name)
    const events = eventsOf(file)
    const answer = await server.ask('POST', '/epcis/capture', {
      body: readFileSync(file),
      headers: { 'Content-Type': 'application/ld+json' },
    })
    expect(answer.status, await answer.clone().text()).toBe(202)
    const job = await applied(server, answer.headers.get('location')!)
    expect(job).toMatchObject({ running: false, success: true })
    expect(job.errors.filter(({ warning }) => !warning)).toEqual([])
    const kept = await allEvents(server)
    for (const event of events) {
      const { recordTime: _given, eventID, ...own } = event
      const same = kept.filter((one) => matches(one, own) && (!eventID || one.eventID === eventID))
      expect(same.length, JSON.stringify(event)).toBeGreaterThan(0)
      const path = `/epcis/events/${encodeURIComponent(same[0]!.eventID!)}`
      const [alone] = foundIn(await server.api<Found>('GET', path))
      // Prefixes stand in the event or around it, wherever there is room.
      expect({ ...alone, '@context': null }).toEqual({ ...same[0], '@context': null })
      expect(typeof alone!.recordTime).toBe('string')
    }
  })

  it('are refused by nobody when the command line captures them all again', async () => {
    const before = (await allEvents(server)).length
    const paths = files.map((name) => join(examples, name))
    const done = await run(['capture', ...paths, '--url', server.url, '--token', server.token])
    expect(done.stderr).toBe('')
    expect(done.code).toBe(0)
    expect(done.stdout.match(/: captured$/gm)).toHaveLength(files.length)
    expect(await allEvents(server)).toHaveLength(before)
  })
})

/** All that was sent is there; what the repository adds may be there too. */
function matches(kept: EventJson, sent: Record<string, unknown>): boolean {
  return Object.entries(sent).every(
    ([name, value]) => name === '@context' || JSON.stringify(kept[name]) === JSON.stringify(value),
  )
}

async function allEvents(server: TestServer): Promise<EventJson[]> {
  const events: EventJson[] = []
  for (let path: string | undefined = '/epcis/events?perPage=20'; path !== undefined; ) {
    const answer = await server.ask('GET', path)
    expect(answer.status).toBe(200)
    events.push(...foundIn((await answer.json()) as Found))
    path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
  }
  return events
}
