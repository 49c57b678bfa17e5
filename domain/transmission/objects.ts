// The data objects of WHO PQS E006/DS01 as the WHO/UNICEF schema for CCE data transmission (0.8)
// takes them: types, ranges, which are required where, and what channel each becomes. A table, as
// in the standard; judges nothing itself.
import type { Channel } from '../reading.ts'

/** rtm: remote temperature monitors on any appliance. ems: equipment with its own monitoring. */
export type TransferType = 'rtm' | 'ems'

export interface NumberObject {
  min: number
  max: number
  /** May be said to be unknown. */
  nullable: boolean
  /** None for what says nothing that is kept over time. */
  channel?: string
  unit: string
}

const number = (
  unit: string,
  [min, max]: readonly [number, number],
  channel?: string,
  nullable = true,
): NumberObject => ({ unit, min, max, nullable, ...(channel !== undefined && { channel }) })

const period: readonly [number, number] = [0, 900]
const anyLong: readonly [number, number] = [0, Number.MAX_SAFE_INTEGER]

/** Numbers of a record, by their DS01 names. Seconds are those within a period of 15 minutes. */
export const numberObjects: Readonly<Record<string, NumberObject>> = {
  TVC: number('°C', [-55, 60], 'temperature'),
  TFRZ: number('°C', [-99.9, 60], 'temperature'),
  TAMB: number('°C', [-55, 60], 'ambient', false),
  TCON: number('°C', [-55, 150], 'condenser'),
  TCON2: number('°C', [-55, 150], 'condenser2'),
  TPCB: number('°C', [-55, 150], 'controller'),
  TPCB2: number('°C', [-55, 150], 'controller2'),
  HCOM: number('%RH', [0, 100], 'humidity'),
  HAMB: number('%RH', [0, 100], 'ambientHumidity'),
  BEMD: number('d', [0, 9999.9], 'monitorBattery'),
  BLOG: number('d', [0, 9999], 'loggerBattery', false),
  HOLD: number('d', [0, 999.9], 'holdover'),
  CMPR: number('s', period, 'compressor'),
  CMPR2: number('s', period, 'compressor2'),
  CMPS: number('1/min', [0, 20_000], 'compressorSpeed'),
  CMPS2: number('1/min', [0, 20_000], 'compressorSpeed2'),
  DORV: number('s', period, 'doorOpen'),
  DORF: number('s', period, 'doorOpen'),
  DRCV: number('1', period, 'doorOpenings'),
  DRCF: number('1', period, 'doorOpenings'),
  SVA: number('s', period, 'mains'),
  ACSV: number('V', [0, 600], 'mainsVoltage'),
  ACCD: number('A', [0, 50], 'mainsCurrent'),
  DCSV: number('V', [0, 999.9], 'solarVoltage'),
  DCCD: number('A', [0, 99.9], 'solarCurrent'),
  FANS: number('%', [0, 100], 'fan'),
  LAT: number('°', [-90, 90], 'lat'),
  LNG: number('°', [-180, 180], 'lon'),
  LACC: number('m', [0, 999.9], 'accuracy'),
  // Told only while a memory stick is in the logger.
  IDRV: number('s', anyLong),
  IDRF: number('s', anyLong),
}

/** Objects of the freezer compartment, which is a place, and so a device, of its own. */
export const freezerObjects: ReadonlySet<string> = new Set(['TFRZ', 'DORF', 'DRCF'])

/** Texts and switches of a record that are no numbers. ABST is judged by itself. */
export const recordTexts: ReadonlySet<string> = new Set([
  ...['ALRM', 'EERR', 'LERR', 'EMSV', 'LSV', 'EDOP', 'CSOF', 'CSOF2'],
])

/** Texts of a report: which appliance (A…), monitor (E…), logger (L…), compressor (C…), where. */
export const reportTexts: ReadonlySet<string> = new Set([
  ...['ACAT', 'ADOP', 'AID', 'AMFR', 'AMID', 'AMOD', 'APQS', 'ASER'],
  ...['CDAT', 'CDAT2', 'CNAM', 'CNAM2', 'CSER', 'CSER2', 'CSOF', 'CSOF2'],
  ...['EDOP', 'EID', 'EMFR', 'EMOD', 'EMSV', 'EPQS', 'ESER'],
  ...['LDOP', 'LID', 'LMFR', 'LMOD', 'LPQS', 'LSER', 'LSV'],
  ...['CID', 'DNAM', 'FID', 'FNAM', 'RNAM', 'SIGN'],
])

/** Report texts that cannot be null where they are required. */
export const plainTexts: ReadonlySet<string> = new Set([
  ...['AMID', 'LDOP', 'LMFR', 'LMOD', 'LPQS', 'LSER'],
])

const monitor = ['EDOP', 'EMFR', 'EMOD', 'EPQS', 'ESER']

export const requiredInReport: Readonly<Record<TransferType, readonly string[]>> = {
  rtm: ['AMID', 'CID', 'DLST', ...monitor, 'records'],
  ems: [
    ...['CID', 'ADOP', 'AMFR', 'AMOD', 'APQS', 'ASER'],
    ...['LDOP', 'LMFR', 'LMOD', 'LPQS', 'LSER', ...monitor, 'records'],
  ],
}

export const requiredInRecord: Readonly<Record<TransferType, readonly string[]>> = {
  rtm: ['ABST', 'ALRM', 'BEMD', 'EERR'],
  ems: ['ABST', 'ALRM', 'BEMD', 'BLOG', 'CMPR', 'DORV', 'EERR', 'LERR', 'TAMB', 'TVC'],
}

/** Software versions stand once in the report or in every record, not in both. */
export const versionObjects: Readonly<Record<TransferType, readonly string[]>> = {
  rtm: ['EMSV'],
  ems: ['EMSV', 'LSV'],
}

/** Channels that are not built in, as a device declares them when it is registered. */
export function declaredChannels(builtIn: Readonly<Record<string, Channel>>) {
  const declared: Record<string, Channel> = {}
  for (const { channel, unit, min, max } of Object.values(numberObjects))
    if (channel !== undefined && !Object.hasOwn(builtIn, channel))
      declared[channel] = { unit, min, max }
  return declared
}
