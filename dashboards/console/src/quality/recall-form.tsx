// The start of a recall or a drill: a name, why, and the conditions that its units meet. A drill
// unless one says that it is none.
import { useState } from 'preact/hooks'
import { type Problem, toProblem } from '../client.ts'
import { ProblemNote } from '../marks.tsx'
import { addressOf, goTo } from '../router.ts'
import { apiPath, tell } from '../server.ts'
import { unit } from '../session.ts'
import { writeRecall as write } from '../words/recall.ts'
import { CriterionForm } from './criterion-form.tsx'
import * as d from './decode.ts'
import { ReasonField } from './reason-field.tsx'
import { type Criterion, criterionAsked, isTold, newCriterion } from './recall-shapes.ts'

const conditionsMax = 20

export function RecallForm() {
  const [name, setName] = useState('')
  const [reason, setReason] = useState('')
  const [level, setLevel] = useState('')
  const [drill, setDrill] = useState(true)
  const [criteria, setCriteria] = useState<Criterion[]>([newCriterion('lot')])
  const { busy, problem, start } = useStart()
  const ready = name.trim() !== '' && reason.trim().length >= 3 && criteria.every(isTold)
  const send = (): void => {
    const allOf = criteria.map((one) => criterionAsked(one, unit.value))
    const told = { name: name.trim(), reason: reason.trim(), drill }
    void start({
      ...told,
      ...(level.trim() !== '' && { class: level.trim() }),
      criteria: { version: 1, allOf },
    })
  }
  return (
    <form
      class="stack padded"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <div class="part-choices">
        <label class="filter">
          <span>{write('name')}</span>
          <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label class="filter">
          <span>{write('class')}</span>
          <input value={level} onInput={(event) => setLevel(event.currentTarget.value)} />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={drill}
            onChange={(event) => setDrill(event.currentTarget.checked)}
          />
          {write('drill')}
        </label>
      </div>
      <ReasonField id="recall-reason" rows={2} value={reason} onChange={setReason} />
      <h3>{write('criteria')}</h3>
      <Criteria criteria={criteria} onChange={setCriteria} />
      {problem && <ProblemNote problem={problem} />}
      <button type="submit" class="primary start" disabled={busy || !ready}>
        {write(drill ? 'start.drill' : 'start.recall')}
      </button>
    </form>
  )
}

interface CriteriaProps {
  criteria: Criterion[]
  onChange(criteria: Criterion[]): void
}

function Criteria({ criteria, onChange }: CriteriaProps) {
  return (
    <>
      {criteria.map((criterion, index) => (
        <CriterionForm
          key={`criterion ${index}`}
          of={criterion}
          number={index + 1}
          onChange={(next) => onChange(criteria.with(index, next))}
          onRemove={criteria.length > 1 ? () => onChange(criteria.toSpliced(index, 1)) : undefined}
        />
      ))}
      {criteria.length < conditionsMax && (
        <button
          type="button"
          class="start"
          onClick={() => onChange([...criteria, newCriterion('gtin')])}
        >
          {write('criteria.add')}
        </button>
      )}
    </>
  )
}

/** Starts it; goes to its page when the server has it. */
function useStart() {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const start = async (body: Record<string, unknown>): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const made = d.shape({ id: d.text })(await tell('POST', apiPath('recalls'), body))
      goTo(addressOf(['recalls', made.id]))
    } catch (error) {
      setProblem(toProblem(error))
      setBusy(false)
    }
  }
  return { busy, problem, start }
}
