// The products and what their shipments are judged by.
import { Icon } from '../icons.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import { type ProductView, parseProductView } from '../settings/product.ts'
import { parsePage } from '../shapes.ts'
import { type Column, Table } from '../table.tsx'
import { write } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import '../settings/settings.css'

const pageRows = 200
const pagesMax = 25

export default function Products(_: PageProps) {
  const loaded = useLoad('products', loadProducts, ['changed:products'])
  const { value } = loaded
  return (
    <div class="page">
      <section class="panel" aria-label={write('products')}>
        <header class="filters">
          <span class="count number">
            {value && writeShell('table.rows', { count: value.length })}
          </span>
          {mayAs('admin', 'quality') && (
            <a class="button primary" href={addressOf(['products', 'new'])}>
              <Icon name="plus" />
              {write('products.new')}
            </a>
          )}
        </header>
        {loaded.problem && <ProblemNote problem={loaded.problem} />}
        <Table
          name={write('products')}
          columns={columns()}
          rows={value ?? []}
          keyOf={({ gtin }) => gtin}
          hrefOf={({ gtin }) => addressOf(['products', gtin])}
          empty={value ? write('products.none') : writeShell('loading')}
        />
      </section>
    </div>
  )
}

const columns = (): Column<ProductView>[] => [
  {
    key: 'name',
    title: write('name'),
    cell: ({ name, gtin }) => name || gtin,
    by: ({ name }) => name,
  },
  {
    key: 'gtin',
    title: write('product.gtin'),
    cell: ({ gtin }) => gtin,
    by: ({ gtin }) => gtin,
    rank: 2,
  },
  {
    key: 'range',
    title: write('product.range'),
    cell: ({ rangeC }) =>
      rangeC
        ? write('product.rangeOf', {
            min: say.temperature(rangeC.min),
            max: say.temperature(rangeC.max),
          })
        : '–',
    by: ({ rangeC }) => rangeC?.min ?? null,
  },
  {
    key: 'rules',
    title: write('product.rules'),
    cell: ({ ruleSet, rules }) => (ruleSet ? <code>{ruleSet}</code> : say.count(rules.length)),
    rank: 2,
  },
  {
    key: 'version',
    title: write('product.version'),
    cell: ({ version }) => say.count(version),
    by: ({ version }) => version,
    right: true,
    rank: 3,
  },
  {
    key: 'updated',
    title: write('product.updated'),
    cell: ({ updatedAt }) => say.time(updatedAt),
    by: ({ updatedAt }) => updatedAt,
    rank: 3,
  },
]

async function loadProducts(signal: AbortSignal): Promise<ProductView[]> {
  const all: ProductView[] = []
  let cursor: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const query = { limit: pageRows, ...(cursor !== undefined && { cursor }) }
    const json = await read(apiPath('products'), query, signal)
    const { items, next } = parsePage(json, parseProductView)
    all.push(...items)
    if (next === null) break
    cursor = next
  }
  return all
}
