// Messages of the pages of scanning.
import { catalogue, writerOf } from '../words.ts'
import { de, es, fr } from './scan-others.ts'

export const scan = catalogue({
  en: {
    scan: 'Scan',
    'scan.text':
      'Scan with a reader that acts as a keyboard, anywhere on this page, without clicking. Or type the text below the symbol.',
    'scan.code': 'Code',
    'scan.look': 'Look it up',
    'scan.camera': 'Use the camera',
    'scan.stop': 'Stop the camera',
    'scan.noCamera':
      'The camera is not available. It needs HTTPS and permission; use a reader or the field instead.',
    'scan.found': 'Scan result',
    'scan.genuine': 'Known here as genuine.',
    'scan.unknown': 'Not known here: no record says that this unit was made.',
    'scan.recalled': 'Recalled: do not use.',
    'scan.quarantined': 'In quarantine: do not use until it is released.',
    'scan.unfit':
      'Known here, but not fit for use: damaged, expired, withdrawn, or with contradictory events. See its page.',
    'scan.open': 'Open its page',
    'scan.test': 'Test a scanner',
    'scan.testText':
      'Scan both codes, on screen or printed. What arrives is compared with their content.',
    'scan.codeA': 'Letters and symbols',
    'scan.codeB': 'Separators (FNC1)',
    'scan.arrived': 'Arrived: {text}',
    'fault.none': 'This scanner is set up correctly.',
    'fault.layout-qwertz':
      'Keyboard layout: computer and scanner differ (QWERTZ and QWERTY), which swaps y and z. Set both to the same country.',
    'fault.layout-azerty':
      'Keyboard layout: computer and scanner differ (AZERTY and QWERTY), which swaps a and q, w and z. Set both to the same country.',
    'fault.caps-lock':
      'Caps lock: upper and lower case are swapped. Switch caps lock off, or set the scanner to ignore it.',
    'fault.one-case':
      'Case is lost: the scanner sends one case only. Serial numbers distinguish a from A: switch the conversion off.',
    'fault.lost-fnc1':
      'FNC1 is lost: the fields are not separated, so a lot runs into a serial. Set the scanner to send GS (ASCII 29).',
    'fault.no-symbology':
      'No symbology identifier (]d2, ]C1, ]Q3): switch it on so that GS1 codes can be recognised.',
    'fault.altered': 'What arrived differs from the code. Characters were changed or left out.',
  },
  de,
  fr,
  es,
})

export const write = writerOf(scan)
