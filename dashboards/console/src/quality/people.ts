// The people an alert may be assigned to, and names of people and keys instead of their ids. Who
// may not read them sees ids.

import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { addressOf } from '../router.ts'
import { apiPath, read } from '../server.ts'
import { me } from '../session.ts'
import { listen } from '../stream.ts'
import * as d from './decode.ts'

export interface Somebody {
  id: string
  name: string
}

const caller = d.shape({ id: d.text, name: d.text, kind: d.text })
const known = signal<readonly ReturnType<typeof caller>[]>([])
let asked: string | null = null

/** Asks for the names; what shows one follows when they come, and when they change. */
export function usePeople(): readonly Somebody[] {
  useEffect(() => {
    askFor(me.value?.id ?? '')
    return listen(['changed:people', 'changed:keys'], () => {
      asked = null
      askFor(me.value?.id ?? '')
    })
  }, [])
  return known.value.filter(({ kind }) => kind === 'person')
}

function askFor(mine: string): void {
  if (asked === mine) return
  asked = mine
  read(apiPath('callers'))
    .then((json) => {
      known.value = d.page(caller)(json).items
    })
    .catch(() => {
      known.value = []
    })
}

/** Of an account, a key, or the administrator. */
export const nameOf = (id: string): string => {
  const found = known.value.find((entry) => entry.id === id)
  if (found) return found.name || id
  return id === me.value?.id && me.value.name ? me.value.name : id
}

export const addressOfAlert = (id: string): string => addressOf(['alerts', id])
