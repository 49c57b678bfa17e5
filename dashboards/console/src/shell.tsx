// The frame around every page: navigation (a rail on desks, a bar on phones, nothing on walls), the
// state of the line, search, and the page itself, loaded when it is opened. Says what is wrong when
// there is no such page, when roles do not allow it, or when it cannot be loaded.
import { computed, effect, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { comeAndGo, findAgain } from './coming-back.ts'
import { followKeys, type KeyTable } from './keys.ts'
import { BottomBar, heading, NavSheet, openLayer, Rail, switchUnit } from './navigation.tsx'
import { mayOpen, type Opened, type PageEntry, type PageProps, pageAt, pages } from './pages.ts'
import { Palette } from './palette.tsx'
import { openAlerts } from './pulse.ts'
import { addressOf, goTo, place } from './router.ts'
import { me, singleKeys, theme, wall } from './session.ts'
import { Shortcuts } from './shortcuts.tsx'
import { live } from './stream.ts'
import { Toasts } from './toasts.tsx'
import { LineBanner, TopBar } from './top-bar.tsx'
import { nameOfRole } from './words/roles.ts'
import { write } from './words/shell.ts'
import { writeTitle } from './words/titles.ts'

type View = ComponentType<PageProps>

const opened = computed(() => pageAt(place.value))
const views = signal<ReadonlyMap<PageEntry, View | 'broken'>>(new Map())

/** Loads the page of the address at once, not after the frame is drawn, and each one after it. */
export function followPages(): void {
  effect(loadView)
  let before = live.value
  live.subscribe((now) => {
    const entry = opened.peek()?.entry
    // Browsers remember what failed: a page that the lost line kept away comes with a new document.
    const missing = entry !== undefined && views.peek().get(entry) === 'broken'
    if (missing && before === 'reconnecting' && now === 'live') location.reload()
    before = now
  })
}

export function Shell() {
  const main = useRef<HTMLElement>(null)
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => followKeys(keyTable), [])
  useEffect(() => effect(nameWindow), [])
  useEffect(() => {
    let before: string | null = null
    return place.subscribe(({ segments }) => {
      const now = segments.join('/')
      const back = comeAndGo()
      // A filter of the same page leaves the reader where they type.
      if (now === before) return
      const first = before === null
      before = now
      heading.value = null
      if (first) return
      // A new page is read from its top: by eyes and by screen readers.
      scrollTo({ top: 0 })
      title.current?.focus({ preventScroll: true })
      if (back) findAgain()
    })
  }, [])
  return (
    <div class="shell">
      {/* A link would change the address, which belongs to the pages. */}
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {write('skip')}
      </button>
      {!wall.value && <Rail />}
      <div class="stage">
        <TopBar
          title={title}
          name={titleOf(opened.value)}
          about={opened.value?.entry.path.includes(':') ?? false}
        />
        <LineBanner />
        <main id="main" tabIndex={-1} ref={main}>
          <Outlet />
        </main>
      </div>
      {!wall.value && <BottomBar />}
      {openLayer.value === 'search' && <Palette />}
      {openLayer.value === 'keys' && <Shortcuts />}
      {openLayer.value === 'nav' && <NavSheet />}
      <Toasts />
    </div>
  )
}

function Outlet() {
  const { value: at } = opened
  if (!at)
    return (
      <Notice text={write('notFound')} remedy={write('notFound.remedy')}>
        <a class="button" href={addressOf([])}>
          {write('notFound.home')}
        </a>
      </Notice>
    )
  if (!mayOpen(at.entry, me.value?.roles ?? null))
    return (
      <Notice
        text={write('forbidden')}
        remedy={write('forbidden.remedy', {
          roles: at.entry.roles?.map(nameOfRole).join(', ') ?? '',
        })}
      />
    )
  const view = views.value.get(at.entry)
  if (view === 'broken')
    return (
      <Notice text={write('broken')} remedy={write('broken.remedy')}>
        <button type="button" onClick={() => location.reload()}>
          {write('reload')}
        </button>
      </Notice>
    )
  if (!view) return <p class="empty">{write('loading')}</p>
  const Page = view
  // Another thing on the same page begins anew, as a page of its own.
  const key = `${at.entry.path} ${JSON.stringify(at.params)}`
  return <Page key={key} params={at.params} query={place.value.query} />
}

function Notice({ text, remedy, children }: NoticeProps) {
  return (
    <section class="notice panel">
      <h2>{text}</h2>
      <p>{remedy}</p>
      {children}
    </section>
  )
}

interface NoticeProps {
  text: string
  remedy: string
  children?: preact.ComponentChildren
}

const titleOf = (at: Opened | null): string => writeTitle(at ? at.entry.title : 'unknown')

/** The window is named by the page and what it is about, with how many alerts are open. */
function nameWindow(): void {
  const count = openAlerts.value
  const about = [heading.value, titleOf(opened.value), 'Isotherm'].filter((name) => name)
  document.title = `${count && count !== '0' ? `(${count}) ` : ''}${about.join(' · ')}`
}

/** Loads the file of the page that is opened, once. */
function loadView(): void {
  const entry = opened.value?.entry
  if (!entry) return
  const { value: known } = views
  const view = known.get(entry)
  if (view !== undefined && view !== 'broken') return
  if (view === 'broken') return
  entry.load().then(
    (module) => {
      views.value = new Map(views.peek()).set(entry, module.default)
    },
    () => {
      views.value = new Map(views.peek()).set(entry, 'broken')
    },
  )
}

function keyTable(): KeyTable {
  const go: Record<string, () => void> = {}
  for (const { path, nav } of pages)
    if (nav?.key !== undefined) go[nav.key] = () => goTo(addressOf([path]))
  return {
    characters: singleKeys.value,
    go,
    command: {
      k: () => {
        openLayer.value = 'search'
      },
    },
    single: {
      '/': () => {
        openLayer.value = 'search'
      },
      '?': () => {
        openLayer.value = 'keys'
      },
      w: () => {
        wall.value = !wall.value
      },
      u: switchUnit,
      t: () => {
        const dark = matchMedia('(prefers-color-scheme: dark)').matches
        const shown = theme.value === 'auto' ? (dark ? 'dark' : 'light') : theme.value
        theme.value = shown === 'dark' ? 'light' : 'dark'
      },
      Escape: () => {
        wall.value = false
      },
    },
  }
}
