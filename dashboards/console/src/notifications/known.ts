// What rules may name, to choose from: products, places, loggers. What cannot be loaded is typed.
import { useLoad } from '../load.ts'
import { placeName, usePlaces } from '../places.ts'
import * as d from '../quality/decode.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'

type Known = readonly (readonly [id: string, name: string])[]

export interface KnownThings {
  products: Known
  places: Known
  devices: Known
}

const product = d.shape({ gtin: d.text, name: d.text })
const device = d.shape({ id: d.text })
/** More than a list to choose from can hold: then it is typed. */
const entriesMax = 500

export function useKnown(): KnownThings {
  const products = useLoad(
    'known products',
    async (signal) =>
      d.page(product)(await read(apiPath('products'), { limit: entriesMax }, signal)),
    ['changed:products'],
  )
  const devices = useLoad(
    'known devices',
    async (signal) => d.page(device)(await read(apiPath('devices'), { limit: entriesMax }, signal)),
    ['changed:devices'],
  )
  const { value: places } = usePlaces()
  return {
    products: products.value?.items.map(({ gtin, name }) => [gtin, named(gtin, name)]) ?? [],
    devices: devices.value?.items.map(({ id }) => [id, id]) ?? [],
    places: [...(places?.keys() ?? [])]
      .slice(0, entriesMax)
      .map((id) => [id, named(say.key(id), placeName(places, id))]),
  }
}

const named = (key: string, name: string): string =>
  name === '' || name === key ? key : `${name} · ${key}`
