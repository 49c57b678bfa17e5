// The shipments: which logger rides on which container with what inside, and its newest
// temperature.
import { moreShipments, shipments } from './lists.ts'
import { ProblemNote } from './marks.tsx'
import { addressOf } from './router.ts'
import * as say from './say.ts'
import type { Shipment } from './shapes.ts'
import { mount } from './target.ts'
import { writeBoard as write } from './words/board.ts'
import { write as writeShell } from './words/shell.ts'

export function ShipmentList() {
  const { value, problem } = shipments.value
  return (
    <section class="panel list" aria-labelledby="shipments-title">
      <header>
        <h2 id="shipments-title">{write('shipments')}</h2>
        <span class="count">
          {value && `${say.count(value.length)}${moreShipments.value ? '+' : ''}`}
        </span>
      </header>
      <div class="scroll">
        {problem && <ProblemNote problem={problem} />}
        {!value && !problem && <p class="empty">{writeShell('loading')}</p>}
        {value?.length === 0 && <p class="empty">{write('shipments.none')}</p>}
        <ul>
          {value?.map((shipment) => (
            <ShipmentRow
              key={`${shipment.container} ${shipment.device} ${shipment.mountedFrom}`}
              shipment={shipment}
            />
          ))}
        </ul>
        {moreShipments.value && (
          <p class="empty">{write('shipments.first', { count: value?.length ?? 0 })}</p>
        )}
      </div>
    </section>
  )
}

function ShipmentRow({ shipment }: { shipment: Shipment }) {
  const { container, device, products, unitCount, openAlerts, latest, mountedTo } = shipment
  const chosen = mount.value === shipment
  const names = products.map(({ gtin, name }) => name || gtin).join(', ')
  return (
    <li>
      <a
        class="row"
        href={addressOf(['devices', device])}
        aria-current={chosen ? 'true' : undefined}
      >
        <span class="row-head">
          <span class="row-title">{say.key(container)}</span>
          <span class="row-figure number">
            {latest ? say.temperature(latest.value) : write('shipment.noReading')}
          </span>
        </span>
        <span class="row-note">{names || write('shipment.noProduct')}</span>
        <span class="row-foot">
          <span>
            {write('shipment.note', { device, units: say.units(shipment), count: unitCount })}
            {mountedTo !== null && ` · ${write('shipment.until', { time: say.time(mountedTo) })}`}
          </span>
          {openAlerts > 0 && (
            <span class="row-figure alarm">{write('shipment.alerts', { count: openAlerts })}</span>
          )}
        </span>
      </a>
    </li>
  )
}
