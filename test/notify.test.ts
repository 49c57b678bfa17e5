// What people are told, over real ways: a server for mail and receivers of HTTP that fail, delay and
// break off. Each change reaches each of them exactly once, and a storm is a few messages.
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openMailer } from '../quality/mail.ts'
import { type NotifyWorld, openNotifyWorld } from './notify-world.ts'
import { type Receiver, startReceiver } from './receiver.ts'

interface Letter {
  to: string
  raw: string
  header(name: string): string
}

/** What happens at the end of DATA: an error to answer, or the socket to be cut. */
type Outcome = 'take' | 'cut' | { code: number; text: string }

async function startSmtp() {
  const letters: Letter[] = []
  const outcomes: Outcome[] = []
  const refusals: { code: number; text: string }[] = []
  const sockets = new Map<string, { destroy(): void }>()
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], logger: false },
    onRcptTo: (_address, _session, done) => {
      const refusal = refusals.shift()
      done(refusal && smtpError(refusal))
    },
    onData: (stream: SMTPServerDataStream, session: SMTPServerSession, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const outcome = outcomes.shift() ?? 'take'
        const raw = Buffer.concat(chunks).toString()
        if (typeof outcome === 'object') return done(smtpError(outcome))
        letters.push(letterOf(session.envelope.rcptTo[0]!.address, raw))
        // It has the message, and the sender never hears so.
        if (outcome === 'cut') for (const socket of sockets.values()) socket.destroy()
        else done()
      })
    },
  })
  server.on('error', () => undefined)
  const { server: bare } = server as unknown as { server: import('node:net').Server }
  bare.on('connection', (socket) => {
    const name = `${socket.remotePort}`
    sockets.set(name, socket)
    socket.on('close', () => sockets.delete(name))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = bare.address() as AddressInfo
  return {
    ...{ letters, outcomes, refusals, port },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

const smtpError = ({ code, text }: { code: number; text: string }): Error =>
  Object.assign(new Error(text), { responseCode: code })

function letterOf(to: string, raw: string): Letter {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ')
  const header = (name: string): string =>
    new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''
  return { to, raw, header }
}

const tenant = 'default'
let smtp: Awaited<ReturnType<typeof startSmtp>>
let receiver: Receiver
let world: NotifyWorld
beforeEach(async () => {
  smtp = await startSmtp()
  receiver = await startReceiver()
  const server = { host: '127.0.0.1', port: smtp.port, tls: 'none' } as const
  const from = 'isotherm@example.com'
  world = await openNotifyWorld({ mailer: openMailer({ ...server, from }, 2000) })
})
afterEach(async () => {
  await world.close()
  await smtp.close()
  await receiver.close()
})

const mailTo = (address: string, more = {}) => ({ via: 'email' as const, address, ...more })
const first = (...channels: string[]) => [{ afterMs: 0, channels }]

describe('e-mail', () => {
  it('tells of an alert in the language, unit and zone of the reader, as text and HTML', async () => {
    const terms = { language: 'de', unit: 'F', zone: 'Europe/Berlin' } as const
    await world.channel(tenant, 'ch-1', mailTo('qa@example.com', terms))
    await world.rule(tenant, { id: 'r-1', name: 'Kühlkette <alles>', steps: first('ch-1') })
    await world.alert(tenant, '106141412345678908')
    await world.settle()
    expect(smtp.letters).toHaveLength(1)
    const [{ to, raw, header }] = smtp.letters as [Letter]
    expect(to).toBe('qa@example.com')
    expect(raw).toContain('multipart/alternative')
    expect(header('From')).toBe('Isotherm <isotherm@example.com>')
    expect(header('Message-ID')).toMatch(/^<msg_[0-9a-f]{32}@example\.com>$/)
    expect(header('References')).toMatch(/^<thread_[0-9a-f]{32}@example\.com>$/)
    expect(header('Auto-Submitted')).toBe('auto-generated')
  })
})
