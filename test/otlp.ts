// A receiver of OpenTelemetry traces for tests: OTLP over HTTP with JSON bodies, on a free port. It
// keeps what it is sent, or refuses it while it is told to.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: Record<string, unknown>
  /** Of the resource it came with. */
  resource: Record<string, unknown>
}

export interface OtlpReceiver {
  url: string
  spans: ReceivedSpan[]
  /** Everything that came, as text. */
  readonly raw: string
  headers: Record<string, unknown>[]
  /** Answers 400 while true. */
  refusing: boolean
  /** Children of a span, or those without a parent among what came. */
  below(parent: ReceivedSpan | undefined): ReceivedSpan[]
  close(): Promise<void>
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}

interface Body {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: { spans: (Omit<ReceivedSpan, 'attributes'> & { attributes: Attribute[] })[] }[]
  }[]
}

export async function startOtlp(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const headers: Record<string, unknown>[] = []
  let raw = ''
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    if (receiver.refusing || request.url !== '/v1/traces') {
      response.writeHead(400).end()
      return
    }
    raw += text
    headers.push(request.headers)
    for (const { resource, scopeSpans } of (JSON.parse(text) as Body).resourceSpans)
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        const [attributes, about] = [span.attributes, resource.attributes].map(plain)
        spans.push({ ...span, attributes: attributes!, resource: about! })
      }
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    get raw() {
      return raw
    },
    headers,
    refusing: false,
    below: (parent) => {
      const known = new Set(spans.map(({ spanId }) => spanId))
      return spans.filter(({ parentSpanId }) =>
        parent ? parentSpanId === parent.spanId : !parentSpanId || !known.has(parentSpanId),
      )
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}

const plain = (attributes: Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
