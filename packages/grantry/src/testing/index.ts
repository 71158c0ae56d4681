/** For tests: what a store must do to keep the promises of the library, and an issuer for the tests of an application. */
import { clientChecks } from './client-checks.ts'
import { codeChecks } from './code-checks.ts'
import { faultChecks } from './fault-checks.ts'
import { markerChecks } from './marker-checks.ts'
import { rotationChecks } from './rotation-checks.ts'
import type { StoreCheck } from './store-check.ts'
import { ticketChecks } from './ticket-checks.ts'
import { tokenChecks } from './token-checks.ts'

export type { StoreCheck } from './store-check.ts'
export {
  createTestIssuer,
  TestIssuer,
  type ScriptedFailure,
  type TestClient,
  type TestIssuerOptions,
  type TestToken,
  type TestUser,
} from './test-issuer.ts'

/**
 * Everything that a `Store` must do, races included, and what a server over it makes of calls that fail. Run each on a fresh, empty store:
 * `for (const check of storeChecks) test(check.name, () => check.run(openStore()))`.
 */
export const storeChecks: readonly StoreCheck[] = [
  ...clientChecks,
  ...tokenChecks,
  ...codeChecks,
  ...rotationChecks,
  ...ticketChecks,
  ...markerChecks,
  ...faultChecks,
]
