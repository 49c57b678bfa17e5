// Search from anywhere: type a page, an action, a serial, a logger, and Enter goes there. A field
// with a list (combobox, ARIA 1.2): the focus stays in the field, arrow keys choose.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Dialog } from './dialog.tsx'
import { openLayer, switchUnit } from './navigation.tsx'
import { mayOpen, pages } from './pages.ts'
import { addressOf, goTo } from './router.ts'
import { type Found, find, type Hit, rank } from './search.ts'
import { chooseLanguage, me, signOut, type Theme, theme, wall } from './session.ts'
import { write } from './words/shell.ts'
import { writeTitle } from './words/titles.ts'
import { type Language, languages } from './words.ts'

const askAfterMs = 150
const groupNames = ['found', 'pages', 'actions'] as const

/** Each language by its own name: who reads it finds it. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
}

export function Palette() {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const [found, setFound] = useState<readonly Found[]>([])
  const [busy, setBusy] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  const close = (): void => {
    openLayer.value = null
  }
  useFinding(text, { setFound, setBusy })
  const hits = useMemo(() => hitsOf(text, found), [text, found])
  const active = hits[Math.min(chosen, hits.length - 1)]
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [active])
  const open = (hit: Hit | undefined): void => {
    if (!hit) return
    close()
    hit.run()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by !== undefined) {
      event.preventDefault()
      setChosen((hits.length + Math.min(chosen, hits.length - 1) + by) % Math.max(1, hits.length))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      open(active)
    }
  }
  return (
    <Dialog title={write('search')} bare kind="palette" onClose={close}>
      <input
        class="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={active ? `hit-${active.id}` : undefined}
        aria-label={write('search')}
        placeholder={write('search.hint')}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setChosen(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div
        class="palette-list"
        id="palette-list"
        role="listbox"
        ref={list}
        aria-label={write('search.found')}
      >
        {groupNames.map((group) => (
          <PaletteGroup key={group} group={group} hits={hits} active={active} open={open} />
        ))}
      </div>
      <p class="palette-foot" role="status">
        {busy
          ? write('search.busy')
          : hits.length === 0
            ? write('search.none', { text })
            : write('search.results', { count: hits.length })}
      </p>
    </Dialog>
  )
}

interface GroupProps {
  group: Hit['group']
  hits: readonly Hit[]
  active: Hit | undefined
  open(hit: Hit): void
}

function PaletteGroup({ group, hits, active, open }: GroupProps) {
  const mine = hits.filter((hit) => hit.group === group)
  if (mine.length === 0) return null
  return (
    <fieldset aria-label={write(`search.${group}`)}>
      <p class="palette-group" aria-hidden="true">
        {write(`search.${group}`)}
      </p>
      {mine.map((hit) => (
        <div
          key={hit.id}
          id={`hit-${hit.id}`}
          class="hit"
          role="option"
          tabIndex={-1}
          aria-selected={hit === active}
          onMouseDown={(event) => {
            event.preventDefault()
            open(hit)
          }}
        >
          <span>{hit.label}</span>
          <small>{hit.note}</small>
        </div>
      ))}
    </fieldset>
  )
}

interface Finding {
  setFound(found: readonly Found[]): void
  setBusy(busy: boolean): void
}

/** Asks the server when the typing pauses; an answer to an older text is dropped. */
function useFinding(text: string, { setFound, setBusy }: Finding): void {
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    setBusy(text.trim().length >= 2)
    const timer = setTimeout(() => {
      find(text, signal).then((found) => {
        if (signal.aborted) return
        setFound(found)
        setBusy(false)
      })
    }, askAfterMs)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [text])
}

function hitsOf(text: string, found: readonly Found[]): Hit[] {
  const things = found.map(
    (thing): Hit => ({
      id: thing.address.replace(/\W+/g, '-'),
      group: 'found',
      label: thing.label,
      note: thing.note,
      run: () => goTo(thing.address),
    }),
  )
  const own = rank([...pageHits(), ...actionHits()], text)
  return [
    ...things,
    ...own.filter(({ group }) => group === 'pages'),
    ...own.filter(({ group }) => group === 'actions'),
  ]
}

const pageHits = (): Hit[] =>
  pages
    .filter((entry) => entry.nav && mayOpen(entry, me.value?.roles ?? null))
    .map((entry) => ({
      id: `page-${entry.path.replace(/\W+/g, '-')}`,
      group: 'pages',
      label: writeTitle(entry.title),
      note: writeTitle(entry.group),
      run: () => goTo(addressOf(entry.path.split('/'))),
    }))

function actionHits(): Hit[] {
  const action = (id: string, label: string, run: () => void): Hit => {
    return { id, group: 'actions', label, note: '', run }
  }
  const themes: readonly Theme[] = ['auto', 'light', 'dark']
  return [
    action('unit', write('keys.unit'), switchUnit),
    action('wall', write('wall'), () => {
      wall.value = !wall.value
    }),
    action('keys', write('keys'), () => {
      openLayer.value = 'keys'
    }),
    ...themes.map((name) =>
      action(`theme-${name}`, `${write('prefs.theme')}: ${write(`prefs.theme.${name}`)}`, () => {
        theme.value = name
      }),
    ),
    ...languages.map((name) =>
      action(`language-${name}`, `${write('prefs.language')}: ${languageNames[name]}`, () =>
        chooseLanguage(name),
      ),
    ),
    action('sign-out', write('signOut'), () => signOut()),
  ]
}
