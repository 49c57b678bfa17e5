// The token of a logger, told once. Kept nowhere: with the page it is gone.
import { CopyButton } from '../copy-button.tsx'
import { write } from '../words/devices.ts'
import '../settings/settings.css'

export function Credentials({ device, token }: { device: string; token: string }) {
  return (
    <div class="one-time" role="status">
      <p>{write('device.token', { device })}</p>
      <code>{token}</code>
      <CopyButton text={token} />
    </div>
  )
}
