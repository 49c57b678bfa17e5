// What panels of a page could not load: said once at its top when several have the same reason, and
// short where it is missing. Outside of a page that does so, a panel says it itself.
import { type Signal, signal } from '@preact/signals'
import { type ComponentChildren, createContext } from 'preact'
import { useContext, useLayoutEffect, useMemo } from 'preact/hooks'
import type { Problem } from './client.ts'
import { ProblemNote } from './marks.tsx'
import { write } from './words/load-problem.ts'

const Told = createContext<Signal<readonly Problem[]> | null>(null)

/** Around a page whose panels load by themselves. */
export function OneNotice({ children }: { children: ComponentChildren }) {
  const told = useMemo(() => signal<readonly Problem[]>([]), [])
  const distinct = new Map(told.value.map((problem) => [problem.message, problem]))
  return (
    <Told.Provider value={told}>
      {[...distinct].map(([message, problem]) => (
        <ProblemNote key={message} problem={problem} />
      ))}
      {children}
    </Told.Provider>
  )
}

/** `kept`: what was loaded before is still shown, so that nothing is missing here. */
export function LoadProblem({ problem, kept }: { problem: Problem | null; kept: boolean }) {
  const told = useContext(Told)
  useLayoutEffect(() => {
    if (!told || !problem) return
    told.value = [...told.peek(), problem]
    return () => {
      told.value = told.peek().filter((one) => one !== problem)
    }
  }, [told, problem])
  if (!problem) return null
  if (!told) return <ProblemNote problem={problem} />
  return kept ? null : <p class="empty">{write('missing')}</p>
}
