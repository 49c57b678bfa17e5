// One product: its storage profile, how it came to be, and changing it the way the organisation
// asks for. `products/new` makes one.
import { useState } from 'preact/hooks'
import { Fact } from '../fact.tsx'
import { Field, SendForm } from '../form.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { unit } from '../session.ts'
import { Changes } from '../settings/changes.tsx'
import { mayAs } from '../settings/may.ts'
import {
  type Control,
  type ProductView,
  parseControl,
  parseProductView,
  propose,
} from '../settings/product.ts'
import { draftOf, profileOf } from '../settings/profile.ts'
import { RulesForm } from '../settings/rules-form.tsx'
import { numberOf, objectOf } from '../shapes.ts'
import { toast } from '../toasts.tsx'
import { writeFigure } from '../words/figures.ts'
import { write } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import '../settings/settings.css'

const nothing: ProductView = {
  ...{ gtin: '', name: '', profile: { ruleSet: 'pharma-2-8' }, rangeC: null },
  ...{ ruleSet: 'pharma-2-8', rules: [], version: 0, updatedAt: null },
}

export default function ProductPage({ params }: PageProps) {
  const gtin = params.gtin ?? ''
  const isNew = gtin === 'new'
  const product = useLoad(isNew ? null : gtin, async (signal) =>
    parseProductView(objectOf(await read(apiPath('products', gtin), {}, signal))),
  )
  const control = useLoad('settings', async (signal) =>
    parseControl(objectOf(await read(apiPath('settings'), {}, signal)).changeControl),
  )
  const [edits, setEdits] = useState(false)
  const shown = isNew ? nothing : product.value
  useHeading(isNew ? write('products.new') : (shown?.name ?? gtin))
  const may = mayAs('admin', 'quality')
  return (
    <div class="page page-narrow">
      {product.problem && <ProblemNote problem={product.problem} />}
      {!shown && !product.problem && <p class="empty">{writeShell('loading')}</p>}
      {shown && !isNew && !edits && (
        <View product={shown} onEdit={may ? () => setEdits(true) : undefined} />
      )}
      {shown && (isNew || edits) && (
        <Edit
          product={shown}
          control={isNew ? 'none' : (control.value ?? 'none')}
          onDone={(saved) => {
            setEdits(false)
            if (isNew) goTo(addressOf(['products', saved]))
            else product.reload()
          }}
          onCancel={() => (isNew ? goTo(addressOf(['products'])) : setEdits(false))}
        />
      )}
      {shown && !isNew && <Changes product={shown} onSigned={product.reload} />}
    </div>
  )
}

function View({ product, onEdit }: { product: ProductView; onEdit: (() => void) | undefined }) {
  const { gtin, rangeC, ruleSet, rules, version, updatedAt } = product
  const range = rangeC
    ? write('product.rangeOf', {
        min: say.temperature(rangeC.min),
        max: say.temperature(rangeC.max),
      })
    : '–'
  return (
    <section class="panel facts" aria-label={write('product.rules')}>
      <dl>
        <Fact name={write('product.range')} value={range} strong />
        <Fact name={write('product.gtin')} value={gtin} />
        <Fact name={write('product.set')} value={ruleSet || write('product.own')} />
        <Fact
          name={write('product.version')}
          value={say.count(version)}
          note={say.time(updatedAt)}
        />
      </dl>
      <h2 class="sub-title">{write('product.rules')}</h2>
      <ul class="rule-lines">
        {rules.map((rule) => (
          <li key={String(rule.id)}>
            <b>{String(rule.id)}</b> {lineOf(rule)}
          </li>
        ))}
      </ul>
      {onEdit && (
        <div class="actions actions-start">
          <button type="button" onClick={onEdit}>
            {write('edit')}
          </button>
        </div>
      )}
    </section>
  )
}

interface EditProps {
  product: ProductView
  control: Control
  onDone(gtin: string): void
  onCancel(): void
}

function Edit({ product, control, onDone, onCancel }: EditProps) {
  const [gtin, setGtin] = useState(product.gtin)
  const [name, setName] = useState(product.name)
  const [reason, setReason] = useState('')
  const [draft, setDraft] = useState(() => draftOf(product.profile, unit.value))
  const [progress, setProgress] = useState('')
  const isNew = product.gtin === ''
  const send = async (): Promise<void> => {
    const profile = profileOf(draft, unit.value)
    if (control === 'none') {
      await tell('PUT', apiPath('products', gtin.trim()), { name: name.trim(), profile })
      toast(write('saved'))
    } else {
      await propose({ gtin: product.gtin, profile, reason: reason.trim(), onProgress: setProgress })
      toast(write('product.proposed'))
    }
    onDone(gtin.trim())
  }
  return (
    <section class="panel form-panel">
      <SendForm
        send={send}
        button={control === 'none' ? writeShell('save') : write('product.propose')}
        onCancel={onCancel}
      >
        <div class="field-row">
          <Field
            id="gtin"
            label={write('product.gtin')}
            required
            readOnly={!isNew}
            maxLength={14}
            value={gtin}
            onInput={setGtin}
          />
          <Field
            id="name"
            label={write('name')}
            required
            readOnly={control !== 'none'}
            maxLength={200}
            value={name}
            onInput={setName}
          />
        </div>
        <RulesForm draft={draft} onChange={setDraft} />
        {control !== 'none' && (
          <Field id="reason" label={write('reason')} required value={reason} onInput={setReason} />
        )}
        <p class="hint" role="status">
          {progress || write(`product.control.${control}`)}
        </p>
      </SendForm>
    </section>
  )
}

/** What a rule says, for those that a form cannot show: its own words. */
function lineOf(rule: Readonly<Record<string, unknown>>): string {
  const rate = rateText(rule)
  if (rate !== '') return rate
  const [draft] = draftOf({ rules: [rule] }, 'C').rules
  if (!draft) {
    const { id: _, ...said } = rule
    return JSON.stringify(said)
  }
  const limit = `${write(`rule.${draft.side}`)} ${say.temperature(Number(draft.degrees))}`
  const allowance = say.minutes(Number(draft.minutes))
  const said =
    draft.kind === 'instant'
      ? writeFigure('rule.instant', { limit })
      : writeFigure(`rule.${draft.kind}`, { limit, allowance })
  return `${said} · ${writeShell(`severity.${draft.severity}`)}`
}

/** Of a rule of quick rises or falls; empty: it is another. */
function rateText({ rise, fall, withinMinutes, severity }: Readonly<Record<string, unknown>>) {
  const by = numberOf(rise) ?? numberOf(fall)
  const within = numberOf(withinMinutes)
  if (by === null || within === null) return ''
  const key = numberOf(rise) === null ? 'rule.fall' : 'rule.rise'
  const said = writeFigure(key, { degrees: say.difference(by, 1), minutes: say.minutes(within) })
  const level = (['critical', 'major', 'minor', 'info'] as const).find((one) => one === severity)
  return level ? `${said} · ${writeShell(`severity.${level}`)}` : said
}
