// Starts the console: takes the token, follows the address bar and the server, draws the page.
import { render } from 'preact'
import { App } from './app.tsx'
import { openPulse } from './pulse.ts'
import { followAddress } from './router.ts'
import { listenForScans } from './scan/everywhere.ts'
import { openSession } from './session.ts'
import { followPages } from './shell.tsx'
import { openStream } from './stream.ts'
import './base.css'
import './shell.css'
import './panels.css'
import './detail.css'
import './widths.css'

openSession()
listenForScans()
followAddress()
followPages()
openStream()
openPulse()
const root = document.getElementById('app')
if (root) render(<App />, root)
