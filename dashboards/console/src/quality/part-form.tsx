// One part of a decision: what is decided, and for which units.
import * as say from '../say.ts'
import type { Verdict } from '../shapes.ts'
import { writeDecide as write } from '../words/decide.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'
import { NamesFromFile } from './names-from-file.tsx'
import { type ChooseBy, namesIn, namesOf, type PartDraft, type VerdictCounts } from './parts.ts'
import { type Decision, decisions } from './shapes.ts'

export interface PartFormProps {
  part: PartDraft
  number: number
  /** Units it stands for; null: only the server can count. */
  count: number | null
  ways: readonly ChooseBy[]
  /** Null: not counted yet. */
  verdictCounts: VerdictCounts | null
  /** SSCCs inside the subject, to be clicked instead of typed. */
  containers: readonly string[]
  onChange(part: PartDraft): void
  onRemove?: (() => void) | undefined
}

const verdicts: readonly Verdict[] = ['in', 'indeterminate', 'out']

export function PartForm(props: PartFormProps) {
  const { part, number, count, ways, verdictCounts, containers, onChange, onRemove } = props
  const set = (change: Partial<PartDraft>) => onChange({ ...part, ...change })
  return (
    <fieldset class="part">
      <legend>{write('part', { number })}</legend>
      <div class="part-choices">
        <label class="filter">
          <span>{write('part.decision')}</span>
          <select
            value={part.decision}
            required
            onChange={(event) => set({ decision: event.currentTarget.value as Decision | '' })}
          >
            <option value="">{writeQuality('choose')}</option>
            {decisions.map((decision) => (
              <option key={decision} value={decision}>
                {writeQuality(`decision.${decision}`)}
              </option>
            ))}
          </select>
        </label>
        <label class="filter">
          <span>{write('part.choose')}</span>
          <select
            value={part.by}
            onChange={(event) =>
              set({ by: event.currentTarget.value as ChooseBy, text: '', file: null })
            }
          >
            {ways.map((by) => (
              <option key={by} value={by}>
                {write(`by.${by}`)}
              </option>
            ))}
          </select>
        </label>
        {part.by === 'verdict' && (
          <VerdictChoice
            part={part}
            counts={verdictCounts}
            onChange={(verdict) => set({ verdict })}
          />
        )}
        <output class="part-count number">{countText(part, count)}</output>
        {onRemove && (
          <button type="button" onClick={onRemove}>
            {write('part.remove', { number })}
          </button>
        )}
      </div>
      {(part.by === 'containers' || part.by === 'list') && (
        <NamesField part={part} by={part.by} number={number} containers={containers} set={set} />
      )}
    </fieldset>
  )
}

interface NamesFieldProps {
  part: PartDraft
  by: 'containers' | 'list'
  number: number
  containers: readonly string[]
  set(change: Partial<PartDraft>): void
}

/** Names, typed one on a line; of a list also from a file. */
function NamesField({ part, by, number, containers, set }: NamesFieldProps) {
  const id = `part-${number}`
  return (
    <div class="field field-wide">
      {part.file ? (
        <span class="label">{write(`${by}.names`)}</span>
      ) : (
        <label for={id}>{write(`${by}.names`)}</label>
      )}
      {by === 'containers' && containers.length > 0 && (
        <Containers part={part} containers={containers} onChange={(text) => set({ text })} />
      )}
      {!part.file && (
        <textarea
          id={id}
          rows={4}
          class="mono"
          spellcheck={false}
          value={part.text}
          onInput={(event) => set({ text: event.currentTarget.value })}
        />
      )}
      {by === 'list' && (
        <NamesFromFile number={number} file={part.file} onChange={(file) => set({ file })} />
      )}
      <p class="hint">{write(`${by}.hint`)}</p>
    </div>
  )
}

interface VerdictChoiceProps {
  part: PartDraft
  counts: VerdictCounts | null
  onChange(verdict: Verdict): void
}

function VerdictChoice({ part, counts, onChange }: VerdictChoiceProps) {
  return (
    <label class="filter">
      <span>{write('verdict.which')}</span>
      <select
        value={part.verdict}
        onChange={(event) => onChange(event.currentTarget.value as Verdict)}
      >
        {verdicts.map((verdict) => (
          <option key={verdict} value={verdict}>
            {counts
              ? `${writeShell(`verdict.${verdict}`)} (${say.count(counts[verdict])})`
              : writeShell(`verdict.${verdict}`)}
          </option>
        ))}
      </select>
    </label>
  )
}

function Containers({
  part,
  containers,
  onChange,
}: {
  part: PartDraft
  containers: readonly string[]
  onChange(text: string): void
}) {
  const named = namesIn(part.text)
  return (
    <div class="checks">
      {containers.map((container) => (
        <label key={container} class="check">
          <input
            type="checkbox"
            checked={named.includes(container)}
            onChange={(event) =>
              onChange(
                event.currentTarget.checked
                  ? [...named, container].join('\n')
                  : named.filter((name) => name !== container).join('\n'),
              )
            }
          />
          <span class="mono">{say.key(container)}</span>
        </label>
      ))}
    </div>
  )
}

function countText(part: PartDraft, count: number | null): string {
  if (part.by === 'containers') return write('count.containers', { count: namesOf(part).length })
  if (part.by === 'rest' && count === null) return write('count.rest')
  if (part.by === 'verdict' && count === null) return write('verdict.counting')
  return count === null || count <= 0 ? write('count.none') : writeQuality('units', { count })
}
