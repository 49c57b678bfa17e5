// A way to somebody as a form: where it leads, how it is read, when it may wait. What is secret is
// typed and sent, never shown.
import { useState } from 'preact/hooks'
import { Dialog } from '../dialog.tsx'
import { Choice, Field, SendForm } from '../form.tsx'
import { languageNames } from '../palette.tsx'
import { usePeople } from '../quality/people.ts'
import { apiPath, tell } from '../server.ts'
import { look } from '../session.ts'
import { zonesWith } from '../settings/zones.ts'
import { objectOf } from '../shapes.ts'
import { write } from '../words/notifications.ts'
import { write as writeSettings } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import { languages } from '../words.ts'
import { Clock } from './clock.tsx'
import { type ChannelDraft, channelBody, channelDraft, newChannel } from './drafts.ts'
import { type Channel, isForPeople, vias } from './shapes.ts'

export interface ChannelDialogProps {
  channel: Channel | null
  onClose(): void
  onSaved(answer: Readonly<Record<string, unknown>>): void
}

export function ChannelDialog({ channel, onClose, onSaved }: ChannelDialogProps) {
  const [draft, setDraft] = useState<ChannelDraft>(() =>
    channel ? channelDraft(channel) : newChannel(look.value),
  )
  const isNew = channel === null
  const set = (part: Partial<ChannelDraft>): void => setDraft({ ...draft, ...part })
  const send = async (): Promise<void> => {
    const body = channelBody(draft, isNew)
    const answer = isNew
      ? await tell('POST', apiPath('notification-channels'), body)
      : await tell('PATCH', apiPath('notification-channels', channel.id), body)
    onSaved(objectOf(answer))
  }
  return (
    <Dialog title={channel?.name ?? write('channel.new')} kind="wide" onClose={onClose}>
      <SendForm
        send={send}
        button={writeShell('save')}
        class="dialog-body stack"
        onCancel={onClose}
      >
        <div class="field-row">
          <Field
            id="channel-name"
            label={writeSettings('name')}
            required
            maxLength={100}
            value={draft.name}
            onInput={(name) => set({ name })}
          />
          {isNew && (
            <Choice
              id="channel-via"
              label={write('channel.via')}
              value={draft.via}
              options={vias.map((name) => [name, write(`via.${name}`)] as const)}
              onChange={(via) => set({ via })}
            />
          )}
        </div>
        <Where draft={draft} isNew={isNew} set={set} />
        {!(draft.via === 'email' && draft.to === 'person') && <Likings draft={draft} set={set} />}
        <Pauses draft={draft} set={set} />
      </SendForm>
    </Dialog>
  )
}

interface PartProps {
  draft: ChannelDraft
  set(part: Partial<ChannelDraft>): void
}

function Where({ draft, isNew, set }: PartProps & { isNew: boolean }) {
  const { via, url, routingKey } = draft
  const kept = write(isNew ? 'channel.hidden' : 'channel.kept')
  if (via === 'email') return <Receiver draft={draft} set={set} />
  if (via === 'mqtt') return <p class="hint">{write('channel.mqtt')}</p>
  const isSecret = via === 'slack' || via === 'teams'
  const label =
    via === 'pagerduty' ? 'channel.region' : isSecret ? 'channel.urlSecret' : 'channel.url'
  return (
    <>
      {via === 'pagerduty' && (
        <Field
          id="channel-key"
          label={write('channel.routingKey')}
          hint={kept}
          secret
          autocomplete="off"
          required={isNew}
          value={routingKey}
          onInput={(text) => set({ routingKey: text })}
        />
      )}
      <Field
        id="channel-url"
        label={write(label)}
        {...(isSecret && { hint: kept })}
        {...(via === 'webhook' && isNew && { hint: write('channel.signing') })}
        secret={isSecret}
        autocomplete="off"
        required={via !== 'pagerduty' && (isNew || !isSecret)}
        maxLength={2000}
        value={url}
        onInput={(text) => set({ url: text })}
      />
    </>
  )
}

