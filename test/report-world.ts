// A world for reports: vials of two lots, packed into cases and a pallet with a logger, shipped,
// received, sold, exported, destroyed; and lettuce from a field to a salad. Self-made data.
import { checkDigit } from '../domain/gs1/gs1.ts'
import { type Api, documentOf } from './api-app.ts'

const sum = (body: string): string => body + checkDigit(body)
export const vialGtin = sum('0036141410001')
export const boxGtin = sum('1036141410001')
export const lettuceGtin = sum('0061414100002')
export const saladGtin = sum('0061414100003')
export const vial = (serial: string): string => `https://id.gs1.org/01/${vialGtin}/21/${serial}`
export const sscc = (n: number): string =>
  `https://id.gs1.org/00/${sum(`00361414${String(n).padStart(9, '0')}`)}`
export const lotOf = (gtin: string, lot: string): string =>
  `https://id.gs1.org/01/${gtin}/10/${lot}`
const gln = (prefix: string, n: number): string =>
  sum(prefix + String(n).padStart(12 - prefix.length, '0'))
export const place = (n: number): string => `https://id.gs1.org/414/${gln('0361414', n)}`
export const buyerPlace = `https://id.gs1.org/414/${gln('0399999', 1)}`
export const seller = `https://id.gs1.org/417/${gln('0361414', 1)}`
export const buyer = `https://id.gs1.org/417/${gln('0399999', 1)}`
export const logger = 'https://id.gs1.org/8004/0361414LOG1'
export const crate = `https://id.gs1.org/8003/0${sum('036141400002')}CRATE1`
export const desadv = 'urn:epcglobal:cbv:bt:0361414000005:D-100'

type Event = Record<string, unknown>
const at = (time: string): Event => ({
  eventTime: `2026-02-${time}:00Z`,
  eventTimeZoneOffset: '+00:00',
})
const object = (time: string, fields: Event): Event => ({
  ...{ type: 'ObjectEvent', action: 'OBSERVE' },
  ...at(time),
  ...fields,
})
const pack = (time: string, parentID: string, fields: Event): Event => ({
  ...{ type: 'AggregationEvent', action: 'ADD', bizStep: 'packing', parentID },
  ...{ readPoint: { id: place(1) } },
  ...at(time),
  ...fields,
})
export const serialsOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => vial(`S${from + i}`))

const commissioned = (time: string, epcList: string[], lot: string): Event =>
  object(time, {
    ...{ action: 'ADD', bizStep: 'commissioning', disposition: 'active', epcList },
    readPoint: { id: place(1) },
    ilmd: { 'cbvmda:lotNumber': lot, 'cbvmda:itemExpirationDate': '2027-06-30' },
  })

const parties = {
  sourceList: [
    { type: 'owning_party', source: seller },
    { type: 'location', source: place(1) },
  ],
  destinationList: [
    { type: 'owning_party', destination: buyer },
    { type: 'location', destination: buyerPlace },
  ],
  bizTransactionList: [
    { type: 'po', bizTransaction: 'urn:epcglobal:cbv:bt:0399999000001:PO-7' },
    { type: 'desadv', bizTransaction: desadv },
  ],
}

/** S1-S4 of L1 and S5-S6 of L2 go out; S7 of L2 stays. */
export const vials: Event[] = [
  commissioned('01T08:00', serialsOf(1, 4), 'L1'),
  commissioned('01T08:05', serialsOf(5, 7), 'L2'),
  object('01T08:10', {
    ...{ action: 'ADD', bizStep: 'commissioning', disposition: 'active' },
    ...{ epcList: [sscc(1), sscc(2), sscc(9)], readPoint: { id: place(1) } },
  }),
  pack('01T08:30', crate, { childEPCs: [sscc(2)] }),
  pack('01T09:00', sscc(1), { childEPCs: serialsOf(1, 4) }),
  pack('01T09:05', sscc(2), { childEPCs: serialsOf(5, 7) }),
  pack('01T09:10', sscc(2), {
    ...{ action: 'DELETE', bizStep: 'unpacking', childEPCs: [vial('S7')] },
  }),
  pack('01T09:15', crate, { action: 'DELETE', bizStep: 'unpacking', childEPCs: [sscc(2)] }),
  pack('01T09:20', sscc(9), { childEPCs: [sscc(1), sscc(2)] }),
  { ...pack('01T09:30', sscc(9), { childEPCs: [logger] }), type: 'AssociationEvent' },
  object('02T07:00', {
    ...{ bizStep: 'shipping', disposition: 'in_transit', epcList: [sscc(9)] },
    ...{ readPoint: { id: place(1) }, ...parties },
  }),
  object('03T15:00', {
    ...{ bizStep: 'receiving', disposition: 'in_progress', epcList: [sscc(9)] },
    ...{ readPoint: { id: buyerPlace }, bizLocation: { id: buyerPlace } },
  }),
  pack('03T16:00', sscc(9), {
    ...{ action: 'DELETE', bizStep: 'unpacking', childEPCs: [] },
    readPoint: { id: buyerPlace },
  }),
  pack('03T16:10', sscc(1), {
    ...{ action: 'DELETE', bizStep: 'unpacking', childEPCs: serialsOf(1, 4) },
    readPoint: { id: buyerPlace },
  }),
  object('04T10:00', {
    ...{ bizStep: 'dispensing', disposition: 'dispensed', epcList: [vial('S1')] },
    bizLocation: { id: buyerPlace },
  }),
  object('04T11:00', {
    ...{ action: 'DELETE', bizStep: 'destroying', disposition: 'destroyed' },
    ...{ epcList: [vial('S2')], bizLocation: { id: buyerPlace } },
  }),
  object('04T12:00', {
    ...{ bizStep: 'inspecting', disposition: 'stolen', epcList: [vial('S7')] },
    bizLocation: { id: place(1) },
  }),
]

