import { accountAttacks } from './accounts.ts'
import { authorizationAttacks } from './authorization.ts'
import { clientAttacks } from './clients.ts'
import { codeAttacks } from './codes.ts'
import { exhaustionAttacks } from './exhaustion.ts'
import { httpAttacks } from './http.ts'
import { outboundAttacks } from './outbound.ts'
import { pageAttacks } from './pages.ts'
import { senderAttacks } from './sender.ts'
import { sideAttacks } from './side-channels.ts'
import { storageAttacks } from './storage.ts'
import { joseAttacks } from './jose.ts'
import { openidAttacks } from './openid.ts'
import { otherAttacks } from './other-grants.ts'
import { upstreamAttacks } from './upstreams.ts'
import type { AttackSection } from './row.ts'

/** All attacks of the page. */
export const sections: readonly AttackSection[] = [
  authorizationAttacks,
  pageAttacks,
  codeAttacks,
  clientAttacks,
  joseAttacks,
  senderAttacks,
  openidAttacks,
  otherAttacks,
  accountAttacks,
  outboundAttacks,
  httpAttacks,
  storageAttacks,
  exhaustionAttacks,
  sideAttacks,
  upstreamAttacks,
]
