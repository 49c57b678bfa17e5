import { describe, expect, it } from 'vitest'
import { parseElementString } from '../domain/gs1/element.ts'
import { temperatureLimitsOf } from '../domain/gs1/limits.ts'

const box = '(00)106141411234567897'
const limitsOf = (text: string) => {
  const elements = parseElementString(text)
  if (!elements.ok) throw new Error(JSON.stringify(elements.refusals))
  const limits = temperatureLimitsOf(elements.value)
  return limits.ok ? limits.value : [limits.refusals[0]!.code, limits.refusals[0]!.at]
}

describe('temperature limits on a label', () => {
  it('are hundredths of a degree, with a hyphen behind them for minus', () => {
    expect(limitsOf(`${box}(4331)000800(4333)000200`)).toEqual({ minC: 2, maxC: 8 })
    expect(limitsOf(`${box}(4331)001500-(4333)002505-`)).toEqual({ minC: -25.05, maxC: -15 })
    expect(limitsOf(`${box}(4333)000000-`)).toEqual({ minC: 0 })
    expect(limitsOf(box)).toEqual({})
  })

  it('in °F become °C', () => {
    expect(limitsOf(`${box}(4330)004640(4332)003560`)).toEqual({ minC: 2, maxC: 8 })
    expect(limitsOf(`${box}(4332)004000-`)).toEqual({ minC: -40 })
    expect(limitsOf(`${box}(4330)003200`)).toEqual({ maxC: 0 })
  })

  it('are refused without a container, in two units for one side, and the wrong way round', () => {
    expect(limitsOf('(01)09506000134352(4331)000800')).toEqual(['gs1/ai-combination', 24])
    expect(limitsOf(`${box}(4330)004640(4331)000800`)).toEqual(['gs1/ai-combination', 40])
    expect(limitsOf(`${box}(4331)000200(4333)000800`)).toEqual(['gs1/content', 28])
  })
})
