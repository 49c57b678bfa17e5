// Bounds of all properties of the tests. Without them one that fails goes on looking for a smaller
// counterexample until the test's own time is over, tells none, and its last run spoils the tests
// after it: so it ends before that, with the smallest one so far and its seed. A property that holds
// but is not through by then fails too, with its seed: it never passes half looked at.
import fc from 'fast-check'
import { propertyMs } from './depth.ts'

fc.configureGlobal({ interruptAfterTimeLimit: propertyMs, markInterruptAsFailure: true })
