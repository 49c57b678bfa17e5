// A report record as PDF pages: headings, facts, tables, a chart, signatures. The same record makes
// the same bytes: no clock, no chance, no compression whose result another release of zlib changes.
// The record itself is attached to the document. Decides nothing of what is said.
import { canonical } from '../../domain/canonical.ts'
import { drawChart } from './chart.ts'
import {
  type Column,
  type ListGroup,
  type ReportRecord,
  reportHashOf,
  type Section,
} from './record.ts'

type Document = PDFKit.PDFDocument

const page = { size: 'A4', width: 595.28, height: 841.89, margin: 48, foot: 64 } as const
const inner = page.width - 2 * page.margin
const ink = '#1a1f24'
const faint = '#5b6670'
const line = '#c9d0d6'

/** Name of the attached record. */
export const recordName = 'report.json'

/** Loads pdfkit when first asked for. */
export async function formatPdf(record: ReportRecord): Promise<Uint8Array> {
  const { default: PDFDocument } = await import('pdfkit')
  const at = new Date(record.at)
  const doc: Document = new PDFDocument({
    ...{ size: page.size, margin: page.margin, bufferPages: true, compress: false },
    ...{ pdfVersion: '1.7', lang: record.language, displayTitle: true },
    info: infoOf(record),
  })
  const chunks: Uint8Array[] = []
  doc.on('data', (chunk: Uint8Array) => chunks.push(chunk))
  const ended = new Promise<void>((resolve) => doc.on('end', () => resolve()))
  const text = canonical(record)
  doc.file(Buffer.from(text), {
    ...{ name: recordName, type: 'application/json', hidden: true },
    ...{ creationDate: at, modifiedDate: at, description: 'What this report says' },
  })
  writeHead(doc, record)
  for (const section of record.sections) writeSection(doc, section, record.version)
  // 0.4.0 said so of every document: its own words hold what they tell of.
  if (record.version === 1 ? printable(text).includes('[U+') : oddIn(text))
    note(doc, record.words.odd)
  writeFeet(doc, record)
  doc.end()
  await ended
  return Buffer.concat(chunks)
}

/**
 * The record attached to a report, ours or not; undefined where there is none. Whoever makes the
 * document of it again and gets other bytes holds one that was changed.
 */
export function recordIn(bytes: Uint8Array): ReportRecord | undefined {
  const text = Buffer.from(bytes).toString('latin1')
  const found = /\/Type \/EmbeddedFile\b[\s\S]*?\/Length (\d+)[\s\S]*?stream\r?\n/.exec(text)
  if (!found) return undefined
  const from = found.index + found[0].length
  const attached = Buffer.from(bytes.subarray(from, from + Number(found[1]))).toString('utf8')
  try {
    const record = JSON.parse(attached) as ReportRecord
    return record.kind === 'report' && [1, 2].includes(record.version) ? record : undefined
  } catch {
    return undefined
  }
}

function infoOf({ title, subtitle, at, version }: ReportRecord): PDFKit.DocumentInfo {
  const date = new Date(at)
  return {
    ...{ Title: printable(version === 1 ? title : `${title}: ${subtitle}`), Producer: 'Isotherm' },
    ...{ CreationDate: date, ModDate: date },
    ...(version > 1 && { Creator: 'Isotherm' }),
  }
}

function writeHead(doc: Document, { title, subtitle }: ReportRecord): void {
  doc.font('Helvetica-Bold').fontSize(9).fillColor(faint).text('ISOTHERM', { characterSpacing: 2 })
  doc.moveDown(0.4)
  doc.font('Helvetica-Bold').fontSize(19).fillColor(ink).text(printable(title))
  doc.font('Helvetica').fontSize(10.5).fillColor(faint).text(printable(subtitle))
  doc.moveDown(0.6)
}

