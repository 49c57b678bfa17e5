// A signature as 21 CFR 11.50 wants it shown: printed name, time, meaning; and the hash that binds
// it to its record.
import type { ComponentChildren } from 'preact'
import * as say from '../say.ts'
import { writeDecide } from '../words/decide.ts'
import { writeQuality as write } from '../words/quality.ts'
import type { Signature } from './shapes.ts'

export interface SignatureOfProps {
  signature: Signature | null
  hash: string | null
  /** What stands there while there is none. */
  none?: string
  /** What to do while there is none. */
  children?: ComponentChildren
}

export function SignatureOf({ signature, hash, none, children }: SignatureOfProps) {
  return (
    <section class="panel" aria-labelledby="signature-title">
      <header>
        <h2 id="signature-title">{writeDecide('signature')}</h2>
        {signature && <span class="recorded">{write('sign.recorded')}</span>}
      </header>
      {signature ? (
        <div class="signature">
          <p class="signature-name">
            {write('sign.by', { name: signature.printedName, time: say.time(signature.signedAt) })}
          </p>
          <p>
            {write(signature.meaning === 'rejection' ? 'sign.rejected' : 'sign.approved')},{' '}
            {write(
              signature.authentication === 'password' ? 'sign.with.password' : 'sign.with.token',
            )}
            {': '}
            {signature.reason}
          </p>
          {hash !== null && <code class="hash">{hash}</code>}
        </div>
      ) : (
        <div class="actions actions-start">
          {children}
          <span class="hint">{none ?? write('sign.none')}</span>
        </div>
      )}
    </section>
  )
}
