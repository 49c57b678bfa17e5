// Names of files that say what is in them: `affected-serials_09521234543213_095212340000000013_
// 2026-03-01.csv`. Letters, digits, points and dashes only, whatever a product is called.
import { parseEpc } from '../../domain/gs1/gs1.ts'

const partChars = 48
const nameChars = 120

/** Parts that are null or empty are left out; EPCs become their number, times (epoch ms) a day. */
export const fileNameOf = (...parts: readonly (string | number | null | undefined)[]): string =>
  parts
    .flatMap((part) => (part === null || part === undefined ? [] : [plain(part)]))
    .filter((part) => part !== '')
    .join('_')
    .slice(0, nameChars)

function plain(part: string | number): string {
  if (typeof part === 'number') return new Date(part).toISOString().slice(0, 10)
  return numberOf(part)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, partChars)
}

/** `SSCC-0952…` of a Digital Link; whatever else it is stays. */
function numberOf(text: string): string {
  const key = text.includes('/') ? parseEpc(text) : undefined
  if (!key) return text
  const [, number = text] = /\/(?:00|01|414|417|8003|8004)\/(.+)$/.exec(text) ?? []
  return `${key.key === 'sscc' ? 'SSCC' : ''} ${number.replace('/21/', ' ')}`
}
