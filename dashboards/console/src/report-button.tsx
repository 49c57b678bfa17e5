// Saves the printed report of what a page is about, in the language, unit and zone of the reader.
import { useState } from 'preact/hooks'
import { download, toProblem } from './client.ts'
import { apiPath } from './server.ts'
import { token, unit, zone } from './session.ts'
import { toast } from './toasts.tsx'
import { writeReport as write } from './words/report.ts'
import { language } from './words.ts'

interface ReportButtonProps {
  of: 'alerts' | 'dispositions' | 'investigations' | 'recalls' | 'shipments'
  id: string
  /** Of a shipment with several loggers. */
  device?: string
}

export function ReportButton({ of, id, device }: ReportButtonProps) {
  const [busy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      const query = {
        ...{ language: language.value, unit: unit.value, zone: zone.value },
        ...(device !== undefined && { device }),
      }
      const asking = { token: token.value ?? '', accept: 'application/pdf', query }
      const name = id.replace(/^https?:\/\/[^/]+\//, '').replace(/[^\w.-]+/g, '-')
      await download(apiPath(of, id, 'report'), `${of.slice(0, -1)}-${name}.pdf`, asking)
    } catch (error) {
      const { message, remedy } = toProblem(error)
      toast(`${message} ${remedy}`, 'wrong')
    } finally {
      setBusy(false)
    }
  }
  return (
    <button type="button" class="no-print" disabled={busy} onClick={() => void save()}>
      {write(busy ? 'making' : 'save')}
    </button>
  )
}
