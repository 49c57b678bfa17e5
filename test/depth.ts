// How deep the random worlds of the tests go: as many of each kind as its test says is usual, or with
// ISOTHERM_TEST_WORLDS=10000 ten times as many, with ten times the time.
export const depth = Number(process.env.ISOTHERM_TEST_WORLDS ?? 1000) / 1000

export const worldsOf = (usual: number): number => Math.max(1, Math.round(usual * depth))

/** A test that takes longer hangs: none is about time, and the slowest takes a third of it. */
export const testTimeoutMs = 180_000 * Math.max(1, depth)

/** A property ends before its test does, so that it can tell its counterexample. */
export const propertyMs = testTimeoutMs - 30_000
