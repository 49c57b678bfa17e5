// A table of any length: only the rows in sight are in the document. Arrow keys go through the rows
// (one tab stop), Enter opens one, headers sort. Asks nothing: who uses it brings the rows and says
// where more come from.
import type { ComponentChildren, VNode } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { roveBy } from './keys.ts'
import { type RowWindow, rowsInSight, type Sight, scrollTo } from './row-window.ts'
import './table.css'

export interface Column<T> {
  key: string
  title: string
  cell(row: T): ComponentChildren
  /** Numbers stand to the right. */
  right?: boolean
  /** 1: always shown; 2: not on phones; 3: on wide tables only. */
  rank?: 1 | 2 | 3
  /** What the rows are sorted by when the header is chosen; absent: not sortable. */
  by?(row: T): string | number | null
}

export interface TableProps<T> {
  /** What the table is, for screen readers. */
  name: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  keyOf(row: T): string
  /** Makes the first cell a link. */
  hrefOf?(row: T): string
  /** The row that stands for what is open beside the table. */
  current?: string | null
  /** Called when the end comes in sight; absent: these are all. */
  onEnd?: (() => void) | undefined
  /** All there are, when more than `rows`. */
  total?: number
  /** Beside the rows, such as boxes to choose them. */
  lead?(row: T): ComponentChildren
  empty: ComponentChildren
}

interface Order {
  key: string
  down: boolean
}

/** One line of text and its space; rows are as high, so that their place can be computed. */
const rowPxDefault = 40
/** Drawn rows that are remembered: some screens of them. */
const rowsKept = 400

