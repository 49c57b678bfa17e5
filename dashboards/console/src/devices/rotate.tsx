// Gives a logger a new token; the old one may stay good while the logger learns it.
import { useState } from 'preact/hooks'
import { Dialog } from '../dialog.tsx'
import { Choice, SendForm } from '../form.tsx'
import { apiPath, tell } from '../server.ts'
import { objectOf, textOf } from '../shapes.ts'
import { write as writeCare } from '../words/device-care.ts'
import { write } from '../words/devices.ts'

const overlaps = ['0', '24', '168', '720'] as const
type Overlap = (typeof overlaps)[number]

export interface RotateProps {
  id: string
  onClose(): void
  onToken(token: string): void
}

export function Rotate({ id, onClose, onToken }: RotateProps) {
  const [hours, setHours] = useState<Overlap>('0')
  const send = async (): Promise<void> => {
    const path = `${apiPath('devices', id, 'token')}?overlapHours=${hours}`
    onToken(textOf(objectOf(await tell('POST', path)).token))
  }
  return (
    <Dialog title={write('device.rotate')} onClose={onClose}>
      <SendForm
        send={send}
        button={write('device.rotate')}
        class="dialog-body stack"
        onCancel={onClose}
      >
        <p>{writeCare('token.text')}</p>
        <Choice
          id="token-overlap"
          label={writeCare('token.overlap')}
          value={hours}
          options={overlaps.map((each): [Overlap, string] => [each, writeCare(`token.${each}`)])}
          onChange={(chosen) => setHours(chosen)}
        />
      </SendForm>
    </Dialog>
  )
}
