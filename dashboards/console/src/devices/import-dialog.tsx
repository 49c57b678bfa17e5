// Registers many loggers from a CSV file: looked at first, what is wrong at its line, then all of
// them or none. Their tokens are a file that is told once: with the dialog it is gone.
import { useState } from 'preact/hooks'
import { save } from '../client.ts'
import { Dialog } from '../dialog.tsx'
import { SendForm } from '../form.tsx'
import { Exact } from '../marks.tsx'
import { Table } from '../table.tsx'
import { write } from '../words/many-devices.ts'
import { happeningOf } from '../words/refusals.ts'
import { write as writeShell } from '../words/shell.ts'
import { language } from '../words.ts'
import { type Looked, look, register, type WrongCell } from './import-file.ts'

export interface ImportProps {
  onClose(): void
  /** The list is another now. */
  onDone(): void
}

const columns = [
  ...['id', 'giai', 'loggingIntervalSeconds', 'uncertaintyC', 'calibratedAt', 'calibrationDue'],
  ...['certificate', 'laboratory'],
]
const example = ['logger-1', '', '300', '0.3', '2026-02-10', '', '2026-0815', 'Klimalab']
const csvOf = (...rows: string[][]): string => rows.map((row) => row.join(';')).join('\r\n')

export function ImportDialog({ onClose, onDone }: ImportProps) {
  const [tokens, setTokens] = useState<{ file: Blob; count: number } | null>(null)
  return (
    <Dialog title={write('import')} kind="wide" onClose={onClose}>
      {tokens ? (
        <Done {...tokens} onClose={onClose} />
      ) : (
        <ImportForm
          onClose={onClose}
          onTokens={(file, count) => {
            setTokens({ file, count })
            saveTokens(file)
            onDone()
          }}
        />
      )}
    </Dialog>
  )
}

const saveTokens = (file: Blob): void => save(file, 'isotherm-tokens.csv')

interface FormProps {
  onClose(): void
  onTokens(file: Blob, count: number): void
}

function ImportForm({ onClose, onTokens }: FormProps) {
  const [file, setFile] = useState('')
  const [looked, setLooked] = useState<Looked | null>(null)
  const found = looked && 'found' in looked ? looked.found : null
  const take = (text: string): void => {
    setFile(text)
    setLooked(null)
  }
  const send = async (): Promise<void> => {
    if (!found) return setLooked(await look(file))
    const answer = await register(file)
    if ('tokens' in answer) onTokens(answer.tokens, found.length)
    else setLooked(answer)
  }
  const button = found ? write('import.do', { count: found.length }) : write('import.look')
  return (
    <SendForm
      send={send}
      button={button}
      class="dialog-body stack wide-fields"
      onCancel={onClose}
      beside={
        <button
          type="button"
          onClick={() => save(new Blob([`\uFEFF${csvOf(columns)}\r\n`]), 'isotherm-loggers.csv')}
        >
          {write('import.template')}
        </button>
      }
    >
      <p>{write('import.text')}</p>
      <div class="field">
        <label for="import-file">{write('import.file')}</label>
        <input
          id="import-file"
          type="file"
          accept=".csv,.txt,.tsv,text/csv,text/plain"
          onChange={(event) => void event.currentTarget.files?.[0]?.text().then(take)}
        />
      </div>
      <div class="field">
        <label for="import-rows">{write('import.rows')}</label>
        <textarea
          id="import-rows"
          class="file-text"
          rows={6}
          required
          wrap="off"
          spellcheck={false}
          placeholder={csvOf(columns, example)}
          value={file}
          onInput={(event) => take(event.currentTarget.value)}
        />
      </div>
      {looked && <Findings looked={looked} file={file} />}
    </SendForm>
  )
}

/** The lines of the file with what was found, wrong ones alone where there are any. */
function Findings({ looked, file }: { looked: Looked; file: string }) {
  const lines = file.split(/\r\n|\n|\r/)
  if ('wrong' in looked) return <Wrong wrong={looked.wrong} lines={lines} />
  const { found } = looked
  return (
    <>
      <p role="status">
        {found.length === 0 ? write('import.none') : write('import.fine', { count: found.length })}
      </p>
      <Table
        name={write('import.found')}
        columns={[
          { key: 'id', title: 'id', cell: ({ id }) => id },
          { key: 'line', title: write('import.line'), cell: ({ line }) => line, right: true },
          { key: 'row', title: write('import.row'), cell: (of) => lines[of.line - 1], rank: 2 },
        ]}
        rows={found}
        keyOf={({ line }) => String(line)}
        empty=""
      />
    </>
  )
}

function Wrong({ wrong, lines }: { wrong: readonly WrongCell[]; lines: readonly string[] }) {
  return (
    <>
      <p role="alert">
        <strong>{write('import.wrong', { count: wrong.length })}</strong>
      </p>
      <table class="wrong-lines" aria-label={write('import.wrongLines')}>
        <thead>
          <tr>
            <th scope="col">{write('import.line')}</th>
            <th scope="col">{write('import.what')}</th>
          </tr>
        </thead>
        <tbody>
          {wrong.map(({ line, column, code, detail }, index) => (
            <tr key={index}>
              <th scope="row" class="number">
                {line}
              </th>
              <td>
                <code>{lines[line - 1]}</code>
                {column !== '' && <strong>{column}: </strong>}
                {language.value !== 'en' && `${happening(code)} `}
                <Exact text={detail} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function happening(code: string): string {
  if (code === 'file/value') return write('import.value')
  if (code === 'file/column') return write('import.column')
  return happeningOf([code], 400) ?? ''
}

function Done({ file, count, onClose }: { file: Blob; count: number; onClose(): void }) {
  return (
    <div class="dialog-body stack">
      <p role="status">
        <strong>{write('import.done', { count })}</strong>
      </p>
      <p class="one-time">{write('import.tokens')}</p>
      <div class="actions">
        <button type="button" onClick={() => saveTokens(file)}>
          {write('import.saveAgain')}
        </button>
        <button type="button" class="primary" onClick={onClose}>
          {writeShell('close')}
        </button>
      </div>
    </div>
  )
}
