// Names of products by GTIN, for rows that know only the number. More products than one answer
// holds keep their numbers; guesses nothing.
import { signal } from '@preact/signals'
import { useLoad } from './load.ts'
import { apiPath, read } from './server.ts'
import { parsePage, textOf } from './shapes.ts'

const productsMax = 500
const named = signal<ReadonlyMap<string, string>>(new Map())

/** Asks for the names; what shows one follows when they come. */
export function useProductNames(): void {
  useLoad('product names', loadNames, ['changed:products'])
}

async function loadNames(signal: AbortSignal): Promise<void> {
  const json = await read(apiPath('products'), { limit: productsMax }, signal)
  const { items } = parsePage(json, ({ gtin, name }) => [textOf(gtin), textOf(name)] as const)
  named.value = new Map(items)
}

export const isNamedProduct = (gtin: string): boolean => Boolean(named.value.get(gtin))

/** Its name, else its GTIN, as it stands in the alert; empty for none. */
export const nameOfProduct = (gtin: string): string =>
  named.value.get(gtin) || (gtin === '' ? '' : `GTIN ${gtin}`)
