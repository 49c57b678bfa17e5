// Where a case took place: positions that its evidence names, places of its subject's events, and
// where its units were scanned. What tells no position is left out.
import { useMemo } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { MapView, type Marker } from '../map/map.tsx'
import type { Spot } from '../map/view.ts'
import { type Places, placeName, usePlaces } from '../places.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeCases as write } from '../words/cases.ts'
import { detectorText } from './case-evidence.tsx'
import { geohashSpot, scanRow, spotsIn, type WholeCase } from './case-shapes.ts'
import * as d from './decode.ts'
import { type UnitEvent, unitEvent } from './passport-shapes.ts'

/** Units whose scans are looked up: cases of copies name few, others have none. */
const scannedMax = 5
const eventsMax = 500

export function CaseMap({ of }: { of: WholeCase }) {
  const places = usePlaces()
  const isThing = /^https?:/.test(of.subject)
  const events = useLoad(isThing ? `case events ${of.subject}` : null, async (signal) => {
    const path = apiPath('units', of.subject, 'events')
    return d.page(unitEvent)(await read(path, { limit: eventsMax }, signal)).items
  })
  const scans = useLoad(`case scans ${of.id} ${of.revision}`, (signal) => loadScans(of.id, signal))
  const markers = useMemo(
    () => [
      ...evidenceMarkers(of),
      ...(scans.value ?? []),
      ...placeMarkers(events.value ?? [], places.value),
    ],
    [of, scans.value, events.value, places.value],
  )
  const tracks = useMemo(() => {
    const spots = (events.value ?? []).flatMap((event) => spotOf(event, places.value)?.spot ?? [])
    return spots.length > 1 ? [{ spots, kind: 'travelled' as const }] : []
  }, [events.value, places.value])
  return (
    // The map is a landmark of this name itself.
    <div class="panel">
      <header>
        <h2>{write('places')}</h2>
      </header>
      {markers.length === 0 ? (
        <p class="empty">{write('places.none')}</p>
      ) : (
        <div class="case-map">
          <MapView name={write('places')} markers={markers} tracks={tracks} />
        </div>
      )}
    </div>
  )
}

const evidenceMarkers = (of: WholeCase): Marker[] =>
  of.evidence.flatMap(({ facts, detector, from }, index) =>
    spotsIn(facts).map((spot, n) => ({
      ...{ ...spot, id: `evidence ${index} ${n}`, kind: 'alert' },
      label: `${detectorText(detector)}, ${say.time(from)}`,
    })),
  )

function placeMarkers(events: readonly UnitEvent[], places: Places | null): Marker[] {
  const seen = new Map<string, Marker>()
  for (const event of events) {
    const at = spotOf(event, places)
    if (at)
      seen.set(at.id, { ...at.spot, id: at.id, kind: 'place', label: placeName(places, at.id) })
  }
  return [...seen.values()]
}

function spotOf(event: UnitEvent, places: Places | null): { id: string; spot: Spot } | null {
  const id = event.bizLocation ?? event.readPoint ?? ''
  // A place within a site stands where the site does (AI 254).
  const spot = places?.get(id)?.spot ?? places?.get(id.replace(/\/254\/[^/]+$/, ''))?.spot
  return spot ? { id, spot } : null
}

async function loadScans(id: string, signal: AbortSignal): Promise<Marker[]> {
  const unit = d.shape({ epc: d.text })
  const asked = await read(apiPath('cases', id, 'serials'), { limit: scannedMax }, signal)
  const markers: Marker[] = []
  for (const { epc } of d.page(unit)(asked).items) {
    const { items } = d.page(scanRow)(await read(apiPath('scans'), { epc, limit: 100 }, signal))
    for (const { session, firstAt, place } of items) {
      const spot = geohashSpot(place)
      const label = write('scan', { unit: say.key(epc), time: say.time(firstAt) })
      if (spot) markers.push({ ...spot, id: `${session} ${epc}`, kind: 'silent', label })
    }
  }
  return markers
}
