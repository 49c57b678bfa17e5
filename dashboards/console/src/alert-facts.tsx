// An alert in figures, what was broken, for how long, where; and a shipment. Shows what the server
// judged.

import { productsOf } from './curve.ts'
import { nameOfChannel } from './devices/channels.ts'
import { useLoad } from './load.ts'
import { SeverityMark, StatusMark, VerdictMark } from './marks.tsx'
import { ReportButton } from './report-button.tsx'
import * as say from './say.ts'
import type { Alert, Shipment } from './shapes.ts'
import { writeBoard as write } from './words/board.ts'
import { alertStateText } from './words/lives.ts'

export function AlertFacts({ alert }: { alert: Alert }) {
  const { gtin } = alert
  const known = useLoad(gtin || null, (signal) => productsOf([gtin], signal))
  const product = known.value?.[0]?.name || gtin
  return (
    <section class="panel facts" aria-labelledby="facts-title">
      <header>
        <h2 id="facts-title">{say.key(alert.container)}</h2>
        <SeverityMark severity={alert.severity} />
        <VerdictMark verdict={alert.verdict} />
        {alert.status !== 'open' && <StatusMark status={alertStateText(alert.status)} />}
        <span class="count">
          <ReportButton of="alerts" id={alert.id} />
        </span>
      </header>
      <dl>
        <Fact name={write('fact.peak')} value={say.temperature(alert.peakC)} strong />
        <Fact name={write('fact.beyond')} value={say.minutes(alert.minutes)} strong />
        <Fact name={write('fact.serials')} value={say.count(alert.serialCount)} strong />
        <Fact name={write('fact.unknown')} value={say.minutes(alert.unknownMinutes)} strong />
        <Fact name={write('fact.rule')} value={`${alert.rule}: ${say.rule(alert)}`} wide />
        <Fact name={write('fact.from')} value={say.time(alert.from)} />
        <Fact
          name={write('fact.to')}
          value={alert.to === null ? write('fact.ongoing') : say.time(alert.to)}
        />
        <Fact name={write('fact.product')} value={product} wide />
        <Fact
          name={write('fact.logger')}
          value={`${alert.device}, ${nameOfChannel(alert.channel)}`}
        />
      </dl>
    </section>
  )
}

export function ShipmentFacts({ shipment }: { shipment: Shipment }) {
  const { latest, mountedFrom, mountedTo, products } = shipment
  const names = products.map(({ gtin, name }) => (name ? `${name} (${gtin})` : gtin)).join(', ')
  return (
    <section class="panel facts" aria-labelledby="facts-title">
      <header>
        <h2 id="facts-title">{say.key(shipment.container)}</h2>
      </header>
      <dl>
        <Fact name={write('fact.newest')} value={say.temperature(latest?.value ?? null)} strong />
        <Fact name={write('fact.units')} value={say.units(shipment)} strong />
        <Fact name={write('fact.alerts')} value={say.count(shipment.openAlerts)} strong />
        <Fact name={write('fact.readAt')} value={say.time(latest?.time ?? null)} />
        <Fact name={write('fact.logger')} value={shipment.device} />
        <Fact name={write('fact.mounted')} value={say.time(mountedFrom)} />
        <Fact
          name={write('fact.until')}
          value={mountedTo === null ? write('fact.stillMounted') : say.time(mountedTo)}
        />
        <Fact name={write('fact.product')} value={names || write('fact.none')} wide />
      </dl>
    </section>
  )
}

interface FactProps {
  name: string
  value: string
  strong?: boolean
  wide?: boolean
}

function Fact({ name, value, strong, wide }: FactProps) {
  return (
    <div class={`fact ${strong ? 'fact-strong' : ''} ${wide ? 'fact-wide' : ''}`}>
      <dt>{name}</dt>
      <dd class="number">{value}</dd>
    </div>
  )
}
