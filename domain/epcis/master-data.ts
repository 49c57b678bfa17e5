// Master data that comes with events (EPCIS 2.0 §6.5 and §9.4): vocabulary elements with their
// attributes and children, out of the header of a document or a master data document. Keeps
// nothing; ids of GS1 keys come out canonical, so that they meet those in events.

import { canonicalEpc } from '../gs1/gs1.ts'
import { isObject, type Json } from './fields.ts'

export interface MasterDataElement {
  /** The vocabulary, such as urn:epcglobal:epcis:vtype:BusinessLocation. */
  type: string
  id: string
  /**
   * By URI, such as urn:epcglobal:cbv:mda#name: a text, a number, or an object for what has parts.
   */
  attributes: Record<string, unknown>
  children: string[]
}

/** Of a document as EPCIS JSON. What has no type or id says nothing and is left out. */
export function masterDataOf(document: unknown): MasterDataElement[] {
  if (!isObject(document)) return []
  const { epcisHeader: header, epcisBody: body } = document
  const lists = [
    inside(inside(header, 'epcisMasterData'), 'vocabularyList'),
    inside(body, 'vocabularyList'),
    inside(inside(inside(body, 'queryResults'), 'resultsBody'), 'vocabularyList'),
  ]
  return lists.flatMap(objects).flatMap(elementsOf)
}

function elementsOf(vocabulary: Json): MasterDataElement[] {
  const { type } = vocabulary
  if (typeof type !== 'string' || type === '') return []
  return objects(vocabulary.vocabularyElementList).flatMap((element) => {
    if (typeof element.id !== 'string' || element.id === '') return []
    const attributes = Object.fromEntries(
      objects(element.attributes).flatMap(({ id, attribute }) =>
        typeof id === 'string' && id !== '' ? [[id, attribute ?? '']] : [],
      ),
    )
    const children = Array.isArray(element.children)
      ? element.children.filter((child) => typeof child === 'string').map(canonicalId)
      : []
    return [{ type, id: canonicalId(element.id), attributes, children }]
  })
}

function canonicalId(id: string): string {
  const canonical = canonicalEpc(id)
  return canonical.ok ? canonical.value : id
}

const inside = (value: unknown, name: string): unknown =>
  isObject(value) ? value[name] : undefined
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : [])
