// Who may sign in, and as what. A first password is told once; disabling ends all sessions.
import { useState } from 'preact/hooks'
import { CopyButton } from '../copy-button.tsx'
import { Dialog } from '../dialog.tsx'
import { Field, SendForm } from '../form.tsx'
import { Icon } from '../icons.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { apiPath, read, tell } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import { objectOf, parsePage, textOf } from '../shapes.ts'
import { type Column, Table } from '../table.tsx'
import { toast } from '../toasts.tsx'
import { nameOfRole } from '../words/roles.ts'
import { write } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import '../settings/settings.css'

const roles = ['admin', 'operator', 'quality', 'engineer', 'integration', 'viewer'] as const

interface Person {
  id: string
  printedName: string
  email: string
  roles: string[]
  active: boolean
}

const nobody: Person = { id: '', printedName: '', email: '', roles: ['viewer'], active: true }

export default function People(_: PageProps) {
  const loaded = useLoad(
    'people',
    async (signal) =>
      parsePage(await read(apiPath('people'), { limit: 200 }, signal), parsePerson).items,
    ['changed:people'],
  )
  const [open, setOpen] = useState<Person | null>(null)
  const [told, setTold] = useState<{ name: string; password: string } | null>(null)
  const may = mayAs('admin')
  const columns = columnsFor(may ? setOpen : undefined)
  return (
    <div class="page">
      {told && (
        <div class="one-time" role="status">
          <p>{write('person.password', { name: told.name })}</p>
          <code>{told.password}</code>
          <CopyButton text={told.password} />
        </div>
      )}
      <section class="panel" aria-label={write('people')}>
        <header class="filters">
          <span class="count number">
            {loaded.value && writeShell('table.rows', { count: loaded.value.length })}
          </span>
          {may && (
            <button type="button" class="primary" onClick={() => setOpen(nobody)}>
              <Icon name="plus" />
              {write('people.new')}
            </button>
          )}
        </header>
        {loaded.problem && <ProblemNote problem={loaded.problem} />}
        <Table
          name={write('people')}
          columns={columns}
          rows={loaded.value ?? []}
          keyOf={({ id }) => id}
          empty={loaded.value ? write('people.none') : writeShell('loading')}
        />
      </section>
      {open && (
        <Edit
          person={open}
          onClose={() => setOpen(null)}
          onSaved={(answer) => {
            setOpen(null)
            const password = textOf(answer.password)
            setTold(password === '' ? null : { name: textOf(answer.printedName), password })
            toast(write('saved'))
            loaded.reload()
          }}
        />
      )}
    </div>
  )
}

const columnsFor = (onEdit: ((person: Person) => void) | undefined): Column<Person>[] => [
  {
    key: 'name',
    title: write('person.printed'),
    cell: ({ printedName }) => printedName,
    by: ({ printedName }) => printedName,
  },
  { key: 'id', title: write('person.id'), cell: ({ id }) => id, by: ({ id }) => id, rank: 2 },
  {
    key: 'roles',
    title: write('person.roles'),
    cell: (person) => person.roles.map(nameOfRole).join(', ') || write('none'),
  },
  {
    key: 'status',
    title: write('person.status'),
    cell: ({ active }) => (
      <StatusMark status={write(active ? 'person.active' : 'person.disabled')} />
    ),
    rank: 2,
  },
  ...(onEdit
    ? [
        {
          key: 'edit',
          title: write('edit'),
          cell: (person: Person) => (
            <button
              type="button"
              aria-label={`${write('edit')}: ${person.printedName}`}
              onClick={() => onEdit(person)}
            >
              {write('edit')}
            </button>
          ),
        },
      ]
    : []),
]

interface EditProps {
  person: Person
  onClose(): void
  onSaved(answer: Readonly<Record<string, unknown>>): void
}

function Edit({ person, onClose, onSaved }: EditProps) {
  const [draft, setDraft] = useState(person)
  const isNew = person.id === ''
  const set = (part: Partial<Person>): void => setDraft({ ...draft, ...part })
  const path = apiPath('people', person.id)
  const patch = async (body: object): Promise<void> =>
    onSaved(objectOf(await tell('PATCH', path, body)))
  const send = async (): Promise<void> => {
    const fields = {
      printedName: draft.printedName.trim(),
      email: draft.email.trim() || null,
      roles: draft.roles,
    }
    if (!isNew) return patch(fields)
    onSaved(objectOf(await tell('POST', apiPath('people'), { id: draft.id.trim(), ...fields })))
  }
  return (
    <Dialog title={isNew ? write('people.new') : person.printedName} onClose={onClose}>
      <SendForm
        send={send}
        button={writeShell('save')}
        class="dialog-body stack"
        onCancel={onClose}
      >
        <Field
          id="person-id"
          label={write('person.id')}
          required
          readOnly={!isNew}
          maxLength={100}
          value={draft.id}
          onInput={(id) => set({ id })}
        />
        <Field
          id="person-name"
          label={write('person.printed')}
          hint={write('person.printedHint')}
          required
          maxLength={200}
          value={draft.printedName}
          onInput={(printedName) => set({ printedName })}
        />
        <Field
          id="person-email"
          label={write('person.email')}
          value={draft.email}
          onInput={(email) => set({ email })}
        />
        <Roles chosen={draft.roles} onChange={(chosen) => set({ roles: chosen })} />
        {!isNew && <Acts person={person} patch={patch} />}
      </SendForm>
    </Dialog>
  )
}

function Roles({
  chosen,
  onChange,
}: {
  chosen: readonly string[]
  onChange(roles: string[]): void
}) {
  return (
    <fieldset class="stack">
      <legend>{write('person.roles')}</legend>
      <div class="roles">
        {roles.map((role) => (
          <label key={role} class="check">
            <input
              type="checkbox"
              checked={chosen.includes(role)}
              onChange={() =>
                onChange(roles.filter((one) => (one === role) !== chosen.includes(one)))
              }
            />
            {nameOfRole(role)}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function Acts({ person, patch }: { person: Person; patch(body: object): Promise<void> }) {
  const [problem, setProblem] = useState<{ message: string; remedy: string } | null>(null)
  const act = (body: object): void => {
    patch(body).catch(setProblem)
  }
  return (
    <>
      {problem && <ProblemNote problem={problem} />}
      <div class="actions actions-start">
        <button type="button" onClick={() => act({ resetPassword: true })}>
          {write('person.reset')}
        </button>
        <button
          type="button"
          onClick={() => act({ status: person.active ? 'disabled' : 'active' })}
        >
          {write(person.active ? 'person.disable' : 'person.enable')}
        </button>
      </div>
    </>
  )
}

function parsePerson(json: Readonly<Record<string, unknown>>): Person {
  return {
    id: textOf(json.id),
    printedName: textOf(json.printedName),
    email: textOf(json.email),
    roles: Array.isArray(json.roles) ? json.roles.map(textOf) : [],
    active: json.status !== 'disabled',
  }
}
