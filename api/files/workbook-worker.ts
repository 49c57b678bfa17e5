// Makes one workbook, in a thread of its own: batches of rows come in, its bytes go out.
import { parentPort, workerData } from 'node:worker_threads'
import type { Reader } from '../../quality/report/reader.ts'
import type { Row } from '../rows.ts'
import type { FileColumn } from './files.ts'
import { formatWorkbook } from './workbook.ts'

export interface WorkbookAsked {
  columns: readonly FileColumn[]
  reader: Reader
}

const port = parentPort
const { columns, reader } = workerData as WorkbookAsked
const rows: Row[] = []

/** null: there are no more. */
port?.on('message', (batch: readonly Row[] | null) => {
  if (batch) for (const row of batch) rows.push(row)
  else void formatWorkbook({ columns, rows }, reader).then((bytes) => port.postMessage(bytes))
})
