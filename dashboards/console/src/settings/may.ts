// Whether the reader holds one of these roles, as api/roles.ts has them; unknown roles see
// everything, and the server decides.
import { me } from '../session.ts'

export const mayAs = (...roles: string[]): boolean =>
  me.value === null || roles.some((role) => me.value?.roles.includes(role))
