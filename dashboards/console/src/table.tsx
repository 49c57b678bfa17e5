// A table of any length: only the rows in sight are in the document. Arrow keys go through the rows
// (one tab stop), Enter opens one, headers sort. Asks nothing: who uses it brings the rows and says
// where more come from.
import type { ComponentChildren, VNode } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { roveBy } from './keys.ts'
import { orderOf, type SortValue } from './row-order.ts'
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
  by?(row: T): SortValue
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
  const { keyOf, name, rows } = props
  const count = rows.length
  const [order, setOrder] = useState<Order | null>(null)
  const sorted = useMemo(() => inOrder(props, order), [rows, order])
  const rowAt = (index: number): T => rows[sorted?.[index] ?? index]!
  const frame = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const current = Math.min(active, count - 1)
  const { sight, window } = useWindow(frame, count)
  const focusRow = useRowFocus(frame, { sight, keyOf: (index) => keyOf(rowAt(index)) })
  useRoving(frame, {
    shown: count > 0,
    onFocus: setActive,
    onKey: (key) => {
      const next = roveBy(key, current, count)
      if (next === null) return false
      setActive(next)
      focusRow(next)
      return true
    },
  })
  const ended = count > 0 && window.to >= count
  useEffect(() => {
    if (ended) props.onEnd?.()
  }, [ended, count, props.onEnd])
  const drawRow = useRows(props)
  // The same object while rows are scrolled: Preact leaves it alone.
  const head = useMemo(
    () => <Head table={props} order={order} onOrder={setOrder} />,
    [props, order],
  )
  if (count === 0) return <div class="empty">{props.empty}</div>
  const drawn: VNode[] = []
  for (let index = window.from; index < window.to; index++)
    drawn.push(drawRow(rowAt(index), index, index === current))
  return (
    <div class="table-frame" ref={frame}>
      <table aria-label={name} aria-rowcount={(props.total ?? count) + 1}>
        {head}
        <tbody>
          <Space px={window.above} />
          {drawn}
          <Space px={window.below} />
        </tbody>
      </table>
    </div>
  )
}

interface Roving {
  shown: boolean
  onFocus(index: number): void
  /** True: the key was one of a list. */
  onKey(key: string): boolean
}

/** Listens once for all rows: they come and go with each frame of scrolling. */
function useRoving(frame: { current: HTMLDivElement | null }, roving: Roving): void {
  const newest = useRef(roving)
  newest.current = roving
  useEffect(() => {
    const { current } = frame
    if (!current) return
    const onFocus = ({ target }: Event): void => {
      const row = handleOf(target)?.closest('tr')
      if (row) newest.current.onFocus(Number(row.ariaRowIndex) - firstRowIndex)
    }
    const onKey = (event: KeyboardEvent): void => {
      if (handleOf(event.target) && newest.current.onKey(event.key)) event.preventDefault()
    }
    current.addEventListener('focusin', onFocus)
    current.addEventListener('keydown', onKey)
    return () => {
      current.removeEventListener('focusin', onFocus)
      current.removeEventListener('keydown', onKey)
    }
  }, [roving.shown])
}

/** What has the focus of a row, not a box or button within it. */
const handleOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof HTMLElement && target.dataset.row !== undefined ? target : null

/** `aria-rowindex` of the first row below the header, which is 1. */
const firstRowIndex = 2

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
function useRows<T>(table: TableProps<T>) {
  const kept = useRef<{ table: TableProps<T>; rows: Map<string, DrawnRow<T>> } | null>(null)
  if (kept.current?.table !== table) kept.current = { table, rows: new Map() }
  const { rows } = kept.current
  return (row: T, index: number, active: boolean): VNode => {
    const key = table.keyOf(row)
    const old = rows.get(key)
    if (old && old.row === row && old.index === index && old.active === active) return old.drawn
    const drawn = <Row key={key} row={row} index={index} active={active} table={table} />
    if (rows.size > rowsKept) rows.clear()
    rows.set(key, { row, index, active, drawn })
    return drawn
  }
}

interface HeadProps<T> {
  table: TableProps<T>
  order: Order | null
  onOrder(order: Order | null): void
}

function Head<T>({ table, order, onOrder }: HeadProps<T>) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {table.lead && <td class="lead" />}
        {table.columns.map((column) => (
          <Header key={column.key} column={column} order={order} onOrder={onOrder} />
        ))}
      </tr>
    </thead>
  )
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
  table: TableProps<T>
}

function Row<T>({ row, index, active, table }: RowProps<T>) {
  const { columns, keyOf, hrefOf, current, lead } = table
  const key = keyOf(row)
  const focus = { 'data-row': key, tabIndex: active ? 0 : -1 }
  const [first, ...others] = columns
  const name = first?.cell(row)
  const href = hrefOf?.(row)
  return (
    <tr aria-rowindex={index + firstRowIndex} aria-current={current === key ? 'true' : undefined}>
      {lead && <td class="lead">{lead(row)}</td>}
      <th scope="row" class={`${first?.right ? 'right' : ''} ${cutOf(name)}`}>
        {href === undefined ? (
          <span {...focus}>{name}</span>
        ) : (
          <a {...focus} href={href}>
            {name}
          </a>
        )}
      </th>
      {others.map((column) => {
        const content = column.cell(row)
        const kind = `col-${column.rank ?? 1} ${column.right ? 'right number' : ''}`
        return (
          <td key={column.key} class={`${kind} ${cutOf(content)}`}>
            {content}
          </td>
        )
      })}
    </tr>
  )
}

/** As wide as these are, they fit: what may be cut is a fifth of the work of a frame. */
const shortLength = 28

const cutOf = (content: ComponentChildren): string =>
  typeof content === 'object' || String(content).length > shortLength ? 'cut' : ''

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

/** Positions of the rows as the header wants them; null: as they come. */
function inOrder<T>({ rows, columns }: TableProps<T>, order: Order | null): Uint32Array | null {
  const by = columns.find(({ key }) => key === order?.key)?.by
  return order && by ? orderOf(rows.map(by), order.down) : null
}
