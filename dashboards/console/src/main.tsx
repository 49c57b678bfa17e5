// Starts the console: takes the token, follows the address bar, the server and the data, draws the
// page.
import { render } from 'preact'
import { App } from './app.tsx'
import { openSession } from './session.ts'
import './base.css'
import './panels.css'
import './detail.css'
import './widths.css'
import { followAddress } from './target.ts'
import { watch } from './watch.ts'

openSession()
followAddress()
watch()
const root = document.getElementById('app')
if (root) render(<App />, root)
