// Programs to copy that send a first reading, one at a time.
import { useState } from 'preact/hooks'
import { Choice } from '../form.tsx'
import { write } from '../words/devices.ts'
import { write as writeShell } from '../words/shell.ts'
import type { DeviceState } from './shapes.ts'
import { snippetsFor } from './snippets.ts'

/** IANA's port of MQTT; deployments may have another (docs/deployment.md). */
const mqttPort = 1883

export function Snippets({ device }: { device: DeviceState }) {
  const { id, topic } = device
  const all = snippetsFor({ device: id, topic, origin: location.origin, mqttPort })
  const [chosen, choose] = useState('curl')
  const [copied, setCopied] = useState(false)
  const text = all.find(({ name }) => name === chosen)?.text ?? ''
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      // Without HTTPS browsers forbid the clipboard: the text can still be selected.
      setCopied(false)
    }
  }
  return (
    <section class="panel no-print" aria-label={write('snippets')}>
      <header>
        <h2>{write('snippets')}</h2>
      </header>
      <div class="padded stack">
        <p>{write('snippets.text')}</p>
        <Choice
          id="snippet"
          label={write('snippets.with')}
          value={chosen}
          options={all.map(({ name }) => [name as string, name] as const)}
          onChange={(name) => {
            choose(name)
            setCopied(false)
          }}
        />
        <pre class="bytes">{text}</pre>
        <button type="button" class="start" onClick={() => void copy()}>
          <span role="status">{copied ? writeShell('copied') : writeShell('copy')}</span>
        </button>
      </div>
    </section>
  )
}
