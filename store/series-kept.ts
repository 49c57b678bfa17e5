// A series store that takes nothing from before readings are kept: their hours are made, and a
// reading that came after would be dropped without a word. Passes everything else on as it is.
import type { RejectedRow, Series } from './series.ts'

/**
 * `keptFrom` is asked again when rows are written: it may have moved meanwhile, and then nobody
 * knows whether their hours were made with them.
 */
export function refuseOld(series: Series, keptFrom: () => Promise<number>): Series {
  return {
    ...series,
    async write(rows) {
      const from = await keptFrom()
      const kept =
        from === Number.NEGATIVE_INFINITY ? rows : rows.filter(({ time }) => time >= from)
      const rejected = kept.length > 0 ? await series.write(kept) : []
      const now = await keptFrom()
      if (now === Number.NEGATIVE_INFINITY) return rejected
      const reason = `before ${new Date(now).toISOString()}, from when on readings are kept`
      const old: RejectedRow[] = []
      for (const row of rows) if (row.time < now) old.push({ row, reason })
      return [...rejected.filter(({ row }) => row.time >= now), ...old]
    },
  }
}
