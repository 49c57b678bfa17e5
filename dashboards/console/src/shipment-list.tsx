// The shipments: which logger rides on which container with what inside, and its newest
// temperature.
import {
  formatCount,
  formatKey,
  formatNoun,
  formatTemperature,
  formatTime,
  formatUnits,
} from './format.ts'
import { moreShipments, shipments } from './lists.ts'
import { ProblemNote } from './marks.tsx'
import { unit, zone } from './session.ts'
import type { Shipment } from './shapes.ts'
import { addressOf, target } from './target.ts'

export function ShipmentList() {
  const { value, problem } = shipments.value
  return (
    <section class="panel list" aria-labelledby="shipments-title">
      <header>
        <h2 id="shipments-title">Shipments</h2>
        <span class="count">
          {value && `${formatCount(value.length)}${moreShipments.value ? '+' : ''}`}
        </span>
      </header>
      <div class="scroll">
        {problem && <ProblemNote problem={problem} />}
        {!value && !problem && <p class="empty">Loading…</p>}
        {value?.length === 0 && (
          <p class="empty">
            No logger is mounted on a container. Capture an EPCIS AssociationEvent to mount one.
          </p>
        )}
        <ul>
          {value?.map((shipment) => (
            <ShipmentRow
              key={`${shipment.container} ${shipment.device} ${shipment.mountedFrom}`}
              shipment={shipment}
            />
          ))}
        </ul>
        {moreShipments.value && (
          <p class="empty">The first {value?.length} are shown; the others are in the API.</p>
        )}
      </div>
    </section>
  )
}

function ShipmentRow({ shipment }: { shipment: Shipment }) {
  const { container, device, products, unitCount, openAlerts, latest, mountedTo } = shipment
  const chosen = target.value?.alert === null && target.value.shipment === shipment
  const names = products.map(({ gtin, name }) => name || gtin).join(', ')
  return (
    <li>
      <a class="row" href={addressOf('device', device)} aria-current={chosen ? 'true' : undefined}>
        <span class="row-head">
          <span class="row-title">{formatKey(container)}</span>
          <span class="row-figure number">
            {latest ? formatTemperature(latest.value, unit.value) : 'no reading'}
          </span>
        </span>
        <span class="row-note">{names || 'no product inside'}</span>
        <span class="row-foot">
          <span>
            logger {device} · {formatUnits(shipment)} {unitCount === 1 ? 'unit' : 'units'}
            {mountedTo !== null && ` · until ${formatTime(mountedTo, zone)}`}
          </span>
          {openAlerts > 0 && (
            <span class="row-figure alarm">{formatNoun(openAlerts, 'alert')}</span>
          )}
        </span>
      </a>
    </li>
  )
}
