// What a page shows of the server: loads it, keeps the old answer while a new one is on its way,
// loads again when the stream tells of a change or the line comes back, and tries again by itself
// after a failure. Draws nothing.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { type Problem, toProblem } from './client.ts'
import { listen, live } from './stream.ts'

export interface Loaded<T> {
  /** Null: not loaded yet. A failed reload keeps the old value beside its problem. */
  value: T | null
  problem: Problem | null
  busy: boolean
  reload(): void
}

export type Load<T> = (signal: AbortSignal) => Promise<T>

const againMs = 10_000
/** Many events in a short time become one reload. */
const togetherMs = 400

interface State<T> {
  key: string | null
  value: T | null
  problem: Problem | null
  busy: boolean
}

/**
 * Loads whenever `key` changes; null loads nothing. `events`: names of the stream's events after
 * which the answer may be old.
 */
export function useLoad<T>(
  key: string | null,
  load: Load<T>,
  events: readonly string[] = [],
): Loaded<T> {
  const [state, setState] = useState<State<T>>({ key, value: null, problem: null, busy: true })
  const [round, setRound] = useState(0)
  const loadNow = useRef(load)
  loadNow.current = load
  const reload = (): void => setRound((count) => count + 1)
  const names = events.join(' ')

  // Before the page is painted: the question is on its way meanwhile. `round` is asked for by
  // reload: the same question, put again.
  useLayoutEffect(() => {
    if (key === null) return
    const controller = new AbortController()
    const { signal } = controller
    let again: ReturnType<typeof setTimeout> | undefined
    setState((old) => askedAgain(old, key))
    loadNow.current(signal).then(
      (value) => {
        if (!signal.aborted) setState({ key, value, problem: null, busy: false })
      },
      (error: unknown) => {
        if (signal.aborted) return
        const problem = toProblem(error)
        setState((old) => ({ key, value: old.value, problem, busy: false }))
        if (problem.passing) again = setTimeout(reload, againMs)
      },
    )
    return () => {
      controller.abort()
      clearTimeout(again)
    }
  }, [key, round])

  useEffect(() => {
    if (key === null || names === '') return
    let waiting: ReturnType<typeof setTimeout> | undefined
    const stop = listen(names.split(' '), () => {
      waiting ??= setTimeout(() => {
        waiting = undefined
        reload()
      }, togetherMs)
    })
    return () => {
      clearTimeout(waiting)
      stop()
    }
  }, [key, names])

  useEffect(() => {
    let before = live.value
    return live.subscribe((now) => {
      // What happened while nobody listened is not told again: ask for it.
      if (before === 'reconnecting' && now === 'live') reload()
      before = now
    })
  }, [])

  const mine = state.key === key
  return {
    value: mine ? state.value : null,
    problem: mine ? state.problem : null,
    busy: mine ? state.busy : key !== null,
    reload,
  }
}

function askedAgain<T>(old: State<T>, key: string): State<T> {
  if (old.key !== key) return { key, value: null, problem: null, busy: true }
  return old.busy ? old : { ...old, busy: true }
}
