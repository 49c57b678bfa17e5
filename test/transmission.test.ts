// Grading and taking apart: the tables of the schema, one fault at a time.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Finding, findingsMax, parseAbst } from '../domain/transmission/grades.ts'
import { parseTransmission, type Transmission } from '../domain/transmission/transmission.ts'
import {
  emsRecord,
  emsReport,
  type Fields,
  rtmReport,
  transmissionOf,
} from './transmission-bodies.ts'

const taken = (body: unknown): Transmission => {
  const parsed = parseTransmission(body)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  return parsed.value
}
const found = (body: unknown): string[] =>
  taken(body).findings.items.map(({ grade, code, path }: Finding) => `${grade} ${code} ${path}`)
const ems = (report: Fields = {}, records?: Fields[]) =>
  transmissionOf('ems', [emsReport(report, records)])
const without = (name: string, fields: Fields): Fields => {
  const { [name]: _, ...rest } = fields
  return rest
}

describe('a transmission that follows the schema', () => {
  it('has no findings, and becomes readings of its compartment', () => {
    const { devices, findings, reports, records } = taken(ems())
    expect(findings).toEqual({ counts: { error: 0, warning: 0, notice: 0 }, items: [] })
    expect([reports, records]).toEqual([1, 1])
    expect(devices).toEqual([
      {
        id: 'Monitors-Ltd.LOG1',
        readings: [
          {
            time: Date.UTC(2026, 2, 1, 12),
            temperature: 4.7,
            ambient: 22.9,
            monitorBattery: 13.3,
            loggerBattery: 200,
            compressor: 120,
            doorOpen: 0,
            mains: 900,
          },
        ],
      },
    ])
    expect(found(transmissionOf('rtm', [rtmReport()]))).toEqual([])
  })

  it('of a solar appliance says DC voltage and current instead of mains', () => {
    const solar = { ...without('SVA', emsRecord()), DCSV: 19.2, DCCD: 3.8 }
    expect(found(ems({}, [solar]))).toEqual([])
    expect(found(ems({}, [{ ...solar, SVA: 900 }]))).toEqual([
      'error power-supply /data/0/records/0',
    ])
    expect(found(ems({}, [without('SVA', emsRecord())]))).toEqual([
      'error power-supply /data/0/records/0',
    ])
  })

  it('keeps a freezer compartment apart from the fridge', () => {
    const record = emsRecord({ TFRZ: -18.5, DORF: 12, DRCF: 1 })
    const { devices } = taken(ems({}, [record]))
    expect(devices.map(({ id }) => id)).toEqual(['Monitors-Ltd.LOG1', 'Monitors-Ltd.LOG1.freezer'])
    expect(devices[1]!.readings).toEqual([
      { time: Date.UTC(2026, 2, 1, 12), temperature: -18.5, doorOpen: 12, doorOpenings: 1 },
    ])
  })

  it('of a null temperature says why; without a reason it is an error', () => {
    const silent = emsRecord({ TVC: null, LERR: 'E07' })
    expect(found(ems({}, [silent]))).toEqual(['notice equipment-error /data/0/records/0/LERR'])
    expect(taken(ems({}, [silent])).devices[0]!.readings[0]).not.toHaveProperty('temperature')
    expect(found(ems({}, [emsRecord({ TVC: null })]))).toEqual([
      'error sensor-error /data/0/records/0/TVC',
    ])
  })
})

