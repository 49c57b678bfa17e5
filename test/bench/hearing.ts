// Listens to the server's live stream as a console does, and notes when each alert was first heard
// of.

export interface Hearing {
  /** Epoch ms by "device from", the first event time of the breach in epoch ms. */
  heard: Map<string, number>
  stop(): void
}

export async function listenForAlerts(httpUrl: string, token: string): Promise<Hearing> {
  const stopping = new AbortController()
  const answer = await fetch(`${httpUrl}/api/v1/stream`, {
    headers: { authorization: `Bearer ${token}` },
    signal: stopping.signal,
  })
  if (!answer.ok || !answer.body) throw new Error(`/api/v1/stream: ${answer.status}`)
  const heard = new Map<string, number>()
  hear(answer.body, heard).catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error
  })
  return { heard, stop: () => stopping.abort() }
}

async function hear(body: ReadableStream<Uint8Array>, heard: Map<string, number>): Promise<void> {
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const now = performance.timeOrigin + performance.now()
    const events = (rest + text).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      if (!event.includes('event: alert.raised')) continue
      const { device, from } = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '{}')
      const key = `${device} ${Date.parse(from)}`
      if (!heard.has(key)) heard.set(key, now)
    }
  }
}
