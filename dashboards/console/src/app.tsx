// The page: sign-in, or lists on the left and what is selected on the right.
import { useEffect, useRef } from 'preact/hooks'
import { Facts } from './alert-facts.tsx'
import { AlertList } from './alert-list.tsx'
import { Chart } from './chart.tsx'
import { FirstSteps } from './first-steps.tsx'
import { Header } from './header.tsx'
import { alerts, shipments } from './lists.ts'
import { SerialTable } from './serial-table.tsx'
import { token } from './session.ts'
import { ShipmentList } from './shipment-list.tsx'
import { SignIn } from './sign-in.tsx'
import { selection, target } from './target.ts'
import { news } from './watch.ts'

export function App() {
  return (
    <>
      <Header />
      {token.value === null ? <SignIn /> : <Board />}
    </>
  )
}

function Board() {
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
      <main class="board-empty">
        <FirstSteps />
      </main>
    )
  return (
    <main class="board">
      <div class="lists">
        <AlertList />
        <ShipmentList />
      </div>
      <div class="detail" ref={detail}>
        <button type="button" class="back" onClick={() => scrollTo({ top: 0 })}>
          ↑ Alerts and shipments
        </button>
        <Facts />
        <Chart />
        <SerialTable />
      </div>
      <span class="hidden" role="status">
        {news.value}
      </span>
    </main>
  )
}
