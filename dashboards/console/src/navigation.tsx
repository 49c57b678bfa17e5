// The ways to the pages: a rail at the side of a desk, a bar at the bottom of a phone with the rest
// in a sheet. Shows what the roles of the reader open. Decides nothing: pages.ts lists the pages.
import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Dialog } from './dialog.tsx'
import { Icon } from './icons.tsx'
import { type Group, groups, mayOpen, type PageEntry, pageAt, pages } from './pages.ts'
import { keepLikings, openAlerts } from './pulse.ts'
import { addressOf, place } from './router.ts'
import { me, signOut, unit, wall } from './session.ts'
import { write } from './words/shell.ts'
import { writeTitle } from './words/titles.ts'

/** What lies above the page. */
export const openLayer = signal<'search' | 'keys' | 'nav' | null>(null)

/** What the page is about, when its title alone does not say it. */
export const heading = signal<string | null>(null)

export function useHeading(text: string | null): void {
  useEffect(() => {
    heading.value = text
  }, [text])
}

export const switchUnit = (): void => {
  unit.value = unit.value === 'C' ? 'F' : 'C'
  void keepLikings({ unit: unit.value })
}

export function Rail() {
  return (
    <nav class="rail" aria-label={write('nav')}>
      <a class="brand" href={addressOf([])}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path class="brand-limit" d="M2 10h28" />
          <path class="brand-line" d="M2 25h8v-7h7V5h6v13h7" />
        </svg>
        <span>Isotherm</span>
      </a>
      <Groups folds="settings" />
    </nav>
  )
}

export function BottomBar() {
  const shown = allowed().filter(({ nav }) => nav?.phone)
  return (
    <nav class="bottom-bar" aria-label={write('nav')}>
      {shown.map((entry) => (
        <PageLink key={entry.path} entry={entry} />
      ))}
      <button type="button" class="page-link" onClick={() => (openLayer.value = 'search')}>
        <Icon name="search" />
        <span>{write('search')}</span>
      </button>
      <button
        type="button"
        class="page-link"
        aria-haspopup="dialog"
        onClick={() => (openLayer.value = 'nav')}
      >
        <Icon name="more" />
        <span>{write('more')}</span>
      </button>
    </nav>
  )
}

/** All pages and the actions, for phones. */
export function NavSheet() {
  const close = (): void => {
    openLayer.value = null
  }
  return (
    <Dialog title={write('nav')} kind="sheet" onClose={close}>
      {/* A link that was followed has done its work: the sheet goes. */}
      <nav class="sheet-nav" aria-label={write('nav')} onClickCapture={() => setTimeout(close)}>
        <Groups />
        <div class="rail-group">
          <button type="button" class="page-link" onClick={() => (wall.value = true)}>
            <Icon name="wall" />
            <span>{write('wall')}</span>
          </button>
          <button type="button" class="page-link" onClick={() => signOut()}>
            <Icon name="out" />
            <span>{write('signOut')}</span>
          </button>
        </div>
      </nav>
    </Dialog>
  )
}

/** `folds`: what is seldom wanted is folded, so that all the rest is seen at once. */
function Groups({ folds }: { folds?: Group }) {
  const entries = allowed()
  return (
    <>
      {groups.map((group) => {
        const mine = entries.filter((entry) => entry.group === group)
        const Shown = group === folds ? FoldedGroup : PageGroup
        return mine.length > 0 && <Shown key={group} group={group} entries={mine} />
      })}
    </>
  )
}

/** Open while one of its pages is, and when somebody opened it. */
function FoldedGroup({ group, entries }: GroupProps) {
  const here = pageAt(place.value)?.entry.group === group
  const [open, setOpen] = useState(here)
  useEffect(() => setOpen(here), [here])
  return (
    <div class="rail-group rail-fold">
      <button type="button" class="page-link" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="sliders" />
        <span>{writeTitle(group)}</span>
        <Icon name={open ? 'down' : 'right'} />
      </button>
      {open && <PageLinks entries={entries} />}
    </div>
  )
}

interface GroupProps {
  group: Group
  entries: readonly PageEntry[]
}

function PageGroup({ group, entries }: GroupProps) {
  return (
    <div class="rail-group">
      <h2>{writeTitle(group)}</h2>
      <PageLinks entries={entries} />
    </div>
  )
}

function PageLinks({ entries }: { entries: readonly PageEntry[] }) {
  return (
    <ul>
      {entries.map((entry) => (
        <li key={entry.path}>
          <PageLink entry={entry} />
        </li>
      ))}
    </ul>
  )
}

function PageLink({ entry }: { entry: PageEntry }) {
  const here = pageAt(place.value)?.entry
  // A page without a place in the navigation belongs to the one its address begins with.
  const current = here === entry || (here && !here.nav && here.path.startsWith(`${entry.path}/`))
  const count = entry.path === 'alerts' ? openAlerts.value : null
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    // On a low screen the rail scrolls: where one is stays in sight.
    if (current) link.current?.scrollIntoView({ block: 'nearest' })
  }, [current])
  return (
    <a
      ref={link}
      class="page-link"
      href={addressOf(entry.path.split('/'))}
      aria-current={current ? 'page' : undefined}
    >
      <Icon name={entry.nav?.icon ?? 'file'} />
      <span>{writeTitle(entry.title)}</span>
      {count !== null && count !== '0' && <b class="badge number">{count}</b>}
    </a>
  )
}

const allowed = (): PageEntry[] =>
  pages.filter((entry) => entry.nav && mayOpen(entry, me.value?.roles ?? null))
