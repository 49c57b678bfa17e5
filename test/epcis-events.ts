// Random right EPCIS events as JSON, for properties: all five types, all fields, extensions of any
// depth. What XML cannot tell apart is left out: empty objects, lists of one, numbers as extensions
// of sensor data, texts that JSON-LD gives a meaning.
import fc from 'fast-check'

type Json = Record<string, unknown>

export const extensionNamespaces = {
  ex: 'https://ns.maker.example/epcis/',
  other: 'urn:maker:epcis:',
  bare: 'http://ns.maker.example/bare',
}

/** Any text that XML 1.0 can hold. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((one) => !/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(one))
const plain = text.filter((one) => one.trim() === one && one !== '')

const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length })
const serial = fc.string({
  unit: fc.constantFrom(...'ABCXYZabcxyz019-._'),
  minLength: 1,
  maxLength: 20,
})
const sgtin = fc
  .tuple(digits(6), serial)
  .map(([item, end]) => `urn:epc:id:sgtin:0614141.${item}.${end}`)
const sscc = digits(10).map((reference) => `urn:epc:id:sscc:0614141.${reference}`)
const giai = serial.map((end) => `urn:epc:id:giai:4000001.${end}`)
const sgln = digits(5).map((place) => `urn:epc:id:sgln:0614141.${place}.0`)
const pgln = digits(5).map((party) => `urn:epc:id:pgln:0614141.${party}`)
const own = fc.integer({ min: 1, max: 999 }).map((n) => `https://maker.example/thing/${n}`)
const epc = fc.oneof(sgtin, sscc, giai, own)
const epcs = (minLength: number) => fc.uniqueArray(epc, { minLength, maxLength: 4 })

const time = fc
  .date({ min: new Date('2001-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString())
const quantity = fc.oneof(
  fc.integer({ min: 0, max: 1_000_000 }),
  fc.constantFrom(0.5, 12.25, 1e-7, 1e21, 0.1),
)
const quantities = fc.array(
  fc.record(
    {
      epcClass: fc
        .tuple(digits(6), serial)
        .map(([item, lot]) => `urn:epc:class:lgtin:0614141.${item}.${lot}`),
      quantity,
      uom: fc.constantFrom('KGM', 'LTR'),
    },
    { requiredKeys: ['epcClass', 'quantity'] },
  ),
  { minLength: 1, maxLength: 3 },
)

const name = (prefixes: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...prefixes), fc.constantFrom('a', 'b', 'größe', 'x_1', 'lotNumber'))
    .map(([prefix, local]) => `${prefix}:${local}`)
const anyName = name(['ex', 'other', 'bare'])

const { value: extensionValue } = fc.letrec<{ value: unknown }>((tie) => {
  const scalar = fc.oneof(
    text,
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-3, max: 1e6 }),
    fc.constant(null),
  )
  return {
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      scalar,
      fc.dictionary(fc.oneof(anyName, fc.constantFrom('bareName', 'tag1')), tie('value'), {
        minKeys: 1,
        maxKeys: 3,
      }),
      fc.array(scalar, { minLength: 2, maxLength: 3 }),
    ),
  }
})
const extensions = fc.dictionary(anyName, extensionValue, { maxKeys: 3 })
const attributes = fc.dictionary(name(['ex', 'other']), plain, { maxKeys: 2 })

const sensorElement = fc
  .record({
    metadata: fc.option(fc.record({ time, deviceID: giai, rawData: own }, { requiredKeys: [] }), {
      nil: undefined,
    }),
    metadataMore: attributes,
    reports: fc.array(
      fc.tuple(
        fc.record(
          {
            type: fc.constantFrom('Temperature', 'Illuminance', 'https://own.example/type'),
            value: fc.constantFrom(4.5, -20, 1e-9, 0),
            uom: fc.constantFrom('CEL', 'LUX'),
            stringValue: plain,
            booleanValue: fc.boolean(),
            hexBinaryValue: fc.constant('f0F0'),
            component: fc.constantFrom('x', 'latitude'),
            exception: fc.constant('ALARM_CONDITION'),
          },
          { requiredKeys: ['type'] },
        ),
        attributes,
      ),
      { minLength: 1, maxLength: 3 },
    ),
    more: fc.dictionary(anyName, extensionValue, { maxKeys: 1 }),
  })
  .map(({ metadata, metadataMore, reports, more }) => ({
    ...(metadata && { sensorMetadata: { ...metadata, ...metadataMore } }),
    sensorReport: reports.map(([report, own]) => ({ ...report, ...own })),
    ...more,
  }))

const place = fc
  .tuple(sgln, fc.dictionary(anyName, extensionValue, { maxKeys: 1 }))
  .map(([id, more]) => ({ id, ...more }))
const where = {
  bizStep: fc.constantFrom('shipping', 'commissioning', 'https://own.example/step/curing'),
  disposition: fc.constantFrom('in_transit', 'active'),
  readPoint: place,
  bizLocation: place,
  bizTransactionList: fc.array(
    fc.record(
      { type: fc.constantFrom('po', 'inv'), bizTransaction: own },
      { requiredKeys: ['bizTransaction'] },
    ),
    { minLength: 1, maxLength: 2 },
  ),
  sourceList: fc.array(fc.record({ type: fc.constant('possessing_party'), source: pgln }), {
    minLength: 1,
    maxLength: 2,
  }),
  destinationList: fc.array(fc.record({ type: fc.constant('location'), destination: sgln }), {
    minLength: 1,
    maxLength: 2,
  }),
}
const newer = {
  sensorElementList: fc.array(sensorElement, { minLength: 1, maxLength: 2 }),
  persistentDisposition: fc.constantFrom(
    { set: ['completeness_verified'] },
    { unset: ['completeness_inferred'], set: ['completeness_verified'] },
  ),
  certificationInfo: own,
}
const head = {
  eventID: fc.uuid().map((id) => `urn:uuid:${id}`),
  errorDeclaration: fc
    .tuple(
      fc.record(
        {
          declarationTime: time,
          reason: fc.constantFrom('incorrect_data', 'did_not_occur'),
          correctiveEventIDs: fc.array(
            fc.uuid().map((id) => `urn:uuid:${id}`),
            { maxLength: 2 },
          ),
        },
        { requiredKeys: ['declarationTime'] },
      ),
      extensions,
    )
    .map(([declared, more]) => ({ ...declared, ...more })),
}
const always = {
  eventTime: time,
  eventTimeZoneOffset: fc.constantFrom('+00:00', '-06:00', '+14:00'),
}
const action = fc.constantFrom('ADD', 'OBSERVE', 'DELETE')
const filled = fc
  .record({ bestBefore: plain, 'ex:grade': extensionValue }, { requiredKeys: [] })
  .map(({ bestBefore, ...more }) => ({
    ...(bestBefore && { 'ex:bestBefore': bestBefore }),
    ...more,
  }))

/** `old`: only what EPCIS 1.2 can say. */
export const eventOf = ({ old }: { old: boolean }): fc.Arbitrary<Json> => {
  const maybe = { ...head, ...where, ...(old ? {} : newer) }
  const make = <T extends Record<string, fc.Arbitrary<unknown>>>(type: string, fields: T) => {
    const model = { type: fc.constant(type), ...always, ...fields, ...maybe }
    const requiredKeys = ['type', ...Object.keys(always), ...Object.keys(fields)] as never[]
    return fc.tuple(fc.record(model, { requiredKeys }), extensions).map(
      ([event, more]): Json => ({
        '@context': extensionNamespaces,
        ...(event as Json),
        ...more,
      }),
    )
  }
  const types = [
    make('ObjectEvent', {
      action: fc.constant('ADD'),
      epcList: epcs(0),
      quantityList: quantities,
      ilmd: filled,
    }),
    make('ObjectEvent', { action, epcList: epcs(1) }),
    make('AggregationEvent', {
      action,
      parentID: sscc,
      childEPCs: epcs(1),
      childQuantityList: quantities,
    }),
    make('TransactionEvent', {
      action,
      bizTransactionList: where.bizTransactionList,
      epcList: epcs(1),
    }),
    make('TransformationEvent', {
      inputEPCList: epcs(1),
      outputEPCList: epcs(1),
      outputQuantityList: quantities,
      ilmd: filled,
    }),
    ...(old ? [] : [make('AssociationEvent', { action, parentID: sscc, childEPCs: epcs(1) })]),
  ]
  return fc.oneof(...types)
}
