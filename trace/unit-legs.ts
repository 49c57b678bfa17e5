// The legs of one unit as the ledger knows them: how long it lived, what it was in, and which
// loggers spoke for it when. Reads no reading.
import { bounds } from '../config.ts'
import type { Interval } from '../domain/breach.ts'
import { type Leg, legsOf, levelsAbove } from '../domain/legs.ts'
import { isEnded, lifeOf } from '../domain/lifecycle/lifecycle.ts'
import { staysAbove } from '../store/ledger/contents.ts'
import { epcsOf } from '../store/ledger/epcs.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { type LoggerMount, readMounts } from '../store/ledger/mounts.ts'
import { type Story, storiesOf } from './stories.ts'

/** From its first event; to the last that names it, or to its end if that has come. */
export async function lifeSpan(
  db: LedgerQuery,
  tenant: string,
  id: number,
): Promise<LifeSpan | undefined> {
  const [story] = await storiesOf(db, tenant, [id])
  return spanOf(story!)
}

/** None: no event names what the story is about. */
export function spanOf({ facts }: Pick<Story, 'facts'>): LifeSpan | undefined {
  const own = facts.find(({ inherited }) => !inherited)
  if (!own) return undefined
  const life = lifeOf(facts)
  return {
    from: own.eventTime,
    last: facts.at(-1)!.eventTime,
    endedAt: isEnded(life.status) ? life.since : undefined,
    begun: own.type === 'TransformationEvent' ? own.role === 'output' : own.action === 'ADD',
  }
}

export interface LifeSpan {
  /** Its first event. */
  from: number
  last: number
  endedAt: number | undefined
  /** By its first event it came into being; else it has been somewhere before. */
  begun: boolean
}

type NumberedLeg = Leg<number>

/** The legs of these in any window, from what the ledger knows of them. */
export const waysOf = (db: LedgerQuery, tenant: string, ids: readonly number[]): Promise<Ways> =>
  waysWith(db, tenant, { ids, mountsOn: (containers) => readMounts(db, tenant, containers) })

export type Ways = (id: number, window: Interval) => NamedLeg[]

/** The same of very many, for whoever has read where loggers were. */
export async function waysAmong(
  db: LedgerQuery,
  tenant: string,
  { ids, mounts }: { ids: readonly number[]; mounts: readonly LoggerMount[] },
): Promise<Ways> {
  const sorted = mounts.toSorted((a, b) => a.from - b.from)
  const all = Map.groupBy(sorted, ({ container }) => container)
  return waysWith(db, tenant, {
    ids,
    mountsOn: async (containers) =>
      new Map(containers.flatMap((one) => (all.has(one) ? [[one, all.get(one)!]] : []))),
  })
}

async function waysWith(
  db: LedgerQuery,
  tenant: string,
  {
    ids,
    mountsOn,
  }: {
    ids: readonly number[]
    mountsOn(containers: readonly number[]): Promise<Map<number, LoggerMount[]>>
  },
): Promise<Ways> {
  const { upwards } = await staysAbove(db, tenant, ids)
  const containers = new Set(ids)
  for (const stays of upwards.values()) for (const { parent } of stays) containers.add(parent)
  const mounts = await mountsOn([...containers])
  const names = await epcsOf(db, tenant, [...mounts.keys()])
  const staysOf = (child: number) => upwards.get(child) ?? []
  const mountOf = (leg: NumberedLeg, at: NumberedLeg['loggers'][number]): LoggerMount =>
    mounts
      .get(at.container)!
      .find(({ device, from, to }) => device === at.device && from <= leg.from && to >= leg.to)!
  return (id, window) => {
    const levels = levelsAbove(id, { window, staysOf, depthMax: bounds.containmentDepthMax })
    const legs = legsOf(levels, { window, mountsOn: (container) => mounts.get(container) ?? [] })
    return legs.map((leg) => ({
      from: leg.from,
      to: leg.to,
      loggers: leg.loggers.map((at) => ({
        container: names.get(at.container)!,
        device: at.device,
        loggingIntervalMs: mountOf(leg, at).loggingIntervalMs ?? undefined,
        mountedAt: mountOf(leg, at).from,
        uncertaintyC: mountOf(leg, at).uncertaintyC ?? undefined,
      })),
    }))
  }
}

export interface NamedLeg extends Interval {
  loggers: {
    container: string
    device: string
    loggingIntervalMs: number | undefined
    mountedAt: number
    uncertaintyC: number | undefined
  }[]
}
