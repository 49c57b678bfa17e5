// What the roles of the reader allow on quality pages, so that nobody is led to what the server
// will refuse. Unknown roles (an access token of an older server): everything is shown, the server
// decides. As api/roles.ts has them.
import { me } from '../session.ts'

const holds = (...roles: string[]): boolean =>
  me.value === null || roles.some((role) => me.value?.roles.includes(role))

export const mayDecide = (): boolean => holds('admin', 'quality')
/** To acknowledge, assign, comment. */
export const mayStep = (): boolean => holds('admin', 'quality', 'operator')
export const mayReadDecisions = (): boolean =>
  holds('admin', 'operator', 'quality', 'engineer', 'integration')
export const mayInvestigate = (): boolean => holds('admin', 'quality', 'engineer')
/** The second component of a signature: people give their password, keys their token. */
export const signsWith = (): 'password' | 'token' =>
  me.value?.kind === 'person' ? 'password' : 'token'
