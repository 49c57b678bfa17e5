// Packets of Sparkplug B as an edge node makes them: from the .proto of the specification, with a
// writer that grows an array of numbers. Shares nothing with the decoder.

/** Datatypes of the specification, by number. */
const types = {
  ...{ Int8: 1, Int16: 2, Int32: 3, Int64: 4, UInt8: 5, UInt16: 6, UInt32: 7, UInt64: 8 },
  ...{ Float: 9, Double: 10, Boolean: 11, String: 12, DateTime: 13, DataSet: 16, Template: 19 },
} as const
export type Type = keyof typeof types

export interface Sent {
  name?: string
  alias?: number
  timestamp?: number
  type: Type
  value: number | bigint | boolean | string | null
  withType?: boolean
  transient?: boolean
  historical?: boolean
  unit?: string
}

const varint = (value: bigint | number): number[] => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    const low = Number(rest % 128n)
    rest /= 128n
    bytes.push(rest > 0n ? low + 128 : low)
  } while (rest > 0n)
  return bytes
}
const number = (field: number, value: bigint | number): number[] => [
  ...varint(field * 8),
  ...varint(value),
]
const block = (field: number, bytes: readonly number[] | Uint8Array): number[] => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
]
const text = (field: number, value: string): number[] => block(field, Buffer.from(value))

function written(type: Type, value: NonNullable<Sent['value']>): number[] {
  if (type === 'String') return text(15, String(value))
  if (type === 'DataSet' || type === 'Template')
    return block(type === 'DataSet' ? 17 : 18, text(2, String(value)))
  if (type === 'Boolean') return number(14, value ? 1 : 0)
  if (type === 'Float' || type === 'Double') {
    const bytes = Buffer.alloc(type === 'Float' ? 4 : 8)
    if (type === 'Float') bytes.writeFloatLE(Number(value))
    else bytes.writeDoubleLE(Number(value))
    return [...varint(type === 'Float' ? 12 * 8 + 5 : 13 * 8 + 1), ...bytes]
  }
  const whole = BigInt(value as number | bigint)
  // Signed ones travel as two's complement of the width of their field.
  if (type === 'Int64' || type === 'UInt64' || type === 'DateTime')
    return number(11, BigInt.asUintN(64, whole))
  return number(10, BigInt.asUintN(32, whole))
}

/** Two properties, the keys before the values; the second is the unit. */
const unitProperty = (unit: string): number[] => [
  ...text(1, 'other'),
  ...text(1, 'engUnit'),
  ...block(2, number(3, 1)),
  ...block(2, [...number(1, types.String), ...text(8, unit)]),
]

function metric(sent: Sent): number[] {
  const { name, alias, timestamp, type, value, unit, withType = true } = sent
  const { historical = false, transient = false } = sent
  return [
    ...(name === undefined ? [] : text(1, name)),
    ...(alias === undefined ? [] : number(2, alias)),
    ...(timestamp === undefined ? [] : number(3, timestamp)),
    ...(withType ? number(4, types[type]) : []),
    ...(historical ? number(5, 1) : []),
    ...(transient ? number(6, 1) : []),
    ...(value === null ? number(7, 1) : []),
    ...(unit === undefined ? [] : block(9, unitProperty(unit))),
    ...(value === null ? [] : written(type, value)),
  ]
}
/** `seq` below 0: none, as of deaths of nodes. */
export const payload = (sent: readonly Sent[], timestamp?: number, seq = 7): Uint8Array =>
  Buffer.from([
    ...(timestamp === undefined ? [] : number(1, timestamp)),
    ...sent.flatMap((each) => block(2, metric(each))),
    ...(seq < 0 ? [] : number(3, seq)),
    ...text(4, 'a uuid'),
  ])
