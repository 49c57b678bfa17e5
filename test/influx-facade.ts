// An HTTP server that behaves towards a client as the documents of InfluxDB 2.x and 3.x say (write
// path, token, 204 and the ways of refusing, buckets and their mappings), records what it is asked
// and fails on request. No 2.x or 3.x is to be had here: what it stores and answers is kept by a
// real 1.x behind it. The same tests run on a real server with ISOTHERM_TEST_INFLUX_URL.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
}

/** What is done with a write instead of storing it; `store` stores it and answers nothing. */
export type Fault = (
  asked: Asked,
  response: ServerResponse,
  store: () => Promise<number>,
) => void | Promise<void>

export interface Facade {
  url: string
  asked: Asked[]
  /** Each write takes the next one; without any it is stored. */
  faults: Fault[]
  /** Beyond so many bytes a write is 413. */
  bytesMax: number
  close(): Promise<void>
}

export const facadeToken = 'a-token-that-nobody-may-see'
export const facadeOrg = 'cold chain'

export async function startFacade(
  version: 2 | 3,
  /** Of the real 1.x. */
  behind: string,
): Promise<Facade> {
  const asked: Asked[] = []
  const facade: Facade = { url: '', asked, faults: [], bytesMax: Infinity, close: async () => {} }
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      response.writeHead(500).end(String(error))
    })
  })
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url!, 'http://facade')
    const body = await text(request)
    const { method = '', headers } = request
    const one: Asked = { method, path: pathname, query: searchParams, headers, body }
    asked.push(one)
    response.setHeader('X-Influxdb-Version', version === 2 ? 'v2.7.11' : '3.0.1')
    if (pathname === '/ping') response.writeHead(204).end()
    else if (headers.authorization !== `Token ${facadeToken}`)
      send(response, 401, { code: 'unauthorized', message: 'unauthorized access' })
    else if (pathname === '/api/v2/write') await write(one, response)
    else if (pathname === '/query') await pass(behind, one, response)
    else if (version === 2) await operate2(behind, one, response)
    else if (pathname === '/api/v3/configure/database') {
      await ask(behind, `CREATE DATABASE "${(JSON.parse(body) as { db: string }).db}"`)
      response.writeHead(200).end()
    } else send(response, 404, { error: 'not found' })
  }
  const write = async (one: Asked, response: ServerResponse): Promise<void> => {
    const store = async (): Promise<number> => {
      const precision = one.query.get('precision') === 'us' ? 'u' : 'ms'
      const query = new URLSearchParams({ db: one.query.get('bucket') ?? '', precision })
      const stored = await fetch(`${behind}/write?${query}`, { method: 'POST', body: one.body })
      const said = await stored.text()
      if (stored.status !== 204) throw new Error(said)
      return stored.status
    }
    const fault = facade.faults.shift()
    if (one.body.length > facade.bytesMax) send(response, 413, { error: 'Request Too Large' })
    else if (fault) await fault(one, response, store)
    else response.writeHead(await store()).end()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  facade.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  facade.close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return facade
}

export const answerWith =
  (status: number, body: object = {}, headers: Record<string, string> = {}): Fault =>
  (_, response) =>
    send(response, status, body, headers)

/** Stores, and the answer is lost on its way. */
export const resetAfterStoring: Fault = async (_, response, store) => {
  await store()
  response.socket?.destroy()
}

/** Takes the lines and says nothing for ever. */
export const neverAnswer: Fault = () => {}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  const type = { 'content-type': 'application/json' }
  response.writeHead(status, { ...type, ...headers }).end(JSON.stringify(body))
}

/** 1.x answers before it has done: only the end of the body tells that it has. */
async function ask(url: string, q: string): Promise<Response> {
  const answer = await fetch(`${url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })
  return new Response(await answer.text(), { status: answer.status })
}

async function pass(url: string, { query, body }: Asked, response: ServerResponse): Promise<void> {
  const form = new URLSearchParams([...query, ...new URLSearchParams(body)])
  const answered = await fetch(`${url}/query`, { method: 'POST', body: form })
  response.writeHead(answered.status, { 'content-type': 'application/json' })
  response.end(await answered.text())
}

/** Buckets, organizations, mappings and deletion as the API of 2.x has them. */
async function operate2(url: string, asked: Asked, response: ServerResponse): Promise<void> {
  const { method, path, query, body } = asked
  const names = async (): Promise<string[]> => {
    const answered = (await (await ask(url, 'SHOW DATABASES')).json()) as {
      results: { series: { values?: [string][] }[] }[]
    }
    return (answered.results[0]!.series[0]!.values ?? []).map(([name]) => name)
  }
  if (method === 'GET' && path === '/api/v2/buckets') {
    const found = (await names()).filter((name) => name === query.get('name'))
    send(response, 200, { buckets: found.map((name) => ({ id: name, orgID: 'o1', name })) })
  } else if (method === 'POST' && path === '/api/v2/buckets') {
    const { name } = JSON.parse(body) as { name: string }
    await ask(url, `CREATE DATABASE "${name}"`)
    send(response, 201, { id: name, orgID: 'o1', name })
  } else if (path === '/api/v2/orgs') {
    const own = query.get('org') === facadeOrg
    send(response, 200, { orgs: own ? [{ id: 'o1', name: facadeOrg }] : [] })
  } else if (path === '/api/v2/dbrps') {
    send(response, method === 'GET' ? 200 : 201, { content: [] })
  } else if (path === '/api/v2/delete') {
    const { start, stop, predicate } = JSON.parse(body) as Record<string, string>
    const name = /^_measurement="(\w+)"$/.exec(predicate!)![1]
    const span = `time >= '${start}' AND time < '${stop}'`
    const deleted = await fetch(`${url}/query`, {
      method: 'POST',
      body: new URLSearchParams({
        db: query.get('bucket')!,
        q: `DELETE FROM "${name}" WHERE ${span}`,
      }),
    })
    response.writeHead(deleted.ok ? 204 : 500).end()
  } else send(response, 404, { code: 'not found', message: 'path not found' })
}
