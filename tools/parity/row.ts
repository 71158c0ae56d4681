/** The files that rows name as their proof. */
export const files = {
  page: 'test/oauthlib/bearer-tokens-page.test.ts',
  carried: 'test/oauthlib/carried-claims.test.ts',
  grants: 'test/oauthlib/parity-grants.test.ts',
  primitives: 'test/oauthlib/parity-primitives.test.ts',
  defects: 'test/oauthlib/defects.test.ts',
  requests: 'test/oauthlib/defects-requests.test.ts',
  askScript: 'test/oauthlib/scenarios-authorization.ts',
  tokenScript: 'test/oauthlib/scenarios-token.ts',
  differential: 'test/oauthlib/differential.test.ts',
  extension: 'test/servers/extension.test.ts',
  routing: 'test/servers/routing.test.ts',
  missing: 'test/servers/missing-methods.test.ts',
  cors: 'test/servers/cross-origin.test.ts',
  clientAuth: 'test/rfc6749/2.3-client-authentication.test.ts',
  messages: 'test/rfc6749/3.2-token-endpoint-messages.test.ts',
  code: 'test/rfc6749/4.1-authorization-code.test.ts',
  legacy: 'test/rfc6749/4.2-4.3-legacy-grants.test.ts',
  refresh: 'test/rfc6749/6-refresh-token.test.ts',
  challenge: 'test/rfc6750/3-challenge.test.ts',
  assertion: 'test/rfc7523/3-client-assertion.test.ts',
  pkce: 'test/rfc7636/4-pkce.test.ts',
  device: 'test/rfc8628/3-device-flow.test.ts',
  idToken: 'test/openid/id-token.test.ts',
  openid: 'test/openid/requests.test.ts',
  claims: 'test/tokens/token-claims.test.ts',
  signed: 'test/tokens/signed-token.test.ts',
  forged: 'test/tokens/forged-token.test.ts',
  hostile: 'test/properties/hostile-requests.test.ts',
  parsers: 'test/properties/parsers.test.ts',
  catalogue: 'test/errors/catalogue.test.ts',
  store: 'test/storage/store-validator.test.ts',
  introspecting: 'test/bearer-core/rows-introspection.ts',
  revoking: 'test/bearer-core/rows-revocation.ts',
  issuing: 'test/bearer-core/rows-issuing.ts',
  using: 'test/bearer-core/rows-using.ts',
  jwts: 'test/bearer-core/rows-jwt-issuing.ts',
} as const

/** A test by its file and its title, or the name of its case. */
export type Proof = readonly [file: keyof typeof files, title: string]

/** What became of some names of oauthlib. */
export interface ParityRow {
  readonly names: readonly string[]
  /** Our names; empty where there is nothing of the kind. `Type.member` is a member of an export. */
  readonly exports: readonly string[]
  /** What is different, or why it is not here. */
  readonly note: string
  readonly proofs: readonly Proof[]
}

/** Rows about one module of oauthlib. */
export interface ParitySection {
  readonly title: string
  /** What all names of it begin with. */
  readonly prefix: string
  readonly rows: readonly ParityRow[]
}

const listed = (text: string): readonly string[] => text.split('|').map((part) => part.trim())

/** Names that are kept: `names` and `exports` are separated by `|`. */
export const kept = (
  names: string,
  exports: string,
  note: string,
  ...proofs: readonly [Proof, ...Proof[]]
): ParityRow => ({ names: listed(names), exports: listed(exports), note, proofs })

/** Names that are not here on purpose, with the reason. */
export const leftOut = (names: string, reason: string): ParityRow => ({
  names: listed(names),
  exports: [],
  note: reason,
  proofs: [],
})
