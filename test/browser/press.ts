// Presses the buttons of a page, one after the other, and shuts what they open. Knows no page, and
// waits for nothing but the page's own turn: whoever presses waits for what was asked for.
import type { Page } from 'playwright-core'

/**
 * Names of the buttons in `main` that can be pressed, each once: not those that sort tables, and
 * none of rows of data, whose names have numbers in them.
 */
export async function namesOfButtons(page: Page): Promise<string[]> {
  return (await page.evaluate(`(() => {
    ${buttons}
    return [...new Set(buttons().map(nameOf))].filter((name) => !/\\d{3}/.test(name))
  })()`)) as string[]
}

/** False: there is no such button any more. */
export async function press(page: Page, name: string): Promise<boolean> {
  return (await page.evaluate(`(async () => {
    ${buttons}
    const button = buttons().find((one) => nameOf(one) === ${JSON.stringify(name)})
    button?.click()
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
    return button !== undefined
  })()`)) as boolean
}

/** Whether a dialog stood open. */
export async function shut(page: Page): Promise<boolean> {
  const isOpen = (await page.evaluate(`document.querySelector('dialog[open]') !== null`)) as boolean
  if (isOpen) await page.keyboard.press('Escape')
  return isOpen
}

const buttons = `
  const buttons = () => [...document.querySelectorAll('main button:not([type=submit])')].filter(
    (one) => !one.disabled && !one.closest('th, dialog') && one.checkVisibility(),
  )
  const nameOf = (one) => (one.getAttribute('aria-label') ?? one.textContent).trim()
`