function writeSection(doc: Document, section: Section, version: ReportRecord['version']): void {
  // A heading stays with what it heads.
  room(doc, section.kind === 'chart' ? 250 : 70)
  doc.moveDown(0.7)
  if (section.title) {
    doc.font('Helvetica-Bold').fontSize(12).fillColor(ink)
    if (version > 1) doc.outline.addItem(printable(section.title))
    doc.text(printable(section.title), page.margin, doc.y, { width: inner })
    doc.moveDown(0.35)
  }
  if (section.kind === 'facts') writeFacts(doc, section.rows)
  else if (section.kind === 'text') for (const each of section.lines) paragraph(doc, each)
  else if (section.kind === 'table') writeTable(doc, section)
  else if (section.kind === 'list') writeList(doc, section)
  else if (section.kind === 'chart') {
    const height = section.chart.words ? 206 : 190
    const box = { x: page.margin, y: doc.y, width: inner, height }
    drawChart(doc, section.chart, { box, printable, version })
    doc.x = page.margin
    doc.y = box.y + box.height + 6
  } else for (const signature of section.signatures) writeSignature(doc, signature)
}

function writeFacts(doc: Document, rows: readonly (readonly [string, string])[]): void {
  for (const [name, value] of rows) {
    const [left, right] = [150, inner - 150]
    doc.font('Helvetica').fontSize(9.5)
    const height = Math.max(
      doc.heightOfString(printable(name), { width: left - 10 }),
      doc.heightOfString(printable(value), { width: right }),
    )
    room(doc, height + 4)
    const y = doc.y
    doc.fillColor(faint).text(printable(name), page.margin, y, { width: left - 10 })
    doc.fillColor(ink).text(printable(value), page.margin + left, y, { width: right })
    doc.x = page.margin
    doc.y = y + height + 3
  }
}

function paragraph(doc: Document, text: string): void {
  doc.font('Helvetica').fontSize(9.5).fillColor(ink)
  doc.text(printable(text), page.margin, doc.y, { width: inner })
  doc.moveDown(0.25)
}

function note(doc: Document, text: string): void {
  doc.moveDown(0.4)
  doc.font('Helvetica-Oblique').fontSize(8.5).fillColor(faint)
  doc.text(printable(text), page.margin, doc.y, { width: inner })
}

function writeTable(doc: Document, table: Section & { kind: 'table' }): void {
  const shares = table.columns.reduce((sum, { share }) => sum + share, 0)
  const widths = table.columns.map(({ share }) => (share / shares) * inner)
  const head = (): void => {
    row(doc, { columns: table.columns, widths, cells: table.columns.map(({ title }) => title) })
  }
  head()
  for (const cells of table.rows) {
    const height = heightOf(doc, widths, cells)
    if (doc.y + height > page.height - page.foot) {
      doc.addPage()
      head()
    }
    row(doc, { columns: table.columns, widths, cells, body: true })
  }
  if (table.note) note(doc, table.note)
}

/** Side by side in as many columns as fit, row by row: so they are read out in order. */
function writeList(doc: Document, { groups, note: said }: Section & { kind: 'list' }): void {
  for (const group of groups) writeGroup(doc, group)
  if (said) note(doc, said)
}

const listGap = 14
const listColumnsMax = 6

function writeGroup(doc: Document, { title, items }: ListGroup): void {
  room(doc, 40)
  doc.font('Helvetica-Bold').fontSize(8.5).fillColor(faint)
  doc.text(printable(title), page.margin, doc.y + 2, { width: inner })
  doc.moveDown(0.3)
  doc.font('Helvetica').fontSize(8.5).fillColor(ink)
  const texts = items.map(printable)
  const widest = texts.reduce((most, text) => Math.max(most, doc.widthOfString(text)), 1)
  const fit = Math.floor((inner + listGap) / (widest + listGap))
  const columns = Math.max(1, Math.min(listColumnsMax, fit))
  const width = (inner + listGap) / columns - listGap
  for (let first = 0; first < texts.length; first += columns) {
    const row = texts.slice(first, first + columns)
    const height = Math.max(...row.map((text) => doc.heightOfString(text, { width }))) + 2
    room(doc, height)
    const y = doc.y
    for (const [n, text] of row.entries())
      doc.text(text, page.margin + n * (width + listGap), y, { width })
    doc.x = page.margin
    doc.y = y + height
  }
  doc.moveDown(0.4)
}