const kilos = (epcClass: string, quantity: number): Event => ({ epcClass, quantity, uom: 'KGM' })
const [field, packer, kitchen] = [place(11), place(12), place(13)]
const romaine = lotOf(lettuceGtin, 'R-22')
const salad = lotOf(saladGtin, 'SAL-5')

/** Harvested, cooled, packed, shipped on a pallet, received, made into a salad, shipped again. */
export const food: Event[] = [
  object('10T06:00', {
    ...{ action: 'ADD', bizStep: 'https://ns.farm.example/bizStep/harvesting' },
    ...{
      quantityList: [kilos(romaine, 500)],
      readPoint: { id: field },
      bizLocation: { id: field },
    },
  }),
  object('10T09:00', {
    ...{ bizStep: 'https://ns.farm.example/bizStep/cooling', bizLocation: { id: packer } },
    ...{ quantityList: [kilos(romaine, 500)] },
  }),
  object('10T12:00', {
    ...{ bizStep: 'https://ns.farm.example/bizStep/initial_packing', bizLocation: { id: packer } },
    ...{ quantityList: [kilos(romaine, 480)] },
  }),
  pack('10T13:00', sscc(20), { childEPCs: [], childQuantityList: [kilos(romaine, 400)] }),
  object('10T18:00', {
    ...{ bizStep: 'shipping', disposition: 'in_transit', epcList: [sscc(20)] },
    ...{ readPoint: { id: packer } },
    sourceList: [{ type: 'location', source: packer }],
    destinationList: [{ type: 'location', destination: kitchen }],
    bizTransactionList: [
      { type: 'bol', bizTransaction: 'urn:epcglobal:cbv:bt:0361414000012:BOL-1' },
    ],
  }),
  object('11T05:00', {
    ...{ bizStep: 'receiving', epcList: [sscc(20)], bizLocation: { id: kitchen } },
    sourceList: [{ type: 'location', source: packer }],
    bizTransactionList: [
      { type: 'bol', bizTransaction: 'urn:epcglobal:cbv:bt:0361414000012:BOL-1' },
    ],
  }),
  {
    ...{ type: 'TransformationEvent', ...at('11T08:00'), bizStep: 'commissioning' },
    ...{ inputQuantityList: [kilos(romaine, 390)], bizLocation: { id: kitchen } },
    outputQuantityList: [{ epcClass: salad, quantity: 1500 }],
    ilmd: { 'cbvmda:lotNumber': 'SAL-5' },
  },
  object('11T15:00', {
    ...{ bizStep: 'shipping', quantityList: [{ epcClass: salad, quantity: 1200 }] },
    ...{ readPoint: { id: kitchen } },
    sourceList: [{ type: 'location', source: kitchen }],
    destinationList: [{ type: 'location', destination: buyerPlace }],
  }),
]

const mda = 'urn:epcglobal:cbv:mda#'
const named = (id: string, vtype: string, facts: Record<string, string>): Event => ({
  type: `urn:epcglobal:epcis:vtype:${vtype}`,
  vocabularyElementList: [
    {
      id,
      attributes: Object.entries(facts).map(([name, attribute]) => ({ id: mda + name, attribute })),
    },
  ],
})
const address = (name: string, city: string): Record<string, string> => ({
  ...{ name, streetAddressOne: '1 Cold Street', city, state: 'NJ' },
  ...{ postalCode: '07001', countryCode: 'US' },
})

export const vocabularyList: Event[] = [
  named(`https://id.gs1.org/01/${vialGtin}`, 'EPCClass', {
    ...{ regulatedProductName: 'Insulin Example', dosageFormType: 'INJECTION, SOLUTION' },
    ...{ strengthDescription: '100 [iU]/mL', netContentDescription: '10 mL' },
    ...{ manufacturerOfTradeItemPartyName: 'Example Pharma, Inc.' },
    ...{ additionalTradeItemIdentification: '36141-410-01' },
    additionalTradeItemIdentificationTypeCode: 'FDA_NDC_11',
  }),
  named(`https://id.gs1.org/01/${lettuceGtin}`, 'EPCClass', { descriptionShort: 'Romaine, whole' }),
  named(`https://id.gs1.org/01/${saladGtin}`, 'EPCClass', { descriptionShort: '=Salad, 250 g' }),
  named(seller, 'Party', address('Example Pharma, Inc.', 'Cranford')),
  named(buyer, 'Party', address('Wholesale "Best" & Co.', 'Newark')),
  named(place(1), 'Location', address('Plant 1', 'Cranford')),
  named(buyerPlace, 'Location', address('Warehouse, North', 'Newark')),
  named(field, 'Location', address('Field 7', 'Salinas')),
  named(packer, 'Location', address('Packing House', 'Salinas')),
  named(kitchen, 'Location', address('Kitchen', 'Trenton')),
]

export const worldDocument = () => ({
  ...documentOf(...vials, ...food),
  epcisHeader: { epcisMasterData: { vocabularyList } },
})

export async function captureDocument(api: Api, body: unknown, type = 'application/json') {
  const headers = { 'Content-Type': type }
  const answer = await api.ask('POST', '/epcis/capture', { body, headers })
  if (answer.status !== 202) throw new Error(await answer.text())
  await api.settled()
  const job = await api.json<{ errors: unknown[] }>('GET', answer.headers.get('Location')!)
  return job.errors
}
