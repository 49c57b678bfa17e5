// The names of units in a file that a warehouse gives: one on a line, or a column of a CSV with
// commas, semicolons or tabs. Pure. Whether they are names of units in question the server says.
const delimiters = [';', ',', '\t']

/** What such a column is called, in small letters without spaces and signs. */
const headings = new Set([
  ...['epc', 'sgtin', 'serial', 'serialno', 'serialnumber', 'sn', 'unit', 'uri', 'digitallink'],
  ...['seriennummer', 'serie', 'numérodesérie', 'numerodeserie', 'númerodeserie', 'einheit'],
])
/** A GS1 key in any syntax: whoever has it in a column means that one. */
const isKey = (cell: string): boolean =>
  /^(https?:\/\/|urn:epc:|urn:gs1:|\]|\(?01\)?\d{14})/i.test(cell)

/** Each once, as they stand; of a CSV of one column. */
export function namesInFile(text: string): string[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
  const [first = ''] = lines
  const delimiter = delimiters.find((sign) => cellsOf(first, sign).length > 1)
  const rows = lines.map((line) => (delimiter ? cellsOf(line, delimiter) : [unquoted(line)]))
  const [head = [], ...body] = rows
  const named = head.findIndex((cell) => headings.has(plain(cell)))
  const keyed = (body[0] ?? head).findIndex(isKey)
  const column = Math.max(named >= 0 ? named : keyed, 0)
  const isHeaded = named >= 0 || (keyed >= 0 && !isKey(head[column] ?? ''))
  const names = (isHeaded ? body : rows).map((cells) => cells[column] ?? '')
  return [...new Set(names.filter((name) => name !== ''))]
}

const plain = (cell: string): string => cell.toLowerCase().replace(/[\s_.\-/]+/g, '')

const unquoted = (cell: string): string =>
  cell.trim().replace(/^"(.*)"$/s, (_, inner: string) => inner.replaceAll('""', '"').trim())

/** RFC 4180, but that no cell goes on in the next line. */
const cellsOf = (line: string, delimiter: string): string[] => {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (const sign of line) {
    if (sign === '"') quoted = !quoted
    if (sign === delimiter && !quoted) {
      cells.push(unquoted(cell))
      cell = ''
    } else cell += sign
  }
  return [...cells, unquoted(cell)]
}
