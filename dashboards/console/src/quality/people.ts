// The people an alert may be assigned to, and their names instead of their ids. Who may not read
// them sees ids.

import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { addressOf } from '../router.ts'
import { apiPath, read } from '../server.ts'
import { me } from '../session.ts'
import * as d from './decode.ts'

export interface Somebody {
  id: string
  name: string
}

const somebody = d.shape({ id: d.text, printedName: d.text, active: d.raw })
const known = signal<readonly Somebody[] | null>(null)
let asked: string | null = null

export function usePeople(): readonly Somebody[] {
  useEffect(() => {
    const mine = me.value?.id ?? ''
    if (asked === mine) return
    asked = mine
    read(apiPath('people'), { limit: 500 })
      .then((json) => {
        known.value = d
          .page(somebody)(json)
          .items.map(({ id, printedName }) => ({ id, name: printedName || id }))
      })
      .catch(() => {
        known.value = []
      })
  }, [])
  return known.value ?? []
}

/** Of an account, a key, or the administrator. */
export const nameOf = (id: string): string => {
  const person = known.value?.find((entry) => entry.id === id)
  if (person) return person.name
  return id === me.value?.id && me.value.name ? me.value.name : id
}

export const addressOfAlert = (id: string): string => addressOf(['alerts', id])
