// A report that is sent again and again, as a form: what, in which form, when, to whom.
import { useState } from 'preact/hooks'
import { Dialog } from '../dialog.tsx'
import { Choice, Field, SendForm } from '../form.tsx'
import { useLoad } from '../load.ts'
import * as d from '../quality/decode.ts'
import { apiPath, read, tell } from '../server.ts'
import { zone as ownZone } from '../session.ts'
import { zonesWith } from '../settings/zones.ts'
import { write } from '../words/schedules.ts'
import { write as writeSettings } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import { Clock } from './clock.tsx'
import { weekdayName } from './rhythm.ts'
import { Checks } from './rule-form.tsx'
import {
  mediaNames,
  mediaOf,
  newSchedule,
  reportKinds,
  type ScheduleDraft,
  scheduleBody,
  scheduleDraft,
  standIns,
} from './schedule-drafts.ts'
import { type Channel, rhythms, type Schedule } from './shapes.ts'

export interface ScheduleDialogProps {
  schedule: Schedule | null
  /** Those by e-mail. */
  channels: readonly Channel[]
  onClose(): void
  onSaved(): void
}

export function ScheduleDialog({ schedule, channels, onClose, onSaved }: ScheduleDialogProps) {
  const [draft, setDraft] = useState<ScheduleDraft>(() =>
    schedule ? scheduleDraft(schedule) : newSchedule(ownZone.value),
  )
  const set = (part: Partial<ScheduleDraft>): void => setDraft({ ...draft, ...part })
  const send = async (): Promise<void> => {
    const path = apiPath('report-schedules', ...(schedule ? [schedule.id] : []))
    await tell(schedule ? 'PUT' : 'POST', path, scheduleBody(draft))
    onSaved()
  }
  return (
    <Dialog title={schedule?.name ?? write('new')} kind="wide" onClose={onClose}>
      <SendForm
        send={send}
        button={writeShell('save')}
        class="dialog-body stack"
        onCancel={onClose}
      >
        <Field
          id="schedule-name"
          label={writeSettings('name')}
          required
          maxLength={100}
          value={draft.name}
          onInput={(name) => set({ name })}
        />
        <What draft={draft} set={set} />
        <When draft={draft} set={set} />
        <Checks
          title={write('to')}
          hint={write('toHint')}
          options={channels.map(({ id, name }) => [id, name])}
          chosen={draft.channels}
          onChange={(chosen) => set({ channels: chosen })}
        />
      </SendForm>
    </Dialog>
  )
}

interface PartProps {
  draft: ScheduleDraft
  set(part: Partial<ScheduleDraft>): void
}

function What({ draft, set }: PartProps) {
  const { kind, media, gtin, lot } = draft
  return (
    <fieldset class="stack">
      <legend>{write('report')}</legend>
      <div class="field-row">
        <Choice
          id="schedule-report"
          label={write('report.which')}
          value={kind}
          options={reportKinds.map((name) => [name, write(`report.${name}`)] as const)}
          onChange={(next) => set({ kind: next, media: mediaOf[next][0] ?? media })}
        />
        <Choice
          id="schedule-media"
          label={write('report.media')}
          value={media}
          options={mediaOf[kind].map((name) => [name, mediaNames[name] ?? name] as const)}
          onChange={(next) => set({ media: next })}
        />
      </div>
      {(kind === 'fsma204' || kind === 'fmd') && (
        <div class="field-row">
          <Field
            id="schedule-gtin"
            label={writeSettings('product.gtin')}
            hint={write(kind === 'fmd' ? 'gtin.one' : 'gtin.any')}
            required={kind === 'fmd'}
            maxLength={14}
            value={gtin}
            onInput={(text) => set({ gtin: text })}
          />
          {kind === 'fmd' && (
            <Field
              id="schedule-lot"
              label={write('lot')}
              maxLength={20}
              value={lot}
              onInput={(text) => set({ lot: text })}
            />
          )}
        </div>
      )}
      {kind === 'recall' && <Recall draft={draft} set={set} />}
      {kind === 'other' && <Other draft={draft} set={set} />}
    </fieldset>
  )
}

const recall = d.shape({ id: d.text, name: d.text })

function Recall({ draft, set }: PartProps) {
  const { value } = useLoad(
    'schedule recalls',
    async (signal) => d.page(recall)(await read(apiPath('recalls'), { limit: 200 }, signal)),
    ['recall.started', 'recall.changed'],
  )
  const known = value?.items.map(({ id, name }) => [id, name] as const) ?? []
  const isKnown = known.some(([id]) => id === draft.recall)
  return (
    <Choice
      id="schedule-recall"
      label={write('recall')}
      value={draft.recall}
      options={[
        ...(isKnown ? [] : [[draft.recall, draft.recall || write('choose')] as const]),
        ...known,
      ]}
      onChange={(id) => set({ recall: id })}
    />
  )
}

function Other({ draft, set }: PartProps) {
  return (
    <>
      <Field
        id="schedule-path"
        label={write('path')}
        required
        maxLength={300}
        value={draft.report}
        onInput={(report) => set({ report })}
      />
      <div class="field">
        <label for="schedule-params">{write('params')}</label>
        <textarea
          id="schedule-params"
          rows={3}
          spellcheck={false}
          aria-describedby="schedule-params-hint"
          value={draft.params}
          onInput={(event) => set({ params: event.currentTarget.value })}
        />
        <p class="hint" id="schedule-params-hint">
          {write('paramsHint', standIns)}
        </p>
      </div>
    </>
  )
}

const numbers = (to: number): string[] => Array.from({ length: to }, (_, at) => String(at + 1))

function When({ draft, set }: PartProps) {
  const { every, weekday, day, at, zone } = draft
  return (
    <fieldset class="stack">
      <legend>{write('when')}</legend>
      <div class="field-row">
        <Choice
          id="schedule-every"
          label={write('every')}
          value={every}
          options={rhythms.map((name) => [name, write(`every.${name}`)] as const)}
          onChange={(next) => set({ every: next })}
        />
        {every === 'week' && (
          <Choice
            id="schedule-weekday"
            label={write('weekday')}
            value={weekday}
            options={numbers(7).map((one) => [one, weekdayName(Number(one))] as const)}
            onChange={(next) => set({ weekday: next })}
          />
        )}
        {every === 'month' && (
          <Choice
            id="schedule-day"
            label={write('day')}
            value={day}
            options={numbers(28).map((one) => [one, one] as const)}
            onChange={(next) => set({ day: next })}
          />
        )}
        <Clock
          id="schedule-at"
          label={write('at')}
          value={at}
          onInput={(next) => set({ at: next })}
        />
        <Choice
          id="schedule-zone"
          label={writeShell('prefs.zone')}
          value={zone}
          options={zonesWith(zone).map((name) => [name, name] as const)}
          onChange={(next) => set({ zone: next })}
        />
      </div>
    </fieldset>
  )
}
