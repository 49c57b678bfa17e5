// E-mail by SMTP: one message to one address, and what the server said to it. The same message has
// the same Message-ID however often it is sent: SMTP knows no repetition, receivers do. Speaks to
// the one server of the setting, encrypted unless the setting says otherwise; keeps no queue.
import { createTransport } from 'nodemailer'
import { bounds } from '../config.ts'
import type { SmtpSetting } from '../config-urls.ts'
import type { Mail } from './notify/formats.ts'
import type { Posted } from './post.ts'

export interface MailTo {
  /** Name of the message: letters and digits. */
  id: string
  to: string
  /** Epoch ms: of all attempts the same. */
  at: number
}

export interface Mailer {
  /** Never rejects. */
  send(mail: Mail, to: MailTo): Promise<Posted>
  close(): void
}

export function openMailer(setting: SmtpSetting, timeoutMs: number = bounds.smtpTimeoutMs): Mailer {
  const { host, port, user, password, from, tls } = setting
  const transport = createTransport({
    ...{ host, port, secure: tls === 'implicit' },
    // Without it a man in the middle may strike STARTTLS from the greeting (RFC 8314 §3.2).
    ...{ requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
  const domain = from.slice(from.lastIndexOf('@') + 1)
  const named = (name: string): string => `<${name}@${domain}>`
  return {
    async send({ subject, text, html, thread, attachments = [] }, { id, to, at }) {
      const threaded =
        thread === undefined ? {} : { references: [named(thread)], inReplyTo: named(thread) }
      const message = {
        ...{ subject, text, html, messageId: named(id), date: new Date(at), ...threaded },
        // The same bytes at each attempt.
        baseBoundary: id,
        attachments: attachments.map(({ content, ...named }) => ({
          ...named,
          content: Buffer.from(content),
        })),
        // As objects: an address is never read as a list of them.
        from: { name: 'Isotherm', address: from },
        to: { name: '', address: to },
        // RFC 3834: no out-of-office notes to this.
        headers: { 'Auto-Submitted': 'auto-generated' },
      }
      try {
        const { response } = await transport.sendMail(message)
        return { status: Number.parseInt(response, 10) || null, error: null }
      } catch (error) {
        return failed(error as SmtpError)
      }
    },
    close: () => transport.close(),
  }
}

interface SmtpError extends Error {
  code?: string
  responseCode?: number
  response?: string
  command?: string
}

/** RFC 5321 §4.2.1: 4yz may succeed later, 5yz will not. */
function failed({ message, code, responseCode, command }: SmtpError): Posted {
  const status = responseCode ?? null
  // A login that is refused is the operator's to mend: no message is lost by it.
  const permanent =
    status !== null && status >= 500 && code !== 'EAUTH' && /^(MAIL|RCPT|DATA)/.test(command ?? '')
  const reason = code !== undefined && !message.includes(code) ? `${code}: ${message}` : message
  return { status, error: reason.slice(0, 500), ...(permanent && { permanent }) }
}
