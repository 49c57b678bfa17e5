// Everything a server has to say of what it keeps, by path: for tests that compare one installation
// before and after something, or an old one with a new one.

/** GET of a path as an administrator; throws on 4xx and 5xx. */
export type Get = <T>(path: string) => Promise<T>

/** Plain ones: each of their pages is an answer. */
const lists = [
  ...['products', 'keys', 'refusals', 'people', 'investigations'],
  ...['notification-channels', 'notification-rules'],
]

export type Answers = Record<string, unknown>

interface Page {
  items: Record<string, unknown>[]
  /** Absent: a list that has one page. */
  next?: string | null
}

/** The answers of one tenant, all pages of each list. Times that depend on today are not in it. */
export async function readAnswers(get: Get): Promise<Answers> {
  const answers: Answers = {}
  const list = async (path: string): Promise<Record<string, unknown>[]> => {
    const items = await pages(get, path)
    answers[path] = items
    return items
  }
  const devices = await list('/api/v1/devices')
  for (const noun of lists) await list(`/api/v1/${noun}`)
  answers['/api/v1/settings'] = await get('/api/v1/settings')
  for (const { id } of await list('/api/v1/dispositions'))
    await list(`/api/v1/dispositions/${id}/units`)
  const recalls = await list('/api/v1/recalls')
  for (const { id } of recalls) await list(`/api/v1/recalls/${id}/serials`)
  // When it was looked at last, and how long that took, is another thing at each look.
  answers['/api/v1/recalls'] = recalls.map(({ evaluatedAt, steps, ...recall }) => recall)
  for (const { id } of devices) {
    const path = `/api/v1/devices/${id}`
    const { latest } = await get<{ latest: { channel: string }[] }>(path)
    // Each store has an order of channels of its own.
    await list(`${path}/clock-corrections`)
    answers[path] = latest.toSorted((a, b) => a.channel.localeCompare(b.channel))
    for (const { channel } of latest)
      await list(`/api/v1/readings?device=${id}&channel=${channel}&from=0`)
  }
  answers['/epcis/events'] = await events(get)
  const epcs = new Set<string>()
  for (const status of ['open', 'superseded', 'retracted'])
    for (const { id } of await list(`/api/v1/alerts?status=${status}`)) {
      await list(`/api/v1/alerts/${id}/revisions`)
      const workflow = `/api/v1/alerts/${id}/workflow`
      answers[workflow] = await get(workflow)
      for (const { epc } of await list(`/api/v1/alerts/${id}/serials`)) epcs.add(String(epc))
    }
  for (const epc of [...epcs].sort().slice(0, 100)) {
    const path = `/api/v1/units/${encodeURIComponent(epc)}`
    answers[path] = await get(path)
  }
  return answers
}

/** Every change that was ever made; whoever makes a backup adds to it. */
export const readAudit = async (get: Get): Promise<Answers> => ({
  '/api/v1/audit': await pages(get, '/api/v1/audit'),
})

async function pages(get: Get, path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = []
  const more = path.includes('?') ? '&' : '?'
  for (let next: string | null = ''; next !== null; ) {
    const cursor = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
    const page: Page = await get<Page>(`${path}${more}limit=100${cursor}`)
    items.push(...page.items)
    next = page.next ?? null
  }
  return items
}

async function events(get: Get): Promise<unknown[]> {
  const found: unknown[] = []
  for (const type of [
    'ObjectEvent',
    'AggregationEvent',
    'AssociationEvent',
    'TransactionEvent',
    'TransformationEvent',
  ]) {
    const { epcisBody } = await get<{
      epcisBody: { queryResults: { resultsBody: { eventList: unknown[] } } }
    }>(`/epcis/events?perPage=1000&eventType=${type}`)
    found.push(...epcisBody.queryResults.resultsBody.eventList)
  }
  return found
}