export function Table<T>(props: TableProps<T>) {
  const { columns, keyOf, name, rows } = props
  const [order, setOrder] = useState<Order | null>(null)
  const sorted = useMemo(() => inOrder(rows, columns, order), [rows, order])
  const frame = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const { sight, window } = useWindow(frame, sorted.length)
  const focusRow = useRowFocus(frame, { sight, keyOf: (index) => keyOf(sorted[index]!) })
  useEffect(() => {
    if (window.to >= sorted.length && sorted.length > 0) props.onEnd?.()
  }, [window.to, sorted.length, props.onEnd])
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = roveBy(event.key, Math.min(active, sorted.length - 1), sorted.length)
    if (next === null) return
    event.preventDefault()
    setActive(next)
    focusRow(next)
  }
  const drawRow = useRows(props, { onActive: setActive, onKeyDown })
  if (rows.length === 0) return <div class="empty">{props.empty}</div>
  return (
    <div class="table-frame" ref={frame}>
      <table aria-label={name} aria-rowcount={(props.total ?? sorted.length) + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {props.lead && <td class="lead" />}
            {columns.map((column) => (
              <Header key={column.key} column={column} order={order} onOrder={setOrder} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Space px={window.above} />
          {sorted.slice(window.from, window.to).map((row, offset) => {
            const index = window.from + offset
            return drawRow(row, index, index === Math.min(active, sorted.length - 1))
          })}
          <Space px={window.below} />
        </tbody>
      </table>
    </div>
  )
}

interface RowEvents {
  onActive(index: number): void
  onKeyDown(event: KeyboardEvent): void
}

interface DrawnRow<T> {
  row: T
  index: number
  active: boolean
  drawn: VNode
}

/**
 * Rows as they were drawn last: while only the scrolling changes, those that stay in sight are the
 * same objects, which Preact leaves alone. Whatever else changes draws all anew.
 */
function useRows<T>(table: TableProps<T>, { onActive, onKeyDown }: RowEvents) {
  const kept = useRef<{ table: TableProps<T>; rows: Map<string, DrawnRow<T>> } | null>(null)
  if (kept.current?.table !== table) kept.current = { table, rows: new Map() }
  const { rows } = kept.current
  // Rows keep the function of the drawing they are from: it has to do what the newest does.
  const newest = useRef(onKeyDown)
  newest.current = onKeyDown
  return (row: T, index: number, active: boolean): VNode => {
    const key = table.keyOf(row)
    const old = rows.get(key)
    if (old && old.row === row && old.index === index && old.active === active) return old.drawn
    const drawn = (
      <Row
        key={key}
        row={row}
        index={index}
        active={active}
        onActive={onActive}
        onKeyDown={(event) => newest.current(event)}
        table={table}
      />
    )
    if (rows.size > rowsKept) rows.clear()
    rows.set(key, { row, index, active, drawn })
    return drawn
  }
}

function Header<T>({ column, order, onOrder }: HeaderProps<T>) {
  const { key, title, by, right, rank } = column
  const mine = order?.key === key ? order : null
  const kind = `col-${rank ?? 1} ${right ? 'right' : ''}`
  if (!by)
    return (
      <th scope="col" class={kind}>
        {title}
      </th>
    )
  return (
    <th
      scope="col"
      class={kind}
      aria-sort={mine ? (mine.down ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        class="sort"
        onClick={() => onOrder(mine?.down ? null : { key, down: mine !== null })}
      >
        {title}
        <span aria-hidden="true">{mine ? (mine.down ? '▼' : '▲') : ''}</span>
      </button>
    </th>
  )
}

interface HeaderProps<T> {
  column: Column<T>
  order: Order | null
  onOrder(order: Order | null): void
}

interface RowProps<T> {
  row: T
  index: number
  active: boolean
  onActive(index: number): void
  onKeyDown(event: KeyboardEvent): void
  table: TableProps<T>
}

function Row<T>({ row, index, active, onActive, onKeyDown, table }: RowProps<T>) {
  const { columns, keyOf, hrefOf, current, lead } = table
  const key = keyOf(row)
  const focus = {
    'data-row': key,
    tabIndex: active ? 0 : -1,
    onFocus: () => onActive(index),
    onKeyDown,
  }
  const [first, ...others] = columns
  const href = hrefOf?.(row)
  return (
    <tr aria-rowindex={index + 2} aria-current={current === key ? 'true' : undefined}>
      {lead && <td class="lead">{lead(row)}</td>}
      <th scope="row" class={first?.right ? 'right' : ''}>
        {href === undefined ? (
          <span {...focus}>{first?.cell(row)}</span>
        ) : (
          <a {...focus} href={href}>
            {first?.cell(row)}
          </a>
        )}
      </th>
      {others.map((column) => (
        <td
          key={column.key}
          class={`col-${column.rank ?? 1} ${column.right ? 'right number' : ''}`}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}

function Space({ px }: { px: number }) {
  if (px <= 0) return null
  return (
    <tr class="space">
      <td style={{ height: `${px}px` }} />
    </tr>
  )
}

/** Follows the scrolling of the page and measures a row: type may be large. */
function useWindow(frame: { current: HTMLDivElement | null }, count: number) {
  const [rowPx, setRowPx] = useState(rowPxDefault)
  const [seen, setSeen] = useState({ scrolledPx: 0, heightPx: 900 })
  useLayoutEffect(() => {
    const { current } = frame
    const scroller = current && scrollerOf(current)
    if (!current || !scroller) return
    let asked = 0
    const measure = (): void => {
      asked = 0
      const row = current.querySelector('tbody tr:not(.space)')
      const height = row?.getBoundingClientRect().height ?? 0
      if (height > 0) setRowPx(height)
      const head = current.querySelector('thead')?.getBoundingClientRect().height ?? 0
      const top = scroller === document.documentElement ? 0 : scroller.getBoundingClientRect().top
      const scrolledPx = Math.max(0, top - current.getBoundingClientRect().top - head)
      const heightPx = scroller.clientHeight
      setSeen((old) => {
        const before = rowsInSight({ count, rowPx: height || rowPx, ...old })
        const now = rowsInSight({ count, rowPx: height || rowPx, scrolledPx, heightPx })
        return before.from === now.from && before.to === now.to ? old : { scrolledPx, heightPx }
      })
    }
    const soon = (): void => {
      asked ||= requestAnimationFrame(measure)
    }
    measure()
    const sizes = new ResizeObserver(soon)
    sizes.observe(current)
    const target = scroller === document.documentElement ? document : scroller
    target.addEventListener('scroll', soon, { passive: true })
    return () => {
      cancelAnimationFrame(asked)
      sizes.disconnect()
      target.removeEventListener('scroll', soon)
    }
  }, [count > 0])
  const sight: Sight = { count, rowPx, ...seen }
  const window: RowWindow = rowsInSight(sight)
  return { sight, window }
}

interface RowFocus {
  sight: Sight
  keyOf(index: number): string
}

/** Brings a row into sight, waits until it is drawn, and gives it the focus. */
function useRowFocus(frame: { current: HTMLDivElement | null }, { sight, keyOf }: RowFocus) {
  return (index: number): void => {
    const { current } = frame
    if (!current) return
    const key = keyOf(index)
    const scroller = scrollerOf(current)
    const to = scrollTo(index, sight)
    const find = (): HTMLElement | null => current.querySelector(`[data-row="${CSS.escape(key)}"]`)
    const drawn = find()
    if (drawn) drawn.focus()
    else if (to !== null) {
      const head = current.getBoundingClientRect().top - scroller.getBoundingClientRect().top
      const base = scroller === document.documentElement ? 0 : scroller.scrollTop
      scroller.scrollTo({ top: base + head + to })
      requestAnimationFrame(() => requestAnimationFrame(() => find()?.focus()))
    }
  }
}

function scrollerOf(element: HTMLElement): HTMLElement {
  for (let up = element.parentElement; up; up = up.parentElement)
    if (/auto|scroll/.test(getComputedStyle(up).overflowY)) return up
  return document.documentElement
}

/** Rows without a value come last, whichever way. Numbers by size, texts as languages sort them. */
function inOrder<T>(rows: readonly T[], columns: readonly Column<T>[], order: Order | null) {
  const by = columns.find(({ key }) => key === order?.key)?.by
  if (!order || !by) return rows
  const texts = new Intl.Collator(undefined, { numeric: true })
  const sign = order.down ? -1 : 1
  return rows
    .map((row) => ({ row, value: by(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null)
        return a.value === b.value ? 0 : a.value === null ? 1 : -1
      if (typeof a.value === 'number' && typeof b.value === 'number')
        return sign * (a.value - b.value)
      return sign * texts.compare(String(a.value), String(b.value))
    })
    .map(({ row }) => row)
}
