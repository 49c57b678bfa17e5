// Is there English on a page of another language? What a page shows and says to screen readers,
// and a look for words that only English has. Knows no page.
import type { Page } from 'playwright-core'

/**
 * All that is seen or said, each text once. What is code, typed by people or quoted in English on
 * purpose (`lang="en"`, WCAG 2.2 3.1.2) is left out.
 */
export async function textsOf(page: Page): Promise<string[]> {
  return (await page.evaluate(gather)) as string[]
}

const gather = `(() => {
  const skipped = 'script, style, noscript, code, pre, kbd, textarea, [lang="en"], [hidden]'
  const texts = new Set()
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || !parent || parent.closest(skipped)) continue
    texts.add(walker.currentNode.data)
  }
  const spoken = ['title', 'aria-label', 'aria-description', 'aria-valuetext', 'placeholder', 'alt']
  for (const name of spoken)
    for (const element of document.querySelectorAll('[' + name + ']'))
      if (!element.closest(skipped)) texts.add(element.getAttribute(name))
  texts.add(document.title)
  return [...texts].map((text) => text.replace(/\\s+/g, ' ').trim()).filter(Boolean)
})()`

/** Words of English that German, French and Spanish do not have. */
const english = new Set(
  `the of and is are been being with without from for that this these those which what whose
  where when while would could should shall must than then there their they them its it's
  nothing nobody nowhere anybody every each other another only also very more most least less
  not yet  before after above below between within until since because by to at into onto
  off out over under again away has have had does did done say says said was were will
  reading readings logger  lot serial serials left right last first next days day hours
  hour minutes minute week month year ago went goes came come comes stood stands
  value values known unknown told tell tells sent send sends received taken taking given
  refused allowed excursion excursions temperature humidity battery door power freeze
  freezing too warm cold hot started ended opened closed evidence withdrawn fridge vaccine
  units undecided quarantine investigation release reject destroy
  room controlled refrigerated frozen deep storage range label limit limits budget
  rise  quick quickly failed error missing invalid expected please check new old`
    .split(/\s+/)
    .filter(Boolean),
)
/** Of these the named languages have words that are written alike. */
const shared: Readonly<Record<string, readonly string[]>> = {
  de: ['was', 'logger', 'budget', 'label', 'warm', 'minute'],
  fr: ['budget', 'excursion', 'excursions', 'minute', 'minutes', 'lot', 'serial', 'door', 'label'],
  es: ['serial', 'error'],
}

/**
 * Ids of rules (`heat-30min`), lots (`LOT-A7`), zones (`America/New_York`), addresses, and names in
 * quotation marks.
 */
const identifiers =
  /„[^“]*“|«[^»]*»|\bhttps?:\S+|\b[a-z]+\/[a-z-]+\b|\b[A-Z]\w+\/\w+(\/\w+)?|\b[\w-]*-[\w-]*\d[\w-]*/g

/** The words that make a text look English; none: it is taken for the other language. */
export function englishIn(told: string, language: string): string[] {
  const own = new Set(shared[language])
  const text = told.replace(identifiers, '')
  // A word of a standard as it stands in events (`in_transit`) is for machines.
  const codes = text.match(/\b[a-z]+_[a-z_]+\b/g) ?? []
  const words = text.toLowerCase().match(/\p{L}+(?:['’]\p{L}+)?/gu) ?? []
  return [...codes, ...words.filter((word) => english.has(word) && !own.has(word))]
}
