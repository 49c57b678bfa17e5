// Topics of Sparkplug B (Sparkplug 3.0 §4): `spBv1.0/{group}/{type}/{node}[/{device}]`; the group
// is the tenant. What packets hold is read elsewhere.

/** N… speak of the node, D… of a device behind it. */
const births: ReadonlySet<string> = new Set(['NBIRTH', 'DBIRTH'])
const data: ReadonlySet<string> = new Set(['NDATA', 'DDATA'])
/** Deaths and commands have no metrics to keep. */
const others: ReadonlySet<string> = new Set(['NDEATH', 'DDEATH', 'NCMD', 'DCMD'])

export interface SparkplugAddress {
  type: string
  node: string
  /** The device behind the node; '' for the node itself. */
  behind: string
  /** Whose readings they are: the last level. */
  device: string
}

/** Of nearly all packets the first letter tells. */
export const isSparkplug = (topic: string): boolean =>
  topic.charCodeAt(0) === 0x73 && topic.startsWith('spBv1.0/')
export const isCommand = (topic: string): boolean => /^spBv1\.0\/[^/]+\/[ND]CMD\//.test(topic)
export const isBirth = (type: string): boolean => births.has(type)
export const isData = (type: string): boolean => data.has(type)

/** Undefined when it is no such topic of the tenant (I8). */
export function parseSparkplugTopic(topic: string, tenant: string): SparkplugAddress | undefined {
  const [root, group, type, node, behind, ...more] = topic.split('/')
  if (root !== 'spBv1.0' || group !== tenant || more.length > 0 || !type || !node) return undefined
  if (!births.has(type) && !data.has(type) && !others.has(type)) return undefined
  if (type.startsWith('D') !== (behind !== undefined) || behind === '') return undefined
  return { type, node, behind: behind ?? '', device: behind ?? node }
}

/**
 * Where edge nodes that wait for their host read that it is there (tck-id-host-topic-phid-birth-
 * topic): that of every tenant.
 */
export const hostStateTopic = 'spBv1.0/STATE/isotherm'

/** tck-id-host-topic-phid-birth-payload. */
export const formatHostState = (at: number): string =>
  JSON.stringify({ online: true, timestamp: at })

/** Commands travel from hosts to nodes (tck-id-topics-ncmd-topic). */
export const commandTopic = (tenant: string, node: string): string =>
  `spBv1.0/${tenant}/NCMD/${node}`
