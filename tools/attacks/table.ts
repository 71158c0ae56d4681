import { accountAttacks } from './accounts.ts'
import { authorizationAttacks } from './authorization.ts'
import { clientAttacks } from './clients.ts'
import { codeAttacks } from './codes.ts'
import { httpAttacks } from './http.ts'
import { joseAttacks } from './jose.ts'
import { openidAttacks } from './openid.ts'
import { otherAttacks } from './other-grants.ts'
import type { AttackSection } from './row.ts'

/** All attacks of the page. */
export const sections: readonly AttackSection[] = [
  authorizationAttacks,
  codeAttacks,
  clientAttacks,
  joseAttacks,
  openidAttacks,
  otherAttacks,
  accountAttacks,
  httpAttacks,
]
