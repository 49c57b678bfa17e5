// The figures of a run: told line by line as they come, kept for whoever wants them as JSON.

/** One line of the table. `aim` is a bound: at least for rates, at most for times and sizes. */
export interface Figure {
  name: string
  value: number | string
  unit: string
  aim?: number
  better?: 'more' | 'less'
}

/** All that was told so far; `of` is the title it stands under. */
export const figures: (Figure & { of: string })[] = []
let of = ''

export function title(text: string): void {
  of = text
  console.log(`\n${text}`)
}

export function tell(figure: Figure): void {
  figures.push({ of, ...figure })
  const { name, value, unit, aim, better = 'more' } = figure
  const met = aim === undefined || (better === 'more' ? Number(value) >= aim : Number(value) <= aim)
  const verdict = aim === undefined ? '' : `${met ? 'met' : 'NOT met'}: ${format(aim)}`
  console.log(`  ${name.padEnd(44)}${format(value).padStart(10)} ${unit.padEnd(16)}${verdict}`)
}

export function skip(what: string, reason: string): void {
  console.log(`  ${what}: skipped: ${reason}`)
}

export function ratio(ours: number, theirs: number): number {
  return ours / Math.max(theirs, 1)
}

function format(value: number | string): string {
  if (typeof value === 'string') return value
  if (Number.isNaN(value)) return 'unknown'
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 })
}
