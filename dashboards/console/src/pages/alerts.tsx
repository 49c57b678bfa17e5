// The board of a logger: lists of alerts and shipments on the left, what it rides on and its chart
// on the right.
import { useEffect, useRef } from 'preact/hooks'
import { ShipmentFacts } from '../alert-facts.tsx'
import { AlertList } from '../alert-list.tsx'
import { Chart } from '../chart.tsx'
import { windowsAround } from '../chart-windows.ts'
import { FirstSteps } from '../first-steps.tsx'
import { alerts, shipments } from '../lists.ts'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { ShipmentList } from '../shipment-list.tsx'
import { mount, selection } from '../target.ts'
import { watchBoard } from '../watch.ts'
import { writeBoard as write } from '../words/board.ts'

export default function Board({ params }: PageProps) {
  const id = params.id ?? null
  useHeading(id)
  useEffect(watchBoard, [])
  useEffect(() => {
    selection.value = id
  }, [id])
  const detail = useRef<HTMLDivElement>(null)
  const nothing = alerts.value.value?.length === 0 && shipments.value.value?.length === 0
  const loaded = alerts.value.value !== null && shipments.value.value !== null
  useEffect(() => {
    // On a narrow screen the details are below the lists: take the reader there.
    const narrow = matchMedia('(max-width: 1099px)').matches
    if (id !== null && loaded && narrow) detail.current?.scrollIntoView()
  }, [id, loaded])
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
        {mount.value && <ShipmentFacts shipment={mount.value} />}
        {id !== null && <BoardChart device={id} />}
      </div>
    </div>
  )
}

/** The temperature of a logger, with all open breaches that it told of. */
function BoardChart({ device }: { device: string }) {
  const { value: shipment } = mount
  const channel = 'temperature'
  const open = alerts.value.value ?? []
  return (
    <Chart
      key={[device, shipment?.container, shipment?.mountedFrom].join('\n')}
      device={device}
      channel={channel}
      gtins={(shipment?.products ?? []).map(({ gtin }) => gtin)}
      windows={windowsAround(shipment, null)}
      breaches={open.filter((entry) => entry.device === device && entry.channel === channel)}
      newestAt={shipment?.latest?.time ?? null}
    />
  )
}
