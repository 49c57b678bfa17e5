// Says that alerts were raised: what is concerned, where, how bad, with a way there. Not part of
// the first script: it comes with the first alert.
import { addressOf } from './router.ts'
import * as say from './say.ts'
import { apiPath, read } from './server.ts'
import { type Alert, objectOf, parseAlert, parsePage, textOf } from './shapes.ts'
import type { Event } from './stream.ts'
import { toast } from './toasts.tsx'
import { write } from './words/alert-news.ts'
import { write as writeShell } from './words/shell.ts'

const worstFirst = ['critical', 'major', 'minor', 'info']
const locationType = 'urn:epcglobal:epcis:vtype:BusinessLocation'
const nameOfLocation = 'urn:epcglobal:cbv:mda#name'

/** `raised`: as the stream told them. Of a storm the worst: nobody reads a hundred. */
export async function tellOfAlerts(raised: readonly Event[]): Promise<void> {
  const alerts = raised.map((event) => parseAlert({ ...event }))
  const rank = ({ severity }: Alert): number => worstFirst.indexOf(severity)
  const [worst] = alerts.toSorted((a, b) => rank(a) - rank(b))
  if (!worst) return
  const what = await whatOf(worst)
  const severity = writeShell(`severity.${worst.severity}`)
  const count = alerts.length
  const text =
    count === 1 ? write('one', { severity, what }) : write('many', { count, severity, what })
  toast(
    text,
    'news',
    count === 1
      ? addressOf(['alerts', worst.id])
      : addressOf(['alerts'], { container: worst.container }),
  )
}

/** Product, container, the worst of it, how many were inside, and where that was. */
async function whatOf(alert: Alert): Promise<string> {
  const { container, gtin, peakC, serialCount } = alert
  const [product, place] = await Promise.all([nameOfProduct(gtin), placeOf(container)])
  const parts = [
    product,
    say.key(container),
    peakC === null ? '' : say.temperature(peakC),
    serialCount > 0 ? write('serials', { count: serialCount }) : '',
    place && write('at', { place }),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

async function nameOfProduct(gtin: string): Promise<string> {
  if (gtin === '') return ''
  const known = await read(apiPath('products', gtin)).catch(() => null)
  return textOf(objectOf(known).name) || `GTIN ${gtin}`
}

/** Where the container was when it began; empty when nobody said, or one may not ask. */
async function placeOf(container: string): Promise<string> {
  const inbox = await read(apiPath('inbox'), { container, limit: 1 }).catch(() => null)
  const [place = ''] = parsePage(inbox, (group) => textOf(group.place)).items
  if (place === '') return ''
  const known = await read(apiPath('master-data', locationType, place)).catch(() => null)
  return textOf(objectOf(objectOf(known).attributes)[nameOfLocation]) || say.key(place)
}
