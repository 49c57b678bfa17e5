// Programs to copy that send a first reading, one at a time.
import { useState } from 'preact/hooks'
import { CopyButton } from '../copy-button.tsx'
import { Choice } from '../form.tsx'
import { write } from '../words/devices.ts'
import type { DeviceState } from './shapes.ts'
import { snippetsFor } from './snippets.ts'

/** IANA's port of MQTT; deployments may have another (docs/deployment.md). */
const mqttPort = 1883

export function Snippets({ device }: { device: DeviceState }) {
  const { id, topic } = device
  const all = snippetsFor({ device: id, topic, origin: location.origin, mqttPort })
  const [chosen, choose] = useState('curl')
  const text = all.find(({ name }) => name === chosen)?.text ?? ''
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
          onChange={choose}
        />
        <pre class="bytes">{text}</pre>
        <CopyButton text={text} />
      </div>
    </section>
  )
}