describe('what the schema does not allow', () => {
  it('every required field of a report and a record is missed by name', () => {
    for (const name of Object.keys(emsReport()).filter((one) => !/SV$|records/.test(one)))
      expect(found(transmissionOf('ems', [without(name, emsReport())])), name).toEqual([
        `error missing /data/0/${name}`,
      ])
    for (const name of Object.keys(without('SVA', emsRecord())))
      expect(found(ems({}, [without(name, emsRecord())])), name).toEqual([
        `error missing /data/0/records/0/${name}`,
      ])
    const record = { ABST: '20260301T121500Z', ALRM: null, BEMD: 14.6, EERR: null }
    expect(found(transmissionOf('rtm', [rtmReport({}, [record])]))).toEqual([
      'error missing /data/0/records/1',
    ])
  })

  it.each([
    [{ TVC: 61 }, 'range', 'TVC'],
    [{ CMPR: 901 }, 'range', 'CMPR'],
    [{ TVC: '4.7' }, 'type', 'TVC'],
    [{ TAMB: null }, 'type', 'TAMB'],
    [{ ALRM: 5 }, 'type', 'ALRM'],
    [{ MSW: 1 }, 'type', 'MSW'],
    [{ ABST: '2026-03-01T12:00:00Z' }, 'time', 'ABST'],
    [{ ABST: '20260231T120000Z' }, 'time', 'ABST'],
    [{ ABST: 1772366400 }, 'time', 'ABST'],
  ])('a record with %j', (change, code, name) => {
    expect(found(ems({}, [emsRecord(change)]))).toEqual([`error ${code} /data/0/records/0/${name}`])
  })

  it('a version in two places or in none, a list of sensors that is none, records that are none', () => {
    expect(found(ems({}, [emsRecord({ LSV: '1.0' })]))).toEqual(['error version-place /data/0/LSV'])
    expect(found(transmissionOf('ems', [without('EMSV', emsReport())]))).toEqual([
      'error version-place /data/0/EMSV',
    ])
    expect(found(transmissionOf('rtm', [rtmReport({ DLST: { TAMB: {} } })]))).toEqual([
      'error device-list /data/0/DLST/TVC',
      'error device-list /data/0/DLST/TAMB/SID',
      'error device-list /data/0/DLST/TAMB/SMFR',
      'error device-list /data/0/DLST/TAMB/SMOD',
    ])
    expect(found(ems({ records: [] }))).toContain('error type /data/0/records')
    expect(found(ems({ records: [emsRecord(), 5] }))).toEqual(['error type /data/0/records/1'])
    expect(found(transmissionOf('ems', ['x', emsReport()]))).toEqual(['error type /data/0'])
  })

  it('a time of transfer with an offset', () => {
    const body = transmissionOf('ems', [emsReport()], {
      transferredAt: '2026-03-01T12:05:00+01:00',
    })
    expect(found(body)).toEqual(['error time /meta/transferredAt'])
  })

  it('what tells nobody apart is refused as a whole', () => {
    const refused = (body: unknown) => {
      const parsed = parseTransmission(body)
      return parsed.ok ? 'taken' : parsed.refusals.map(({ code, path }) => `${code} ${path}`)
    }
    expect(refused([])).toEqual(['transmission/shape '])
    expect(refused({ data: [] })).toEqual(['transmission/shape /meta'])
    expect(refused(transmissionOf('usb', [emsReport()]))).toEqual([
      'transmission/shape /meta/transferType',
    ])
    expect(refused(transmissionOf('ems', [emsReport()], { transferId: '' }))).toEqual([
      'transmission/shape /meta/transferId',
    ])
    expect(refused(transmissionOf('ems', []))).toEqual(['transmission/shape /data'])
  })
})

describe('what the requirements ask beyond it', () => {
  it('alarms are told, and warned of when they come later than 15 minutes', () => {
    const early = emsRecord({ ALRM: 'HEAT DOOR' })
    expect(found(ems({}, [early]))).toEqual(['notice alarm /data/0/records/0/ALRM'])
    const late = emsRecord({ ALRM: 'FRZE', ABST: '20260301T114900Z' })
    expect(found(ems({}, [late]))).toEqual([
      'notice alarm /data/0/records/0/ALRM',
      'warning late-alarm /data/0/records/0/ALRM',
    ])
  })

  it('the same moment twice is a warning; two objects of one moment are none', () => {
    const again = [emsRecord(), emsRecord({ TVC: 5 })]
    expect(found(ems({}, again))).toEqual([
      'warning doubled /data/0/records/1/TVC',
      'warning doubled /data/0/records/1/TAMB',
    ])
    const ambient = { ABST: '20260301T120000Z', ALRM: null, BEMD: 14.6, EERR: null, TAMB: 27.9 }
    expect(found(transmissionOf('rtm', [rtmReport({}, [ambient])]))).toEqual([])
  })

  it("objects of a maker's own are told", () => {
    expect(found(ems({}, [emsRecord({ XYZ: 1, constructor: 2 })]))).toEqual([
      'notice unknown-object /data/0/records/0/XYZ',
      'notice unknown-object /data/0/records/0/constructor',
    ])
  })
})

describe('devices', () => {
  const idOf = (report: Fields, type = 'ems') =>
    taken(transmissionOf(type, [report])).devices[0]!.id

  it('are told apart by maker and serial number, whatever characters these have', () => {
    const ids = [
      idOf(emsReport()),
      idOf(emsReport({ LMFR: 'Others' })),
      idOf(emsReport({ LSER: 'LOG 1' })),
      idOf(emsReport({ LSER: 'LOG/1' })),
      idOf(emsReport({ LSER: 'x'.repeat(200) })),
      idOf(emsReport({ LSER: `${'x'.repeat(199)}y` })),
      idOf(rtmReport(), 'rtm'),
      idOf(rtmReport({ AMID: 'tenant:1/equipment:11' }), 'rtm'),
    ]
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(`${id}.freezer`).toMatch(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/)
  })

  it('stay the same when a monitor is replaced', () => {
    expect(idOf(emsReport({ ESER: 'E-2' }))).toBe(idOf(emsReport()))
    expect(idOf(rtmReport({ ESER: 'E-2' }), 'rtm')).toBe(idOf(rtmReport(), 'rtm'))
  })
})

