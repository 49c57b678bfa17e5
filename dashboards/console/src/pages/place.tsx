// One place: what it is called, where it is, and its fence, drawn on the map. `places/new` makes
// one. Whatever else master data say of it stays as it is.
import { useMemo, useState } from 'preact/hooks'
import { Problem } from '../client.ts'
import { Field, SendForm } from '../form.tsx'
import { useLoad } from '../load.ts'
import { MapView, type Marker } from '../map/map.tsx'
import { type Spot, worldPxMost } from '../map/view.ts'
import { ProblemNote } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { cbv, formatFence, locationType, own, type Place, parsePlace } from '../places.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import { numberIn } from '../settings/profile.ts'
import { objectOf } from '../shapes.ts'
import { toast } from '../toasts.tsx'
import { write } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import '../settings/settings.css'

/** Words of master data, the same in all languages (docs/diversion.md). */
const kinds = 'plant, hub, port, airport, distributor, outlet'

const nowhere: Place = {
  ...{ id: '', type: locationType, name: '', kind: '', country: '', spot: null, ring: null },
  ...{ attributes: {}, children: [], version: 0 },
}

export default function PlacePage({ params }: PageProps) {
  const id = params.id ?? ''
  const isNew = id === 'new'
  const loaded = useLoad(isNew ? null : id, async (signal) =>
    parsePlace(objectOf(await read(apiPath('master-data', locationType, id), {}, signal))),
  )
  const place = isNew ? nowhere : loaded.value
  useHeading(isNew ? write('places.new') : place?.name || say.key(id))
  return (
    <div class="page">
      {loaded.problem && <ProblemNote problem={loaded.problem} />}
      {!place && !loaded.problem && <p class="empty">{writeShell('loading')}</p>}
      {place && <Edit key={place.version} place={place} />}
    </div>
  )
}

interface Draft {
  id: string
  name: string
  kind: string
  country: string
  lat: string
  lon: string
  /** Corners, not closed. */
  ring: Spot[]
}

function Edit({ place }: { place: Place }) {
  const [draft, setDraft] = useState(() => draftOf(place))
  const [draws, setDraws] = useState(false)
  const set = (part: Partial<Draft>): void => setDraft((old) => ({ ...old, ...part }))
  const may = mayAs('admin', 'quality', 'integration')
  const send = async (): Promise<void> => {
    if (draft.ring.length > 0 && draft.ring.length < 3)
      throw new Problem(400, write('place.few'), '')
    const path = apiPath('master-data', locationType, place.id || draft.id.trim())
    const body = { attributes: attributesOf(place, draft), children: place.children }
    const stored = parsePlace(objectOf(await tell('PUT', path, body)))
    toast(write('saved'))
    goTo(addressOf(['places', stored.id]))
  }
  return (
    <div class="place-edit">
      <section class="panel form-panel">
        <SendForm
          send={send}
          button={writeShell('save')}
          beside={
            <a class="button" href={addressOf(['places'])}>
              {writeShell('back')}
            </a>
          }
        >
          <Fields place={place} draft={draft} set={set} />
          <fieldset class="stack">
            <legend>{write('place.fence')}</legend>
            <p class="number" role="status">
              {write('place.corners', { count: draft.ring.length })}
            </p>
            <p class="hint">{write('place.fenceHint')}</p>
            <div class="actions actions-start">
              <button type="button" aria-pressed={draws} onClick={() => setDraws(!draws)}>
                {write('place.draw')}
              </button>
              <button
                type="button"
                disabled={draft.ring.length === 0}
                onClick={() => set({ ring: draft.ring.slice(0, -1) })}
              >
                {write('place.undo')}
              </button>
              <button
                type="button"
                disabled={draft.ring.length === 0}
                onClick={() => set({ ring: [] })}
              >
                {write('place.clear')}
              </button>
            </div>
          </fieldset>
        </SendForm>
      </section>
      <Ground
        draft={draft}
        onSpot={(spot) => {
          if (!may) return
          if (draws) setDraft((old) => ({ ...old, ring: [...old.ring, spot] }))
          else set({ lat: spot.lat.toFixed(5), lon: spot.lon.toFixed(5) })
        }}
      />
    </div>
  )
}

interface FieldsProps {
  place: Place
  draft: Draft
  set(part: Partial<Draft>): void
}

function Fields({ place, draft, set }: FieldsProps) {
  return (
    <>
      <div class="field-row">
        <Field
          id="gln"
          label={write('place.gln')}
          required
          readOnly={place.id !== ''}
          value={place.id ? say.key(place.id) : draft.id}
          onInput={(id) => set({ id })}
        />
        <Field
          id="name"
          label={write('name')}
          required
          maxLength={200}
          value={draft.name}
          onInput={(name) => set({ name })}
        />
      </div>
      <div class="field-row">
        <Field
          id="kind"
          label={write('place.kind')}
          hint={write('place.kindHint', { kinds })}
          value={draft.kind}
          onInput={(kind) => set({ kind })}
        />
        <Field
          id="country"
          label={write('place.country')}
          maxLength={2}
          value={draft.country}
          onInput={(country) => set({ country: country.toUpperCase() })}
        />
      </div>
      <div class="field-row">
        <Field
          id="lat"
          label={write('place.lat')}
          number
          value={draft.lat}
          onInput={(lat) => set({ lat })}
        />
        <Field
          id="lon"
          label={write('place.lon')}
          number
          value={draft.lon}
          onInput={(lon) => set({ lon })}
        />
      </div>
    </>
  )
}

function Ground({ draft, onSpot }: { draft: Draft; onSpot(spot: Spot): void }) {
  const { lat, lon, ring, name, id } = draft
  const markers = useMemo((): Marker[] => {
    const [at, across] = [numberIn(lat), numberIn(lon)]
    const corners = ring.map((spot, index): Marker => {
      return { id: `corner ${index}`, label: String(index + 1), kind: 'place', ...spot }
    })
    const known = lat.trim() !== '' && lon.trim() !== '' && Math.abs(at) <= 90
    const label = name || id || write('places.new')
    return known
      ? [...corners, { id: 'place', label, kind: 'fine', lat: at, lon: across }]
      : corners
  }, [lat, lon, ring, name])
  const fences = useMemo(() => (ring.length > 1 ? [{ ring, chosen: true }] : []), [ring])
  return (
    <div class="panel places-map">
      <MapView
        name={write('places.map')}
        markers={markers}
        fences={fences}
        nearest={worldPxMost}
        onSpot={onSpot}
      />
    </div>
  )
}

function draftOf({ id, name, kind, country, spot, ring }: Place): Draft {
  const corners = ring?.slice(0, -1) ?? []
  return {
    ...{ id, name, kind, country, ring: corners },
    lat: spot ? String(spot.lat) : '',
    lon: spot ? String(spot.lon) : '',
  }
}

/** What was told before, with what the form holds; an empty field takes the attribute away. */
function attributesOf({ attributes }: Place, draft: Draft): Record<string, unknown> {
  const told: Record<string, unknown> = {
    [`${cbv}name`]: draft.name.trim(),
    [`${own}placeKind`]: draft.kind.trim(),
    [`${cbv}countryCode`]: draft.country.trim(),
    [`${cbv}latitude`]: draft.lat.trim() === '' ? '' : numberIn(draft.lat),
    [`${cbv}longitude`]: draft.lon.trim() === '' ? '' : numberIn(draft.lon),
    [`${own}geofence`]: draft.ring.length === 0 ? '' : formatFence(draft.ring),
  }
  const merged = Object.entries({ ...attributes, ...told }).filter(([, value]) => value !== '')
  return Object.fromEntries(merged)
}
