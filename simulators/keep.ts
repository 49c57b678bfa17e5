// A world written down: every packet and document as it would go over the wire, and the truth in a
// file of its own. The same world gives the same bytes. Refuses to hold more than a buffer of it.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Truth, WorldAction } from './actions.ts'
import { emissionOf } from './wire.ts'
import type { World } from './world.ts'

/** What a line of truth.ndjson is about. */
const types = {
  ...{ breaches: 'breach', faults: 'fault', incidents: 'incident' },
  ...{ shipments: 'shipment', oddities: 'oddity' },
} as const satisfies Record<keyof Truth, string>

const bufferChars = 1 << 20

/**
 * The same world; while it is played, `emissions.ndjson` and `truth.ndjson` are written into the
 * folder. `about` is the first line of the truth.
 */
export function keepIn(folder: string, world: World, about: Record<string, unknown>): World {
  return { ...world, actions: kept(folder, world, about) }
}

function* kept(
  folder: string,
  { actions, truth }: World,
  about: Record<string, unknown>,
): Generator<WorldAction, void> {
  mkdirSync(folder, { recursive: true })
  const said = openLines(join(folder, 'emissions.ndjson'))
  const known = openLines(join(folder, 'truth.ndjson'))
  try {
    known.write({ type: 'world', ...about })
    for (const action of actions) {
      said.write(emissionOf(action))
      writeTruth(truth, known)
      yield action
    }
  } finally {
    actions.return()
    writeTruth(truth, known)
    said.close()
    known.close()
  }
}

interface Lines {
  write(line: object): void
  close(): void
}

/** Takes what is true so far out of the lists: they stay short. */
function writeTruth(truth: Truth, lines: Lines): void {
  for (const name of Object.keys(types) as (keyof Truth)[])
    if (truth[name].length > 0)
      for (const fact of truth[name].splice(0)) lines.write({ type: types[name], ...fact })
}

function openLines(path: string): Lines {
  const file = openSync(path, 'w')
  let waiting = ''
  const flush = (): void => {
    writeSync(file, waiting)
    waiting = ''
  }
  return {
    write(line) {
      waiting += `${JSON.stringify(line)}\n`
      if (waiting.length >= bufferChars) flush()
    },
    close() {
      flush()
      closeSync(file)
    },
  }
}
