// Whether somebody tries numbers out: a session that asks for many units that nobody ever made, or
// goes through them one after the other. A step function over the sightings of one session.
import { parseEpc } from '../../domain/gs1/gs1.ts'
import { type Detector, type Finding, restsMax } from '../../domain/suspicion.ts'

export interface SessionSetting {
  session: string
  /** Of the EPCs it asked for, those that an event named. */
  known: ReadonlySet<string>
}

interface Asked {
  setting: SessionSetting
  known: number
  unknown: { epc: string; id: string }[]
  from: number
  to: number
}

const unknownMax = 1000
/** Unreadable codes, samples, goods of others: that many unknown numbers mean nothing yet. */
const unknownUsual = 4

export const probing: Detector<SessionSetting, Asked> = {
  name: 'unknown-serial',
  open: (setting) => ({ setting, known: 0, unknown: [], from: Infinity, to: -Infinity }),
  step(state, clue) {
    if (clue.kind !== 'sighting') return []
    const { epc, id, time, lastTime } = clue
    state.from = Math.min(state.from, time)
    state.to = Math.max(state.to, lastTime)
    if (state.setting.known.has(epc)) state.known++
    else if (state.unknown.length < unknownMax && !state.unknown.some((each) => each.epc === epc))
      state.unknown.push({ epc, id })
    return []
  },
  end(state) {
    const count = state.unknown.length
    if (count <= unknownUsual) return []
    return [unknownOf(state), ...runsOf(state)]
  },
}

function unknownOf({ setting, known, unknown, from, to }: Asked): Finding {
  const count = unknown.length
  const share = count / (count + known)
  return {
    detector: 'unknown-serial',
    key: setting.session,
    serials: unknown.slice(0, restsMax).map(({ epc }) => epc),
    ...{ from, to },
    logOdds: Math.min(8, share * (2 + 1.5 * Math.log2(count / unknownUsual))),
    witnesses: count,
    words: `A session asked for ${count} numbers that nobody made, and for ${known} that exist.`,
    facts: { unknown: count, known, share: Math.round(share * 100) / 100 },
    rests: unknown.slice(0, restsMax).map(({ id }) => id),
  }
}

/** Numbers of one product that follow each other: nobody has those in his hand by chance. */
function runsOf({ setting, unknown, from, to }: Asked): Finding[] {
  const found: Finding[] = []
  const products = Map.groupBy(unknown, ({ epc }) => gtinOf(epc))
  for (const [gtin, own] of products) {
    const run = longestRun(own.map(({ epc }) => epc))
    if (gtin === '' || run.length <= unknownUsual) continue
    found.push({
      detector: 'enumeration',
      key: `${setting.session} ${gtin}`,
      serials: run.slice(0, restsMax),
      ...{ from, to },
      logOdds: Math.min(8, 2 + 1.5 * Math.log2(run.length / unknownUsual)),
      witnesses: run.length,
      words: `It went through ${run.length} numbers of ${gtin} that follow each other.`,
      facts: { gtin, run: run.length },
      rests: own.slice(0, restsMax).map(({ id }) => id),
    })
  }
  return found
}

const gtinOf = (epc: string): string => {
  const key = parseEpc(epc)
  return key?.key === 'sgtin' ? key.gtin : ''
}

/** The longest run whose serials differ in their last digits only, by small even steps. */
function longestRun(epcs: readonly string[]): string[] {
  const numbered = epcs.flatMap((epc) => {
    const [, stem, digits] = /^(.*?)(\d{1,15})$/.exec(epc) ?? []
    return digits === undefined
      ? []
      : [{ epc, stem: `${stem} ${digits.length}`, n: Number(digits) }]
  })
  let best: string[] = []
  for (const own of Map.groupBy(numbered, ({ stem }) => stem).values()) {
    own.sort((a, b) => a.n - b.n)
    let run: typeof own = []
    for (const each of own) {
      const last = run.at(-1)
      run = last && each.n - last.n <= stepMax ? [...run, each] : [each]
      if (run.length > best.length) best = run.map(({ epc }) => epc)
    }
  }
  return best
}

const stepMax = 10
