// Where lines do not end inside a sentence, in the languages that we speak. Pure; asks nothing.

/**
 * No line ends before a sign of percent; nor, in French, before `; : ! ? »` and after `«`, which
 * stand apart from words (Imprimerie nationale: a narrow space before `; ! ?`).
 */
export function typeset(text: string, language: string): string {
  const whole = text.replace(/ (?=%)/g, '\u00a0')
  if (language !== 'fr') return whole
  return whole
    .replace(/ (?=[;!?])/g, '\u202f')
    .replace(/ (?=[:»])/g, '\u00a0')
    .replace(/« /g, '«\u00a0')
}

/** The same for every text of a table, however deep it stands. */
export function typesetAll<T>(table: T, language: string): T {
  if (typeof table === 'string') return typeset(table, language) as T
  if (typeof table !== 'object' || table === null) return table
  const entries = Object.entries(table).map(([key, value]) => [key, typesetAll(value, language)])
  return (
    Array.isArray(table) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
  ) as T
}
