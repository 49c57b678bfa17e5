// A named figure in a list of facts, with a note below it where there is more to say.
import type { ComponentChildren } from 'preact'

export interface FactProps {
  name: string
  value: ComponentChildren
  note?: string | undefined
  strong?: boolean
  wide?: boolean
  alarm?: boolean
}

export function Fact({ name, value, note, strong, wide, alarm }: FactProps) {
  const kind = `${strong ? 'fact-strong' : ''} ${wide ? 'fact-wide' : ''} ${alarm ? 'fact-alarm' : ''}`
  return (
    <div class={`fact ${kind}`}>
      <dt>{name}</dt>
      <dd class="number">{value}</dd>
      {note !== undefined && <dd class="fact-note number">{note}</dd>}
    </div>
  )
}
