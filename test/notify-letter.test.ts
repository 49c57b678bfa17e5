// What people read: the same facts in four languages, in their unit and zone, in a form that each
// channel takes, whatever the names in it are made of.
import { describe, expect, it } from 'vitest'
import { formatMail, formatPager, formatSlack, formatTeams } from '../quality/notify/formats.ts'
import { type Reader, type Told, type ToldItem, writeLetter } from '../quality/notify/letter.ts'
import { languages } from '../quality/notify/terms.ts'
import { notifyWords } from '../quality/notify/words.ts'
import { alertNamed } from './contracts/ledger.ts'

const at = Date.UTC(2026, 5, 1, 12)
const reader: Reader = {
  language: 'en',
  unit: 'C',
  zone: 'UTC',
  base: 'https://isotherm.example.com',
}
const item = (more: Partial<ToldItem> = {}, alert = {}): ToldItem => ({
  ...{ subject: 'alert/a', kind: 'alert.raised', severity: 'critical', at, rules: ['r'] },
  ...{ unacknowledgedMs: 0, others: 0, alert: alertNamed('a', { from: at, ...alert }), ...more },
})
const told = (items: ToldItem[], more = 0): Told => ({
  ...{ tenant: 'default', items, more, counts: { critical: items.length + more } },
})
const factsOf = (one: ToldItem, as: Partial<Reader> = {}): Record<string, string> => {
  const { facts } = writeLetter(told([one]), { ...reader, ...as }).items[0]!
  return Object.fromEntries(facts.map(({ label, value }) => [label, value]))
}

describe('a letter', () => {
  it('has words in every language, and every place in them is filled', () => {
    const shape = (of: object): unknown =>
      Object.entries(of).map(([name, value]) => [
        name,
        typeof value === 'string' ? (value.match(/\{\w+\}/g) ?? []) : shape(value as object),
      ])
    for (const language of languages) {
      expect(shape(notifyWords[language])).toEqual(shape(notifyWords.en))
      const one = item({ unacknowledgedMs: 900_000, others: 3, place: 'p' })
      const text = JSON.stringify(writeLetter(told([one, one], 9), { ...reader, language }))
      expect(text).not.toMatch(/[{]\w+[}]|undefined|null/)
    }
  })

  it('knows a temperature from a difference of two, and a range from a limit', () => {
    expect(factsOf(item({}, { limitC: 8 }), { unit: 'F' }).Limit).toBe('46.4\u00a0°F')
    expect(factsOf(item({}, { limitC: 2, ruleSide: 'rise' }), { unit: 'F' }).Limit).toBe(
      '3.6\u00a0°F',
    )
    expect(factsOf(item({}, { limitC: 8, lowerLimitC: 2 })).Limit).toBe('2\u00a0°C – 8\u00a0°C')
    const silent = factsOf(item({}, { kind: 'silence', limitC: null, peakC: null }))
    expect(Object.keys(silent)).not.toContain('Limit')
    expect(Object.keys(silent)).not.toContain('Last known value')
  })

  it('says the time with its zone, and what became of it in its title', () => {
    expect(factsOf(item(), { zone: 'America/New_York' }).Since).toMatch(/08:00 (GMT-4|EDT)/)
    const title = (alert: object, kind = 'alert.changed'): string =>
      writeLetter(told([item({ kind }, alert)]), reader).items[0]!.title
    expect(title({ status: 'retracted' })).toMatch(/^Retracted: /)
    expect(title({ status: 'closed' })).toMatch(/^Closed: /)
    expect(title({})).toMatch(/^Changed: /)
    expect(title({}, 'alert.raised')).toBe('Temperature excursion, c')
  })

  it('of a recall names it, says when it is a drill, and leads there', () => {
    const body = { recall: 'rc 1', name: 'Lot 7', drill: true, cause: 'started' }
    const { alert: _, ...bare } = item({ kind: 'recall.started', severity: 'info', body })
    const letter = writeLetter(told([bare]), reader)
    expect(letter.subject).toBe('Info: Recall started: Lot 7 (drill)')
    expect(letter.items[0]!.link!.url).toBe('https://isotherm.example.com/#/recalls/rc%201')
    expect(writeLetter(told([bare]), { ...reader, base: undefined }).items[0]!.link).toBeUndefined()
  })

  it('words kinds of cases and causes, and sets a colon as the language does', () => {
    const body = { case: 'c-1', kind: 'clone', cause: 'evidence withdrawn' }
    const { alert: _, ...bare } = item({ kind: 'case.changed', severity: 'major', body })
    const german = writeLetter(told([bare]), { ...reader, language: 'de' })
    expect(german.subject).toBe('Schwer: Fall geändert: kopierte Seriennummern')
    expect(german.items[0]!.facts[0]!.value).toBe('Rücknahme von Belegen')
    const french = writeLetter(told([bare]), { ...reader, language: 'fr' })
    expect(french.subject).toBe('Majeure\u00a0: Dossier modifié\u00a0: numéros de série copiés')
    const later = { ...bare, body: { ...body, kind: 'of-tomorrow' } }
    expect(writeLetter(told([later]), reader).subject).toContain('of-tomorrow')
  })
})

