// Bodies as suppliers of monitored equipment send them: right, for tests to spoil.
export type Fields = Record<string, unknown>

export const emsRecord = (change: Fields = {}): Fields => ({
  ABST: '20260301T120000Z',
  ALRM: null,
  BEMD: 13.3,
  BLOG: 200,
  CMPR: 120,
  DORV: 0,
  EERR: null,
  LERR: null,
  SVA: 900,
  TAMB: 22.9,
  TVC: 4.7,
  ...change,
})
export const emsReport = (change: Fields = {}, records = [emsRecord()]): Fields => ({
  CID: 'KE',
  ADOP: '2020-12-01',
  AMFR: 'Alpha Fridges',
  AMOD: 'F-100',
  APQS: 'E003/998',
  ASER: 'A-1',
  EDOP: '2020-12-01',
  EMFR: 'Monitors Ltd.',
  EMOD: 'M-1',
  EPQS: 'E006/999',
  ESER: 'E-1',
  EMSV: '0.2.9',
  LDOP: '2019-12-08',
  LMFR: 'Monitors Ltd.',
  LMOD: 'L-1',
  LPQS: 'E006/998',
  LSER: 'LOG1',
  LSV: '1.0',
  records,
  ...change,
})
export const rtmReport = (change: Fields = {}, records: Fields[] = []): Fields => ({
  AMID: 'tenant:1/equipment:10',
  CID: 'KE',
  DLST: { TVC: { SID: '3b81', SMFR: 'Acme', SMOD: 'S-1' } },
  EDOP: '2020-12-01',
  EMFR: 'Acme',
  EMOD: 'M-1',
  EPQS: 'E006/999',
  ESER: 'E-1',
  EMSV: '0.1.1',
  records: [{ ABST: '20260301T120000Z', ALRM: null, BEMD: 14.6, EERR: null, TVC: 6.3 }, ...records],
  ...change,
})
export const transmissionOf = (transferType: string, data: unknown[], meta: Fields = {}) => ({
  meta: {
    schemaVersion: '0.8.0',
    transferType,
    transferId: 'T-1',
    transferSrc: 'org.monitors',
    transferredAt: '2026-03-01T12:05:00Z',
    ...meta,
  },
  data,
})
