// A list of units from a file of the warehouse, instead of one that is typed. Read here, whole;
// only its names are sent.
import { useRef, useState } from 'preact/hooks'
import { writeDecide as write } from '../words/decide.ts'
import { namesInFile } from './names-file.ts'
import { type NamesFile, namesMax } from './parts.ts'

export interface NamesFromFileProps {
  /** Of the part that it is for. */
  number: number
  file: NamesFile | null
  onChange(file: NamesFile | null): void
}

/** As large as a proposal may be. */
const bytesMax = 16 * 1024 * 1024

export function NamesFromFile({ number, file, onChange }: NamesFromFileProps) {
  const [fault, setFault] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const take = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return
    const { name, size } = chosen
    const names = size <= bytesMax ? namesInFile(await chosen.text()) : []
    const isTooLong = size > bytesMax || names.length > namesMax
    if (isTooLong) setFault(write('file.tooLong', { name, count: namesMax }))
    else if (names.length === 0) setFault(write('file.none', { name }))
    else {
      setFault('')
      onChange({ name, names })
    }
    if (input.current) input.current.value = ''
  }
  const id = `part-${number}-file`
  return (
    <div class="names-file">
      {file ? (
        <>
          <output>{write('file.of', { name: file.name, count: file.names.length })}</output>
          <button type="button" onClick={() => onChange(null)}>
            {write('file.remove')}
          </button>
        </>
      ) : (
        <>
          <label for={id}>{write('file')}</label>
          <input
            ref={input}
            id={id}
            type="file"
            accept=".csv,.txt,.tsv,text/plain,text/csv"
            onChange={(event) => void take(event.currentTarget.files?.[0])}
          />
        </>
      )}
      {fault && (
        <p class="warning" role="alert">
          {fault}
        </p>
      )}
    </div>
  )
}
