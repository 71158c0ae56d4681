/**
 * What is not tested on a runtime, and why. Files without `tests` are not run; with `tests`, those are known to fail there. One that does
 * not fail any more fails the run, so that no row outlives its reason.
 */
export interface Difference {
  /** Names of runtimes; without, all of them. */
  readonly on?: readonly string[]
  readonly files: readonly string[]
  /** Of which tests, by their names. */
  readonly tests?: RegExp
  readonly reason: string
}

/** Not about a runtime at all. */
const elsewhere: readonly Difference[] = [
  {
    files: [
      'test/server/**',
      'test/reliability/**',
      'test/attacks/{database,hostile-text,http-layer,json-bodies,pages}.test.ts',
      'test/interop/{auth-core,frontchannel-logout,oauth4webapi,oauth4webapi-openid,oidc-client-ts}.test.ts',
      'test/interop/{openid-client,openid-client-openid,passport-oauth2,passport-openidconnect,simple-oauth2}.test.ts',
    ],
    reason: 'They start grantry-server, which is a program for Node.',
  },
  {
    files: [
      'test/{conditions,layers,public-api}.test.ts',
      'test/errors/catalogue.test.ts',
      'test/servers/missing-methods.test.ts',
      'test/attacks/{dependencies,regular-expressions}.test.ts',
    ],
    reason: 'They read the sources, with the linter, the compiler or a bundler.',
  },
  { files: ['test/flow-cost.test.ts'], reason: 'It counts statements of the sources, with the inspector of Node.' },
  {
    files: ['test/docs/**', 'test/adapters/examples.test.ts'],
    reason: 'They run documents and examples on the sources.',
  },
]

const workerd: readonly Difference[] = [
  {
    on: ['workerd'],
    files: ['test/adapters/**', 'test/interop/{mcp,resource}.test.ts', 'test/compat/oauth2-server-class.test.ts'],
    reason: 'They run frameworks and servers for Node.',
  },
  {
    on: ['workerd'],
    files: [
      'test/storage/{postgres,redis,sqlite}*.test.ts',
      'test/rfc7592/stores.test.ts',
      'test/attacks/many-nodes.test.ts',
    ],
    reason: 'They start a database or open one in a file; workerd has neither processes nor node:sqlite.',
  },
  {
    on: ['workerd'],
    files: ['test/oauthlib/{bearer-tokens-generators,bearer-tokens-page,differential}.test.ts'],
    reason: 'They start openssl or Python; workerd has no processes.',
  },
  {
    on: ['workerd'],
    files: ['test/outbound/guarded-fetch.test.ts', 'test/bearer-core/checklist.test.ts'],
    reason: 'They look at connections and raw headers of node:http.',
  },
  {
    on: ['workerd'],
    files: [
      'test/storage/store-contract.test.ts',
      'test/rfc7523/3-assertion-use.test.ts',
      'test/rfc9449/10-code-and-refresh-binding.test.ts',
    ],
    tests: /SqliteStore|in SQLite/,
    reason: 'There is no node:sqlite.',
  },
  {
    on: ['workerd'],
    files: [
      'test/openid/request-uri.test.ts',
      'test/rfc7591/2-jwks-uri.test.ts',
      'test/rfc7591/openid-5-sector-identifier.test.ts',
    ],
    tests: /leads inside|rebinding/,
    reason:
      'The runtime resolves names by itself: what is behind them is for its network to refuse, which is how workerd starts.',
  },
  {
    on: ['workerd'],
    files: ['test/tokens/{encrypted,signed}-token.test.ts'],
    tests: /RSA 1024|of another key|ES256 for RSA/,
    reason: 'Keys in PEM are read by WebCrypto, so a wrong one is refused at its first use and not at the start.',
  },
  {
    on: ['workerd'],
    files: ['test/tokens/signed-token.test.ts'],
    tests: /accepted by jsonwebtoken|seed page/,
    reason: 'The libraries that read the tokens, and openssl, are for Node.',
  },
  {
    on: ['workerd'],
    files: ['test/tokens/platform.test.ts'],
    tests: /^platform\/node.ts > /,
    reason: 'The conditions of workerd choose platform/web.ts, whose tests pass.',
  },
  {
    on: ['workerd'],
    files: ['test/rfc7523/3-client-assertion.test.ts', 'test/fapi2/security-profile.test.ts'],
    tests: /PS256 by the RSA key|by PS256 → taken/,
    reason: 'The assertion is signed by node:crypto, which in workerd ignores the length of the salt.',
  },
  {
    on: ['workerd'],
    files: ['test/keys/key-ring.test.ts', 'test/oauthlib/defects.test.ts', 'test/compat/options.test.ts'],
    tests: /hangs -> given up|random strings come from|nobody listens/,
    reason: 'There is no mock of node:test.',
  },
  {
    on: ['workerd'],
    files: ['test/rfc8705/3-bound-tokens.test.ts'],
    tests: /^(?:oauth4webapi|openid-client) > /,
    reason: 'They speak TLS, with certificates of clients.',
  },
  {
    on: ['workerd'],
    files: ['test/servers/routing.test.ts'],
    tests: /second Authorization header/,
    reason: 'It writes to a socket.',
  },
  {
    on: ['workerd'],
    files: ['test/testing/test-issuer.test.ts'],
    tests: /never comes/,
    reason: 'workerd ends a request that nobody can answer any more.',
  },
  {
    on: ['bun', 'workerd'],
    files: ['test/*/web-runtime.test.ts'],
    reason: 'They bring platform/web.ts into Node by its loader; workerd has it anyhow.',
  },
]

const bunAndDeno: readonly Difference[] = [
  {
    on: ['bun'],
    files: ['test/rfc8705/3-bound-tokens.test.ts'],
    tests: /tls_client_auth|a public client/,
    reason: 'The certificate of a client does not reach the server over the TLS of Bun: it is refused.',
  },
  {
    on: ['deno'],
    files: ['test/rfc8705/2-client-authentication.test.ts', 'test/rfc8705/3-bound-tokens.test.ts'],
    tests: /^tls_client_auth .* → token$|by tls_client_auth/,
    reason:
      'Deno writes the names in a certificate without marking where each ends, so none is read: such clients are refused.',
  },
  {
    on: ['bun', 'deno'],
    files: ['test/testing/test-issuer.test.ts'],
    tests: /a connection that breaks/,
    reason: 'Their fetch asks once more by itself where a connection that was kept open breaks.',
  },
  {
    on: ['bun'],
    files: ['test/vectors/jwe.test.ts'],
    tests: /is as published/,
    reason: 'The test opens the vector for RSA1_5, which Bun does not offer, nor does Grantry.',
  },
  {
    on: ['deno'],
    files: ['test/rfc7523/3-client-assertion.test.ts'],
    tests: /a key that is no point/,
    reason: 'It imports such a key, so the log says that the signature is wrong; the answer is the same.',
  },
  {
    on: ['deno'],
    files: ['test/storage/sqlite-checkpoints.test.ts'],
    tests: /a process that never closes/,
    reason: 'It starts a process with options of Node.',
  },
]

/** All differences there are. */
export const differences: readonly Difference[] = [...elsewhere, ...bunAndDeno, ...workerd]