const gap = 6

function heightOf(doc: Document, widths: readonly number[], cells: readonly string[]): number {
  doc.font('Helvetica').fontSize(8.5)
  const heights = cells.map((cell, i) =>
    doc.heightOfString(printable(cell), { width: widths[i]! - gap }),
  )
  return Math.max(10, ...heights) + 5
}

interface RowOf {
  columns: readonly Column[]
  widths: readonly number[]
  cells: readonly string[]
  body?: boolean
}

function row(doc: Document, { columns, widths, cells, body = false }: RowOf): void {
  const height = heightOf(doc, widths, cells)
  const y = doc.y
  doc.font(body ? 'Helvetica' : 'Helvetica-Bold').fontSize(8.5)
  doc.fillColor(body ? ink : faint)
  let x: number = page.margin
  for (const [i, cell] of cells.entries()) {
    const align = columns[i]!.align ?? 'left'
    doc.text(printable(cell), x, y + 2, { width: widths[i]! - gap, align })
    x += widths[i]!
  }
  doc.moveTo(page.margin, y + height).lineTo(page.margin + inner, y + height)
  doc
    .lineWidth(body ? 0.3 : 0.8)
    .strokeColor(line)
    .stroke()
  doc.x = page.margin
  doc.y = y + height
}

function writeSignature(doc: Document, rows: readonly (readonly [string, string])[]): void {
  room(doc, 20 + rows.length * 15)
  doc.moveTo(page.margin, doc.y).lineTo(page.margin + 240, doc.y)
  doc.lineWidth(0.8).strokeColor(ink).stroke()
  doc.y += 5
  writeFacts(doc, rows)
  doc.moveDown(0.6)
}

/** A new page when so much does not fit on this one. */
function room(doc: Document, height: number): void {
  if (doc.y + height > page.height - page.foot) doc.addPage()
}

function writeFeet(doc: Document, record: ReportRecord): void {
  const { words } = record
  const hash = reportHashOf(record)
  const { start, count } = doc.bufferedPageRange()
  for (let n = 0; n < count; n++) {
    doc.switchToPage(start + n)
    // Below the margin, where text would begin a new page.
    doc.page.margins.bottom = 0
    const y = page.height - 40
    doc.moveTo(page.margin, y - 6).lineTo(page.margin + inner, y - 6)
    doc.lineWidth(0.3).strokeColor(line).stroke()
    doc.font('Helvetica').fontSize(7.5).fillColor(faint)
    const options = { width: inner, lineBreak: false }
    doc.text(printable(`${words.hash} ${hash}`), page.margin, y, options)
    const number = printable(`${words.page} ${n + 1} ${words.of} ${count}`)
    doc.text(number, page.margin, y, { ...options, align: 'right' })
  }
}

/** What the standard fonts of PDF can write (WinAnsi), beside Latin-1. */
const winAnsi = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ')

const isPlain = (char: string): boolean => {
  const code = char.codePointAt(0)!
  return (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff) || winAnsi.has(char)
}

/** Nothing is printed wrong without a word: what no font has is written as its number. */
export const printable = (text: string): string =>
  Array.from(
    text
      .replaceAll(/[\t\n\r]+/g, ' ')
      .replaceAll('\u202f', ' ')
      .replaceAll('−', '-'),
    (char) =>
      isPlain(char)
        ? char
        : `[U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
  ).join('')

/** Whether something of a text cannot be printed. */
const oddIn = (text: string): boolean =>
  Array.from(text).some((char) => !isPlain(char) && printable(char).startsWith('[U+'))
