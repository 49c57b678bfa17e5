// What is wrong with a scanner, told by what arrives of a code whose content is known: each fault
// is applied to the content, and the fewest that make what arrived are the finding. Pure. Says
// "altered" when no known fault explains it.

export type Fault =
  | 'layout-qwertz'
  | 'layout-azerty'
  | 'caps-lock'
  | 'one-case'
  | 'lost-fnc1'
  | 'no-symbology'
  | 'altered'

/**
 * `content`: what the code holds, GS (U+001D) for FNC1 between fields. Empty when all is well.
 */
export function faultsOf(content: string, arrived: string): Fault[] {
  const text = arrived.replace(/[\r\n\t]+$/, '')
  let best: Fault[] | undefined
  for (const [layout, map] of layouts)
    for (const [casing, change] of casings)
      for (const [fnc1, separated] of separators) {
        const body = change(map(separated(content)))
        const before = text.length - body.length
        if (before < 0 || before > identifierCharsMax || !text.endsWith(body)) continue
        const found = [layout, casing, fnc1, before === 0 ? 'no-symbology' : null].filter(
          (fault) => fault !== null,
        ) as Fault[]
        if (!best || found.length < best.length) best = found
      }
  return best ?? ['altered']
}

/** `]d2`; of another layout the same three keys, of which one may be dead. */
const identifierCharsMax = 3

type Change = (text: string) => string

const same: Change = (text) => text

/** Keys of a US keyboard and what stands on the same ones elsewhere, in two rows. */
const usKeys = 'yzYZ-[];\'\\/@#^&*()_{}:"|?<>~'
const deKeys = 'zyZYßü+öä#-"§&/()=?Ü*ÖÄ\'_;:°'
const usKeysToo = 'aqwzmAQWZM1234567890-];\'\\,./!@#$%^&*()_}:"<>?'
const frKeys = 'qazw,QAZW?&é"\'(-è_çà)$mù*;:!1234567890°£M%./§'

const layouts: readonly (readonly [Fault | null, Change])[] = [
  [null, same],
  ['layout-qwertz', mapped(usKeys, deKeys)],
  ['layout-qwertz', mapped(deKeys, usKeys)],
  ['layout-azerty', mapped(usKeysToo, frKeys)],
  ['layout-azerty', mapped(frKeys, usKeysToo)],
]

const casings: readonly (readonly [Fault | null, Change])[] = [
  [null, same],
  ['caps-lock', (text) => [...text].map(swapCase).join('')],
  ['one-case', (text) => text.toUpperCase()],
  ['one-case', (text) => text.toLowerCase()],
]

const separators: readonly (readonly [Fault | null, Change])[] = [
  [null, same],
  ['lost-fnc1', (text) => text.replaceAll('\u001d', '')],
  ['lost-fnc1', (text) => text.replaceAll('\u001d', ' ')],
]

function mapped(from: string, to: string): Change {
  const keys = new Map([...from].map((char, index) => [char, [...to][index] ?? char]))
  return (text) => [...text].map((char) => keys.get(char) ?? char).join('')
}

function swapCase(char: string): string {
  const upper = char.toUpperCase()
  return char === upper ? char.toLowerCase() : upper
}
