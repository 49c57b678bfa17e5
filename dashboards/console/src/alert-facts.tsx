// The selected alert in figures: what was broken, for how long, where. Shows what the server
// judged.

import { drawing } from './curve.ts'
import {
  formatCount,
  formatKey,
  formatMinutes,
  formatRule,
  formatTemperature,
  formatTime,
  formatUnits,
} from './format.ts'
import { SeverityMark, StatusMark, VerdictMark } from './marks.tsx'
import { unit, zone } from './session.ts'
import type { Alert, Shipment } from './shapes.ts'
import { target } from './target.ts'

export function Facts() {
  const { value: current } = target
  if (!current) return null
  const { alert, shipment } = current
  if (alert) return <AlertFacts alert={alert} />
  return shipment ? <ShipmentFacts shipment={shipment} /> : null
}

function AlertFacts({ alert }: { alert: Alert }) {
  const product = drawing.value?.productNames.join(', ') || alert.gtin
  return (
    <section class="panel facts" aria-labelledby="facts-title">
      <header>
        <h2 id="facts-title">{formatKey(alert.container)}</h2>
        <SeverityMark severity={alert.severity} />
        <VerdictMark verdict={alert.verdict} />
        <StatusMark status={alert.status || 'open'} />
      </header>
      <dl>
        <Fact name="Peak" value={formatTemperature(alert.peakC, unit.value)} strong />
        <Fact name="Beyond the limit" value={formatMinutes(alert.minutes)} strong />
        <Fact name="Serials inside" value={formatCount(alert.serialCount)} strong />
        <Fact name="Unknown time" value={formatMinutes(alert.unknownMinutes)} strong />
        <Fact name="Rule" value={`${alert.rule}: ${formatRule(alert, unit.value)}`} wide />
        <Fact name="From" value={formatTime(alert.from, zone)} />
        <Fact name="To" value={alert.to === null ? 'ongoing' : formatTime(alert.to, zone)} />
        <Fact name="Product" value={product} wide />
        <Fact name="Logger" value={`${alert.device}, ${alert.channel}`} />
      </dl>
    </section>
  )
}

function ShipmentFacts({ shipment }: { shipment: Shipment }) {
  const { latest, mountedFrom, mountedTo, products } = shipment
  const names = products.map(({ gtin, name }) => (name ? `${name} (${gtin})` : gtin)).join(', ')
  return (
    <section class="panel facts" aria-labelledby="facts-title">
      <header>
        <h2 id="facts-title">{formatKey(shipment.container)}</h2>
      </header>
      <dl>
        <Fact
          name="Newest reading"
          value={formatTemperature(latest?.value ?? null, unit.value)}
          strong
        />
        <Fact name="Units inside" value={formatUnits(shipment)} strong />
        <Fact name="Open alerts" value={formatCount(shipment.openAlerts)} strong />
        <Fact name="Read at" value={formatTime(latest?.time ?? null, zone)} />
        <Fact name="Logger" value={shipment.device} />
        <Fact name="Mounted" value={formatTime(mountedFrom, zone)} />
        <Fact
          name="Until"
          value={mountedTo === null ? 'still mounted' : formatTime(mountedTo, zone)}
        />
        <Fact name="Product" value={names || 'none'} wide />
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
