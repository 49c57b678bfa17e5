// Begins a session of the lab: which logger, for how long, and when which fault comes.
import { useState } from 'preact/hooks'
import { Field, SendForm } from '../form.tsx'
import { useLoad } from '../load.ts'
import { apiPath, read, tell } from '../server.ts'
import { numberIn } from '../settings/profile.ts'
import { objectOf, parsePage, textOf } from '../shapes.ts'
import { write } from '../words/lab.ts'

export const faultKinds = ['disconnect', 'withhold', '429', '503'] as const
type FaultKind = (typeof faultKinds)[number]

/** Half an hour that shows most of what a logger can do wrong; empty: the fault does not come. */
const planned: Record<FaultKind, { after: string; lasting: string }> = {
  disconnect: { after: '5', lasting: '10' },
  withhold: { after: '20', lasting: '' },
  '429': { after: '', lasting: '5' },
  '503': { after: '', lasting: '5' },
}

/** Loggers that are offered while somebody types; others can be typed as well. */
const knownMax = 200

export interface LabFormProps {
  device: string
  onBegun(id: string): void
}

export function LabForm({ device: asked, onBegun }: LabFormProps) {
  const [device, setDevice] = useState(asked)
  const [minutes, setMinutes] = useState('30')
  const [plan, setPlan] = useState(planned)
  const known = useLoad('lab devices', async (signal) => {
    const told = await read(apiPath('devices'), { limit: knownMax }, signal)
    return parsePage(told, ({ id }) => textOf(id)).items
  })
  const send = async (): Promise<void> => {
    const faults = faultKinds
      .filter((kind) => plan[kind].after.trim() !== '')
      .map((kind) => faultOf(kind, plan[kind]))
    const body = { device: device.trim(), minutes: numberIn(minutes), faults }
    onBegun(textOf(objectOf(await tell('POST', apiPath('conformance'), body)).id))
  }
  const set = (kind: FaultKind, part: Partial<(typeof planned)[FaultKind]>): void =>
    setPlan({ ...plan, [kind]: { ...plan[kind], ...part } })
  return (
    <SendForm send={send} button={write('lab.begin')}>
      <Field
        id="lab-device"
        label={write('lab.device')}
        hint={write('lab.deviceHint')}
        required
        maxLength={64}
        list="lab-devices"
        value={device}
        onInput={setDevice}
      />
      <datalist id="lab-devices">
        {known.value?.map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <Field
        id="lab-minutes"
        label={write('lab.minutes')}
        number
        required
        value={minutes}
        onInput={setMinutes}
      />
      <p class="hint">{write('lab.afterHint')}</p>
      {faultKinds.map((kind) => (
        <fieldset class="lab-fault" key={kind}>
          <legend>{write(`lab.${kind}`)}</legend>
          <p class="hint">{write(`lab.${kind}.asks`)}</p>
          <div class="lab-when">
            <Field
              id={`lab-${kind}-after`}
              label={write('lab.after')}
              number
              value={plan[kind].after}
              onInput={(after) => set(kind, { after })}
            />
            {kind !== 'withhold' && (
              <Field
                id={`lab-${kind}-lasting`}
                label={write('lab.lasting')}
                number
                value={plan[kind].lasting}
                onInput={(lasting) => set(kind, { lasting })}
              />
            )}
          </div>
        </fieldset>
      ))}
    </SendForm>
  )
}

const faultOf = (kind: FaultKind, { after, lasting }: (typeof planned)[FaultKind]): object => ({
  kind,
  afterSeconds: 60 * numberIn(after),
  ...(kind !== 'withhold' && lasting.trim() !== '' && { forSeconds: 60 * numberIn(lasting) }),
})
