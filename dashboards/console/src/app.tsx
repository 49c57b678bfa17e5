// The console: the sign-in page, or the frame with the page that the address names.

import { me, token } from './session.ts'
import { Shell } from './shell.tsx'
import { FirstPassword, SignIn } from './sign-in.tsx'

export function App() {
  if (token.value === null) return <SignIn />
  return me.value?.mustChange ? <FirstPassword /> : <Shell />
}
