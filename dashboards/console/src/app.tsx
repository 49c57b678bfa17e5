// The console: the sign-in page, or the frame with the page that the address names.

import { token } from './session.ts'
import { Shell } from './shell.tsx'
import { SignIn } from './sign-in.tsx'

export function App() {
  return token.value === null ? <SignIn /> : <Shell />
}
