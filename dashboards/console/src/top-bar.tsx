// The line above the page: what it is about, whether it is live, how far the data reach, in which
// zone; search and wall screen. Below it, when the line to the server is lost, a banner says so.
import { signal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import { formatTime, formatZone } from './format.ts'
import { Icon } from './icons.tsx'
import { heading, openLayer } from './navigation.tsx'
import { addressOf } from './router.ts'
import { look, me, signOut, wall, zone } from './session.ts'
import { dataUpTo, live } from './stream.ts'
import { write } from './words/shell.ts'

export interface TopBarProps {
  title: RefObject<HTMLHeadingElement | null>
  name: string
  /** The page is about one thing, which is named once it is known: its room is kept. */
  about: boolean
}

export function TopBar({ title, name, about }: TopBarProps) {
  return (
    <header class="top">
      <div class={`top-title ${about ? 'top-about' : ''}`}>
        <h1 ref={title} tabIndex={-1}>
          {heading.value ? (
            <>
              <span class="top-kind">{name}</span> {heading.value}
            </>
          ) : (
            name
          )}
        </h1>
        <LineState />
      </div>
      <div class="controls">
        <button
          type="button"
          class="search-button"
          aria-keyshortcuts="Control+K"
          onClick={() => (openLayer.value = 'search')}
        >
          <Icon name="search" />
          <span>{write('search')}</span>
          <kbd>Ctrl K</kbd>
        </button>
        {!wall.value && (
          <button
            type="button"
            class="icon-button desk"
            aria-label={write('keys')}
            title={write('keys')}
            onClick={() => (openLayer.value = 'keys')}
          >
            <Icon name="keyboard" />
          </button>
        )}
        <button
          type="button"
          class={`icon-button ${wall.value ? '' : 'desk'}`}
          aria-label={write(wall.value ? 'wall.leave' : 'wall')}
          title={write(wall.value ? 'wall.leave' : 'wall')}
          onClick={() => (wall.value = !wall.value)}
        >
          <Icon name={wall.value ? 'close' : 'wall'} />
        </button>
        {!wall.value && <Account />}
      </div>
    </header>
  )
}

/** Who is signed in leads to what they prefer; leaving is a button of its own. */
function Account() {
  const name = me.value?.name
  return (
    <>
      {name && (
        <a class="button desk quiet" href={addressOf(['preferences'])}>
          <Icon name="people" />
          <span class="who" title={name}>
            {name}
          </span>
        </a>
      )}
      <button
        type="button"
        class="icon-button desk"
        aria-label={write('signOut')}
        title={write('signOut')}
        onClick={() => signOut()}
      >
        <Icon name="out" />
      </button>
    </>
  )
}

function LineState() {
  const upTo = dataUpTo.value
  return (
    <p class="state">
      <span class={`live live-${live.value}`}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          {live.value === 'live' ? (
            <circle cx="8" cy="8" r="5.5" />
          ) : (
            <path d="M8 2.5a5.5 5.5 0 1 1-5.2 3.7" />
          )}
        </svg>
        <span class="live-word">{write(`live.${live.value}`)}</span>
      </span>
      <span class="number">
        {upTo === null ? write('upTo.none') : write('upTo', { time: formatTime(upTo, look.value) })}
      </span>
      <a class="zone" href={addressOf(['preferences'])}>
        {write('zone', { zone: formatZone(zone.value, upTo ?? Date.now()) })}
      </a>
    </p>
  )
}

const online = signal(true)

/** A first connecting is no loss; a lost line is told at once, and so is its return. */
export function LineBanner() {
  useEffect(() => {
    const see = (): void => {
      online.value = navigator.onLine
    }
    addEventListener('online', see)
    addEventListener('offline', see)
    see()
    return () => {
      removeEventListener('online', see)
      removeEventListener('offline', see)
    }
  }, [])
  const lost = live.value === 'reconnecting'
  return (
    <div role="status">
      {lost && (
        <p class="line-banner">
          <Icon name="alert" />
          <span>{write(online.value ? 'live.lost' : 'live.offline')}</span>
        </p>
      )}
    </div>
  )
}
