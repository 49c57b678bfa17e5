// Messages of the pages of scanning.
import { catalogue, writerOf } from '../words.ts'
import { de, es, fr } from './scan-others.ts'

export const scan = catalogue({
  en: {
    scan: 'Scan',
    'scan.text':
      'Scan with a reader that types like a keyboard: anywhere on this page, without a click. Or write what stands below the symbol.',
    'scan.code': 'Code',
    'scan.look': 'Look it up',
    'scan.camera': 'Use the camera',
    'scan.stop': 'Stop the camera',
    'scan.noCamera':
      'The camera cannot be used. It needs HTTPS and permission; a reader or the field do the same.',
    'scan.found': 'What was scanned',
    'scan.genuine': 'Known here as genuine.',
    'scan.unknown': 'Not known here: no record says that this unit was made.',
    'scan.recalled': 'Recalled: do not use.',
    'scan.quarantined': 'In quarantine: do not use until it is released.',
    'scan.unfit':
      'Known here, and not fit for use: it is damaged, expired, withdrawn, or its events contradict each other. Its page says which.',
    'scan.open': 'Open its page',
    'scan.test': 'Test a scanner',
    'scan.testText':
      'Scan both codes, from the screen or printed. What arrives is compared with what they hold.',
    'scan.codeA': 'Letters and signs',
    'scan.codeB': 'Separators (FNC1)',
    'scan.arrived': 'Arrived: {text}',
    'fault.none': 'This scanner is set up well.',
    'fault.layout-qwertz':
      'Keyboard layout: computer and scanner disagree (QWERTZ and QWERTY), so that y and z change places. Set both to the same country.',
    'fault.layout-azerty':
      'Keyboard layout: computer and scanner disagree (AZERTY and QWERTY), so that a and q, w and z change places. Set both to the same country.',
    'fault.caps-lock':
      'Caps lock: capitals and small letters have changed places. Switch caps lock off, or let the scanner ignore it.',
    'fault.one-case':
      'Case is lost: the scanner sends one case only. Serial numbers tell a from A: switch the conversion off.',
    'fault.lost-fnc1':
      'FNC1 is lost: nothing stands between the fields, and a lot runs into a serial. Let the scanner send GS (ASCII 29).',
    'fault.no-symbology':
      'No symbology identifier (]d2, ]C1, ]Q3): switch it on, so that GS1 codes are told from others.',
    'fault.altered':
      'Something else arrived than the code holds. Letters or signs were changed or left out.',
  },
  de,
  fr,
  es,
})

export const write = writerOf(scan)
