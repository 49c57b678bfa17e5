// Numbers of pools: given away as JSON, CSV or NDJSON, streamed; added to lists; taken back; looked
// up. The same Idempotency-Key gets the same numbers for ever. Tells nothing of numbers that were
// not given away.
import { createHash, randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import { epcOf } from '../../domain/pool.ts'
import { type OpenPool, readPool } from '../../store/ledger/pools.ts'
import { addSerials, allocate, type Given, returnSerials, serialIn } from '../../trace/pools.ts'
import type { Deps } from '../deps.ts'
import type { Env } from '../identity.ts'
import { serially } from '../once.ts'
import { formatTime } from '../page.ts'
import { notFound, Problem } from '../problem.ts'
import { nounApp } from '../route.ts'
import { streamRows } from '../rows.ts'
import { add, allocation, serial as serialRoute, takeBack } from './pool-schemas.ts'
import { formatPool, statusOf } from './pools.ts'

export const poolNumbers = ({ now }: Deps) =>
  nounApp()
    .openapi(add, async (c) => {
      const { id } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const { serials } = c.req.valid('json')
      const added = await c.get('ledger').transact(async (db) => {
        const open = await readPool(db, tenant, id)
        if (!open) throw notFound(`no pool ${id}`, 'path/id')
        return addSerials(db, open.pool, serials)
      }, serially)
      if (!added.ok) throw new Problem(statusOf(added.refusals), added.refusals)
      return c.json(formatPool(added.value), 200)
    })
    .openapi(takeBack, async (c) => {
      const { id } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const { serials } = c.req.valid('json')
      const taken = await c.get('ledger').transact(
        async (db) => {
          const open = await readPool(db, tenant, id)
          if (!open) throw notFound(`no pool ${id}`, 'path/id')
          return returnSerials(db, open, { serials, at: now() })
        },
        { alone: `pool/${tenant}/${id}` },
      )
      if (!taken.ok) throw new Problem(statusOf(taken.refusals), taken.refusals)
      return c.json(formatPool(taken.value), 200)
    })
    .openapi(serialRoute, async (c) => {
      const { id, serial } = c.req.valid('param')
      const open = await found(c, id)
      const { state, allocation: given } = await serialIn(c.get('ledger').db, open, serial)
      if (state === 'foreign') throw notFound(`${serial} is none of this pool`, 'path/serial')
      // Which serials are free is what must not be guessed (EU 2016/161 Art. 4(b)).
      if (state === 'free') throw notFound(`${serial} was not given away`, 'path/serial')
      const answer = {
        serial,
        epc: epcOf(open.pool.of, serial),
        state,
        allocatedAt: given ? formatTime(given.at) : null,
        reference: given?.reference ?? null,
      }
      return c.json(answer, 200)
    })
    .openapi(allocation, async (c) => {
      const { id } = c.req.valid('param')
      const { tenant, id: caller } = c.get('identity')
      const { count, as, reference } = c.req.valid('json')
      const key = c.req.valid('header')['idempotency-key']
      if (as === 'json' && count > bounds.allocationJsonMax) throw tooManyForJson()
      const steps = allocate(c.get('ledger'), {
        tenant,
        pool: id,
        request: key === undefined ? randomUUID() : digest(`${caller}\n${key}`),
        count,
        at: now(),
        ...(reference !== undefined && { reference }),
      })
      const batches = givenBatches(steps)
      // What refuses the whole is known with the first part, before anything is sent.
      const first = await batches.next()
      if (as !== 'json') {
        const rows = { columns, batches: joined(first, batches), fileName: `serials-${id}` }
        return streamRows(c, as, rows)
      }
      const items: Given[] = []
      for await (const part of joined(first, batches)) items.push(...part)
      return c.json({ items }, 200)
    })

const columns = ['serial', 'epc'] as const

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

async function found(c: Context<Env>, id: string): Promise<OpenPool> {
  const open = await readPool(c.get('ledger').db, c.get('identity').tenant, id)
  if (!open) throw notFound(`no pool ${id}`, 'path/id')
  return open
}

async function* givenBatches(steps: ReturnType<typeof allocate>): AsyncGenerator<Given[]> {
  for await (const step of steps) {
    if (!step.ok) throw new Problem(statusOf(step.refusals), step.refusals)
    yield step.value
  }
}

async function* joined<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return
  yield first.value
  yield* rest
}

const tooManyForJson = (): Problem => {
  const detail = `as json at most ${bounds.allocationJsonMax} numbers: take ndjson or csv`
  return new Problem(400, [{ code: 'request/invalid', path: '/count', detail }])
}
