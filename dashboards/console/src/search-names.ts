// Products and places by their names, for the search: as many as one answer holds. Not part of the
// first script; what was asked for serves the letters that are typed next.
import { parsePlace } from './places.ts'
import { addressOf } from './router.ts'
import * as say from './say.ts'
import { type Found, scoreOf } from './search.ts'
import { apiPath, read } from './server.ts'
import { active } from './session.ts'
import { parsePage, textOf } from './shapes.ts'

interface Named extends Found {
  name: string
}

const rowsMax = 500
const shownMax = 6
const freshMs = 30_000
const locationType = 'urn:epcglobal:epcis:vtype:BusinessLocation'
let kept: { token: string | null; at: number; names: Promise<Named[]> } | null = null

/** The best first. */
export async function findNamed(wanted: string): Promise<Found[]> {
  const token = active.peek()
  if (!kept || kept.token !== token || Date.now() - kept.at > freshMs)
    kept = { token, at: Date.now(), names: loadNames() }
  return (await kept.names)
    .map((named) => ({ named, score: scoreOf(named.name, wanted) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, shownMax)
    .map(({ named: { label, note, address } }) => ({ label, note, address }))
}

async function loadNames(): Promise<Named[]> {
  // Who may not read one of them finds the other.
  const ask = (name: string, query: object) =>
    read(apiPath(name), { ...query, limit: rowsMax }).catch(() => null)
  const [products, places] = await Promise.all([
    ask('products', {}),
    ask('master-data', { type: locationType }),
  ])
  const ofProducts = parsePage(products, (item): Named => {
    const [gtin, name] = [textOf(item.gtin), textOf(item.name)]
    return { name, label: name, note: `GTIN ${gtin}`, address: addressOf(['products', gtin]) }
  })
  const ofPlaces = parsePage(places, (item): Named => {
    const { id, name } = parsePlace(item)
    return { name, label: name, note: say.key(id), address: addressOf(['places', id]) }
  })
  return [...ofProducts.items, ...ofPlaces.items].filter(({ name }) => name !== '')
}