describe('any input', () => {
  it('is taken or refused, and what was measured is in the readings', () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.double(), fc.constant(null))
    const recordOf = fc.dictionary(
      fc.constantFrom('ABST', 'TVC', 'TFRZ', 'TAMB', 'ALRM', 'CMPR', 'MSW', '__proto__', 'x'),
      value,
    )
    const report = fc.dictionary(
      fc.constantFrom('records', 'DLST', 'LSER', 'AMID', 'EMSV'),
      fc.oneof(value, fc.array(recordOf, { maxLength: 5 })),
    )
    fc.assert(
      fc.property(
        fc.constantFrom('ems', 'rtm'),
        fc.array(fc.oneof(value, report), { minLength: 1, maxLength: 5 }),
        (type, data) => {
          const { devices, findings, reports } = taken(transmissionOf(type, data))
          expect(reports).toBe(data.length)
          const { error, warning, notice } = findings.counts
          expect(findings.items.length).toBe(Math.min(findingsMax, error + warning + notice))
          for (const { readings } of devices)
            for (const one of readings) expect(Object.keys(one).length).toBeGreaterThan(1)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('times are those of the calendar', () => {
    expect(parseAbst('20240229T235959.5Z')).toBe(Date.UTC(2024, 1, 29, 23, 59, 59, 500))
    for (const wrong of ['20230229T000000Z', '20240101T240001Z', '20240101T006000Z', '', null])
      expect(parseAbst(wrong)).toBeNaN()
  })
})

describe('the clocks of a logger', () => {
  const noon = Date.UTC(2026, 2, 1, 12)
  const relative = (RELT: string, change: Fields = {}): Fields => ({
    ...without('ABST', emsRecord()),
    RELT,
    ...change,
  })
  const timesOf = (body: unknown) => taken(body).devices[0]!.readings.map(({ time }) => time)
  const clockFindings = (body: unknown): string[] =>
    found(body).filter((told) => /relative|clock/.test(told))

  it('give a record without ABST its time from RELT, by the moment of which the report tells both', () => {
    const report = { ABST: '20260301T120000Z', RELT: 'P173DT10H16M12S' }
    const body = ems(report, [relative('P173DT10H1M12S'), relative('P172DT10H16M12S')])
    expect(timesOf(body)).toEqual([noon - 15 * 60_000, noon - 86_400_000])
    expect(clockFindings(body)).toEqual(['notice relative-time /data/0/records'])
  })

  it('or by the latest record that tells both, whatever the order', () => {
    const both = emsRecord({ RELT: 'P2DT1H' })
    const older = emsRecord({ ABST: '20260301T110000Z', RELT: 'P2D' })
    for (const records of [
      [relative('P1D'), both, older],
      [older, both, relative('P1D')],
    ])
      expect(timesOf(ems({}, records))).toContain(noon - 25 * 3_600_000)
  })

  it('say nothing of a time after the relative clock began anew, or when no place tells both', () => {
    const anew = ems({ ABST: '20260301T120000Z', RELT: 'PT5M' }, [relative('P9D')])
    expect(timesOf(anew)).toEqual([null])
    expect(clockFindings(anew)).toEqual(['error relative-time /data/0/records'])
    expect(timesOf(ems({}, [relative('P9D')]))).toEqual([null])
    for (const wrong of ['P', 'PT', '9D', 'P1Y', 'P1DT', '-P1D', 'PT1.5H', 9])
      expect(
        timesOf(ems({ ABST: '20260301T120000Z', RELT: 'P9D' }, [relative(wrong as string)])),
      ).toEqual([null])
  })

  it('never move a time that is told, but say that the clock was set or stood still', () => {
    const set = emsRecord({ ABST: '20260301T100000Z', RELT: 'P1D', RTCW: 'PT2H' })
    const body = ems({ ABST: '20260301T120000Z', RELT: 'P1DT15M' }, [set])
    expect(timesOf(body)).toEqual([noon - 2 * 3_600_000])
    expect(clockFindings(body)).toEqual([
      'warning clock-apart /data/0/records',
      'notice clock-interrupted /data/0/records',
    ])
  })

  it('agree wherever both are told (200 random loggers)', () => {
    fc.assert(
      fc.property(fc.nat(1e8), fc.array(fc.nat(1e8), { minLength: 1 }), (now, seconds) => {
        const duration = (s: number) => `P${Math.floor(s / 86_400)}DT${s % 86_400}S`
        const records = seconds.map((s) => relative(duration(Math.min(s, now))))
        const body = ems({ ABST: '20260301T120000Z', RELT: duration(now) }, records)
        const wanted = seconds.map((s) => noon - (now - Math.min(s, now)) * 1000)
        expect(timesOf(body)).toEqual(wanted)
      }),
      { numRuns: 200 },
    )
  })
})
