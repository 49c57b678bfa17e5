// Standard Webhooks 1.0 (standardwebhooks.com): the headers by which a receiver knows a message,
// its age and its sender. Signs with every secret that counts, so that a secret can be changed
// without a gap. Symmetric signatures (v1) only.
import { createHmac, randomBytes } from 'node:crypto'

export interface Message {
  /** The same for every attempt: receivers tell repetitions by it. Without full stops. */
  id: string
  /** Epoch ms of the attempt; sent in whole seconds. */
  time: number
  body: string
}

const prefix = 'whsec_'

/** 192 random bits; the standard asks for 24 to 64 bytes. */
export const newSecret = (): string => `${prefix}${randomBytes(24).toString('base64')}`

/** `whsec_` and 24 to 64 bytes in base64. */
export const isSecret = (text: string): boolean => {
  const bytes = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1]
  if (bytes === undefined) return false
  const { length } = Buffer.from(bytes, 'base64')
  return length >= 24 && length <= 64
}

/** Without secrets the message goes unsigned: its id and time only. */
export function headersOf(message: Message, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(message.time / 1000))
  const content = `${message.id}.${timestamp}.${message.body}`
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    ...(secrets.length > 0 && {
      'webhook-signature': secrets.map((secret) => `v1,${sign(secret, content)}`).join(' '),
    }),
  }
}

/**
 * EPCIS 2.0 §12 leaves the signature of the GS1-Signature header to us: HMAC-SHA256 of the body
 * with the subscriber's token as key, written as WebSub writes it (W3C WebSub §7).
 */
export const gs1Signature = (token: string, body: string): string =>
  `sha256=${createHmac('sha256', token).update(body).digest('hex')}`

function sign(secret: string, content: string): string {
  // A subscriber of EPCIS gives a token of its own making: its characters are the key.
  const key = isSecret(secret) ? Buffer.from(secret.slice(prefix.length), 'base64') : secret
  return createHmac('sha256', key).update(content).digest('base64')
}