function Receiver({ draft, set }: PartProps) {
  const people = usePeople()
  return (
    <div class="field-row">
      <Choice
        id="channel-to"
        label={write('channel.to')}
        value={draft.to}
        options={[
          ['address', write('to.address')],
          ['person', write('to.person')],
        ]}
        onChange={(to) => set({ to })}
      />
      {draft.to === 'address' ? (
        <Field
          id="channel-address"
          label={write('channel.address')}
          required
          maxLength={320}
          value={draft.address}
          onInput={(address) => set({ address })}
        />
      ) : (
        <div class="stack">
          <Choice
            id="channel-person"
            label={write('channel.person')}
            value={draft.person}
            options={[
              ['', write('channel.choose')],
              ...people.map(({ id, name }) => [id, name] as const),
            ]}
            onChange={(person) => set({ person })}
          />
          <p class="hint">{write('channel.personHint')}</p>
        </div>
      )}
    </div>
  )
}

function Likings({ draft, set }: PartProps) {
  return (
    <fieldset class="field-row">
      <legend>{write('channel.likings')}</legend>
      <Choice
        id="channel-language"
        label={writeShell('prefs.language')}
        value={draft.language}
        options={languages.map((name) => [name, languageNames[name]] as const)}
        onChange={(language) => set({ language })}
      />
      <Choice
        id="channel-unit"
        label={writeShell('prefs.unit')}
        value={draft.unit}
        options={[
          ['C', '°C'],
          ['F', '°F'],
        ]}
        onChange={(unit) => set({ unit })}
      />
      <Choice
        id="channel-zone"
        label={writeShell('prefs.zone')}
        value={draft.zone}
        options={zonesWith(draft.zone).map((name) => [name, name] as const)}
        onChange={(zone) => set({ zone })}
      />
    </fieldset>
  )
}

function Pauses({ draft, set }: PartProps) {
  return (
    <fieldset class="stack">
      <legend>{write('channel.pauses')}</legend>
      {isForPeople(draft.via) && (
        <>
          <Quiet draft={draft} set={set} />
          <div class="field-row">
            <Choice
              id="channel-digest"
              label={write('digest')}
              value={draft.digest}
              options={[
                ['none', write('digest.none')],
                ['hourly', write('digest.hourly')],
                ['daily', write('digest.daily')],
              ]}
              onChange={(digest) => set({ digest })}
            />
            {draft.digest === 'daily' && (
              <Clock
                id="channel-daily"
                label={write('digest.at')}
                value={draft.dailyAt}
                onInput={(dailyAt) => set({ dailyAt })}
              />
            )}
          </div>
          <label class="check">
            <input
              type="checkbox"
              checked={draft.criticalAtOnce}
              onChange={(event) => set({ criticalAtOnce: event.currentTarget.checked })}
            />
            {write('atOnce')}
          </label>
        </>
      )}
      <Field
        id="channel-spacing"
        label={write('spacing')}
        hint={write('spacing.hint')}
        number
        value={draft.spacing}
        onInput={(spacing) => set({ spacing })}
      />
    </fieldset>
  )
}

function Quiet({ draft, set }: PartProps) {
  return (
    <div class="field-row">
      <label class="check">
        <input
          type="checkbox"
          checked={draft.quiet}
          onChange={(event) => set({ quiet: event.currentTarget.checked })}
        />
        {write('quiet')}
      </label>
      {draft.quiet && (
        <>
          <Clock
            id="quiet-from"
            label={write('quiet.from')}
            value={draft.quietFrom}
            onInput={(quietFrom) => set({ quietFrom })}
          />
          <Clock
            id="quiet-to"
            label={write('quiet.to')}
            value={draft.quietTo}
            onInput={(quietTo) => set({ quietTo })}
          />
        </>
      )}
    </div>
  )
}
