// Time given back to budgets of a product: proposed with the document that says so, in force by a
// signature, taken back by another. Shown where it touches the unit that is looked at.
import { useState } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeCorrection as write } from '../words/corrections.ts'
import { writeQuality } from '../words/quality.ts'
import * as d from './decode.ts'
import { limitText } from './figures.ts'
import { mayDecide } from './may.ts'
import type { Budget } from './passport-shapes.ts'
import { nameOf } from './people.ts'
import { ReasonField } from './reason-field.tsx'
import { signature } from './shapes.ts'
import { SignDialog } from './sign-dialog.tsx'
import { useSend } from './use-send.ts'

const correction = d.shape({
  id: d.text,
  state: d.oneOf(['proposed', 'signed', 'rejected', 'reversed'], 'proposed'),
  lot: d.textOrNull,
  serialCount: d.numberOrNull,
  limit: d.shape({ side: d.oneOf(d.limitSides, 'above'), limitC: d.number }),
  addedMinutes: d.number,
  reason: d.text,
  document: d.text,
  proposedBy: d.text,
  proposedAt: d.time,
  recordHash: d.text,
  signature: d.orNull(signature),
  reversal: d.orNull(signature),
})
type Correction = ReturnType<typeof correction>

export interface CorrectionsProps {
  epc: string
  gtin: string
  lot: string
  budgets: readonly Budget[]
  /** The passport is another now. */
  onChanged(): void
}

export function Corrections({ epc, gtin, lot, budgets, onChanged }: CorrectionsProps) {
  const [asking, setAsking] = useState(false)
  const [signing, setSigning] = useState<Correction | null>(null)
  const { value, problem, reload } = useLoad(
    gtin ? `corrections ${gtin}` : null,
    async (signal) =>
      d.page(correction)(await read(apiPath('budget-corrections'), { gtin, limit: 100 }, signal)),
    ['budget.corrected'],
  )
  // Viewers may not read them; without a budget there is nothing to give back to.
  if (budgets.length === 0 || problem?.status === 403) return null
  const list = value?.items.filter((one) => one.lot === null || one.lot === lot) ?? []
  const changed = (): void => {
    setSigning(null)
    reload()
    onChanged()
  }
  return (
    <section class="panel" aria-labelledby="corrections-title">
      <header>
        <h2 id="corrections-title">{write('list')}</h2>
      </header>
      {problem && <ProblemNote problem={problem} />}
      {value && list.length === 0 && <p class="empty">{write('none')}</p>}
      <ul class="rows">
        {list.map((one) => (
          <Row key={one.id} of={one} onSign={() => setSigning(one)} />
        ))}
      </ul>
      {mayDecide() && !asking && (
        <div class="actions actions-start">
          <button type="button" onClick={() => setAsking(true)}>
            {write('give')}
          </button>
        </div>
      )}
      {asking && (
        <AskForm
          of={{ epc, gtin, lot, budgets }}
          onDone={() => {
            setAsking(false)
            reload()
          }}
        />
      )}
      {signing && (
        <SignDialog
          path={apiPath(
            ...['budget-corrections', signing.id],
            signing.state === 'signed' ? 'reversal' : 'signature',
          )}
          recordHash={signing.recordHash}
          summary={summaryOf(signing)}
          {...(signing.state === 'signed' && { meanings: [] })}
          onClose={() => setSigning(null)}
          onSigned={changed}
          onStale={changed}
        />
      )}
    </section>
  )
}

const summaryOf = ({ addedMinutes, limit }: Correction): string =>
  write('of', { minutes: say.minutes(addedMinutes), limit: limitText(limit) })

