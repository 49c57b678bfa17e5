// The board of alerts: lists on the left and what is selected on the right.
import { useEffect, useRef } from 'preact/hooks'
import { Facts } from '../alert-facts.tsx'
import { AlertList } from '../alert-list.tsx'
import { Chart } from '../chart.tsx'
import { FirstSteps } from '../first-steps.tsx'
import { alerts, shipments } from '../lists.ts'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { place } from '../router.ts'
import { SerialTable } from '../serial-table.tsx'
import { ShipmentList } from '../shipment-list.tsx'
import { select, selection, target, targetKey, windows } from '../target.ts'
import { watchBoard } from '../watch.ts'
import { writeBoard as write } from '../words/board.ts'

export default function Alerts({ params }: PageProps) {
  const { id } = params
  const kind = place.value.segments[0] === 'devices' ? 'device' : 'alert'
  useHeading(kind === 'device' ? (id ?? null) : null)
  useEffect(watchBoard, [])
  useEffect(() => select(id === undefined ? null : { kind, id }), [kind, id])
  const detail = useRef<HTMLDivElement>(null)
  const nothing = alerts.value.value?.length === 0 && shipments.value.value?.length === 0
  const { value: chosen } = selection
  const loaded =
    target.value !== null && alerts.value.value !== null && shipments.value.value !== null
  useEffect(() => {
    // On a narrow screen the details are below the lists: take the reader there.
    const narrow = matchMedia('(max-width: 1099px)').matches
    if (chosen && loaded && narrow) detail.current?.scrollIntoView()
  }, [chosen, loaded])
  if (nothing)
    return (
      <div class="board-empty">
        <FirstSteps />
      </div>
    )
  return (
    <div class="board">
      <div class="lists">
        <AlertList />
        <ShipmentList />
      </div>
      <div class="detail" ref={detail}>
        <button type="button" class="back" onClick={() => scrollTo({ top: 0 })}>
          {write('back')}
        </button>
        <Facts />
        {target.value && <BoardChart />}
        <SerialTable />
      </div>
    </div>
  )
}

/** The breach of the alert; for a device all that are known of it. */
function BoardChart() {
  const { value: current } = target
  if (!current) return null
  const { device, channel, alert, shipment, gtins } = current
  const open = alerts.value.value ?? []
  const breaches = alert
    ? [alert]
    : open.filter((entry) => entry.device === device && entry.channel === channel)
  return (
    <Chart
      key={targetKey.value}
      device={device}
      channel={channel}
      gtins={gtins}
      windows={windows.value}
      breaches={breaches}
      ruleLimitC={alert?.limitC ?? null}
      newestAt={shipment?.latest?.time ?? null}
    />
  )
}
