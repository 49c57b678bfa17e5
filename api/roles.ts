// Who may do what: one table. What is not in it is refused (I8). Device tokens are not in it: a
// device may only speak of itself, and each route that allows it says so.

export const roles = ['admin', 'operator', 'quality', 'engineer', 'integration', 'viewer'] as const
export type Role = (typeof roles)[number]

export type Noun = keyof typeof rights
export type Verb = 'read' | 'write'

const everyone: readonly Role[] = roles
const staff: readonly Role[] = ['admin', 'operator', 'quality', 'engineer', 'integration']

/** write: create, change, rotate, revoke, capture, import. */
const rights = {
  products: { read: everyone, write: ['admin', 'quality'] },
  settings: { read: everyone, write: ['admin'] },
  devices: { read: everyone, write: ['admin', 'operator', 'engineer', 'integration'] },
  keys: { read: ['admin'], write: ['admin'] },
  people: { read: ['admin', 'operator', 'quality'], write: ['admin'] },
  me: { read: everyone, write: everyone },
  audit: { read: ['admin', 'quality'], write: [] },
  readings: { read: everyone, write: ['admin', 'engineer', 'integration'] },
  imports: { read: [], write: ['admin', 'operator', 'quality', 'engineer', 'integration'] },
  transmissions: { read: staff, write: ['admin', 'operator', 'integration'] },
  refusals: { read: staff, write: ['admin', 'engineer', 'integration'] },
  decodings: { read: ['admin', 'engineer', 'integration'], write: [] },
  lab: { read: ['admin', 'engineer'], write: ['admin', 'engineer'] },
  events: { read: everyone, write: ['admin', 'operator', 'integration'] },
  alerts: { read: everyone, write: ['admin', 'quality', 'operator'] },
  dispositions: { read: staff, write: ['admin', 'quality'] },
  investigations: { read: staff, write: ['admin', 'quality', 'engineer'] },
  shipments: { read: everyone, write: [] },
  units: { read: everyone, write: ['admin', 'operator', 'integration'] },
  lots: { read: everyone, write: ['admin', 'quality', 'integration'] },
  masterData: { read: everyone, write: ['admin', 'quality', 'integration'] },
  pools: { read: staff, write: ['admin', 'operator', 'integration'] },
  labels: { read: everyone, write: [] },
  queries: { read: everyone, write: ['admin', 'operator', 'integration'] },
  subscriptions: { read: staff, write: ['admin', 'operator', 'integration'] },
  webhooks: { read: staff, write: ['admin', 'integration'] },
  reportSchedules: { read: staff, write: ['admin', 'quality'] },
  notifications: { read: staff, write: ['admin', 'quality', 'operator'] },
  handOvers: { read: staff, write: ['admin', 'quality', 'integration'] },
  recalls: { read: everyone, write: ['admin', 'quality'] },
  causes: { read: everyone, write: [] },
  conflicts: { read: everyone, write: [] },
  cases: { read: staff, write: ['admin', 'quality'] },
  scans: { read: staff, write: ['admin', 'operator', 'integration'] },
  limits: { read: everyone, write: ['admin', 'operator', 'integration'] },
  verifications: { read: staff, write: ['admin', 'operator', 'integration'] },
  reports: { read: staff, write: [] },
  stream: { read: everyone, write: [] },
  metrics: { read: everyone, write: [] },
  backups: { read: ['admin'], write: ['admin'] },
} satisfies Record<string, Record<Verb, readonly Role[]>>

export const rolesFor = (noun: Noun, verb: Verb): readonly Role[] => rights[noun][verb]

/** Unknown role names grant nothing. */
export const mayDo = (held: readonly string[], noun: Noun, verb: Verb): boolean =>
  rolesFor(noun, verb).some((role) => held.includes(role))

/** All that these roles allow, as `noun/verb`. */
export const rightsOf = (held: readonly string[]): string[] =>
  (Object.keys(rights) as Noun[]).flatMap((noun) =>
    (['read', 'write'] as const)
      .filter((verb) => mayDo(held, noun, verb))
      .map((verb) => `${noun}/${verb}`),
  )

export const unknownRoles = (names: readonly string[]): string[] =>
  names.filter((name) => !(roles as readonly string[]).includes(name))