function Row({ of, onSign }: { of: Correction; onSign(): void }) {
  const { state, reason, document, proposedBy, proposedAt, lot, serialCount } = of
  const last = of.reversal ?? of.signature
  const whom =
    lot !== null
      ? write('scope.lotOf', { lot })
      : serialCount !== null
        ? writeQuality('units', { count: serialCount })
        : write('scope.product')
  return (
    <li>
      <b>{summaryOf(of)}</b> <StatusMark status={write(`state.${state}`)} />
      <p>
        {whom}. {reason} ({document})
      </p>
      <p class="group-note number">
        {last
          ? writeQuality('sign.by', { name: last.printedName, time: say.time(last.signedAt) })
          : writeQuality('by', { name: nameOf(proposedBy), time: say.time(proposedAt) })}
      </p>
      {mayDecide() && (state === 'proposed' || state === 'signed') && (
        <button type="button" onClick={onSign}>
          {state === 'signed' ? write('reverse') : writeQuality('sign')}
        </button>
      )}
    </li>
  )
}

interface AskFormProps {
  of: Pick<CorrectionsProps, 'epc' | 'gtin' | 'lot' | 'budgets'>
  onDone(): void
}

const scopes = ['unit', 'lot', 'product'] as const
type Scope = (typeof scopes)[number]

function AskForm({ of, onDone }: AskFormProps) {
  const { epc, gtin, lot, budgets } = of
  const [budget, setBudget] = useState(0)
  const [scope, setScope] = useState<Scope>('unit')
  const [minutes, setMinutes] = useState('')
  const [reason, setReason] = useState('')
  const [document, setDocument] = useState('')
  const { busy, problem, send } = useSend()
  const propose = async (): Promise<void> => {
    const whom = scope === 'unit' ? { epcs: [epc] } : scope === 'lot' ? { lot } : {}
    const told = { reason: reason.trim(), document: document.trim() }
    const { limit } = budgets[budget]!
    const body = { gtin, ...whom, limit, addedMinutes: Number(minutes), ...told }
    if ((await send({ path: apiPath('budget-corrections'), body })) !== null) onDone()
  }
  return (
    <form
      class="stack padded"
      onSubmit={(event) => {
        event.preventDefault()
        void propose()
      }}
    >
      <p class="hint">{write('hint')}</p>
      <Whom of={of} budget={budget} onBudget={setBudget} scope={scope} onScope={setScope} />
      <label class="filter">
        <span>{write('minutes')}</span>
        <input
          type="number"
          min={1}
          required
          value={minutes}
          onInput={(event) => setMinutes(event.currentTarget.value)}
        />
      </label>
      <label class="filter">
        <span>{write('document')}</span>
        <input
          required
          minLength={3}
          value={document}
          onInput={(event) => setDocument(event.currentTarget.value)}
        />
      </label>
      <ReasonField id="correction-reason" rows={2} value={reason} onChange={setReason} />
      {problem && <ProblemNote problem={problem} />}
      <button type="submit" class="primary start" disabled={busy}>
        {write('propose')}
      </button>
    </form>
  )
}

interface WhomProps {
  of: AskFormProps['of']
  budget: number
  onBudget(budget: number): void
  scope: Scope
  onScope(scope: Scope): void
}

/** Which budget, and for which units. */
function Whom({ of: { budgets, lot }, budget, onBudget, scope, onScope }: WhomProps) {
  return (
    <>
      <label class="filter">
        <span>{write('budget')}</span>
        <select value={budget} onChange={(event) => onBudget(Number(event.currentTarget.value))}>
          {budgets.map(({ limit }, index) => (
            <option key={limitText(limit)} value={index}>
              {limitText(limit)}
            </option>
          ))}
        </select>
      </label>
      <label class="filter">
        <span>{write('scope')}</span>
        <select
          value={scope}
          onChange={(event) =>
            onScope(scopes.find((one) => one === event.currentTarget.value) ?? 'unit')
          }
        >
          {scopes
            .filter((one) => one !== 'lot' || lot !== '')
            .map((one) => (
              <option key={one} value={one}>
                {write(`scope.${one}`)}
              </option>
            ))}
        </select>
      </label>
    </>
  )
}