describe('a mail', () => {
  it.each(languages)(
    'in %s sets colons as its language does, and names the language',
    (language) => {
      const one = item({ unacknowledgedMs: 900_000, others: 3, place: 'p', rules: ['a', 'b'] })
      const { text, html } = formatMail(
        writeLetter(told([one, one], 9), { ...reader, language }),
        '',
      )
      const plainColons = text.replaceAll(/https?:\S+|\d\d:\d\d/g, '').match(/.:/gu)!
      for (const colon of plainColons) expect(colon === '\u00a0:').toBe(language === 'fr')
      expect(text).not.toMatch(/ [:;!?»%]|« /)
      expect(html).toContain(`<html lang="${language}">`)
    },
  )

  it('calls minutes of silence what they are, and does not say twice that something began', () => {
    const silent = factsOf(item({}, { kind: 'silence', minutes: 90 }))
    expect(silent['Minutes without readings']).toBe('90')
    const { alert: _, ...bare } = item({ kind: 'recall.started', body: { cause: 'started' } })
    expect(Object.keys(factsOf(bare))).toEqual(['Time'])
  })
})

describe('the forms of channels', () => {
  const hostile = `<b>&*_~|[x](http://e)\r\nBcc: x${'あ'.repeat(400)}`
  const worst = Array.from({ length: 10 }, () =>
    item({ rules: [hostile] }, { container: hostile, device: hostile }),
  )
  const letter = writeLetter(told(worst, 9990), reader)

  it('keep to the bounds of Slack and Teams in a storm with long names', () => {
    const slack = formatSlack(letter) as { blocks: { type: string; text?: { text: string } }[] }
    expect(slack.blocks.length).toBeLessThanOrEqual(50)
    for (const { type, text } of slack.blocks)
      expect(text?.text.length ?? 0).toBeLessThanOrEqual(type === 'header' ? 150 : 3000)
    expect(Buffer.byteLength(JSON.stringify(formatTeams(letter)))).toBeLessThan(28 * 1024)
    const pager = formatPager(letter, { action: 'trigger', key: 'k'.repeat(300), source: 's', at })
    expect(pager).toMatchObject({ dedup_key: 'k'.repeat(255) })
  })

  it('let no name become a tag, a link, a mention or a header', () => {
    const { subject, text, html } = formatMail(letter, undefined)
    expect(subject + text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    expect(html).not.toContain('<b>&*')
    expect(html).toContain('&lt;b&gt;&amp;*')
    expect(JSON.stringify(formatSlack(letter))).not.toContain('<b>')
    expect(JSON.stringify(formatTeams(letter))).not.toContain('[x](')
  })
})
