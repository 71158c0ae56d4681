import { sha256Base64url } from '#platform'
import type { AccessTokenRow, CodeRow, GrantRow, RefreshTokenRow, Rotation } from '../storage/store-rows.ts'
import type { Store } from '../storage/store.ts'

/** One thing that a store must do. */
export interface StoreCheck {
  readonly name: string
  /**
   * Runs it on a fresh, empty store. Give two views (connections, pools, processes' clients) of the same data where there can be several: the
   * races then go over all of them. Throws an error that says what was expected.
   */
  run(store: Store, ...more: readonly Store[]): Promise<void>
}

/** When the rows of the checks were made, in seconds since the epoch. */
export const start = 1_800_000_000

/** The digest of a token, as a store is given it. */
export const digestOf = (token: string): string => sha256Base64url(token)

/** A family of the user `ann` at the client `app`. */
export const grantRow = (id: string): GrantRow => ({ id, clientId: 'app', userId: 'ann', createdAt: start })

/** A code that expires after 60 seconds. */
export const codeRow = (token: string, grantId: string, change: Partial<CodeRow> = {}): CodeRow => ({
  ...{ digest: digestOf(token), clientId: 'app', userId: 'ann', grantId, scopes: ['read', 'write'] },
  redirectUri: 'https://app.example/cb',
  codeChallenge: 'challenge',
  codeChallengeMethod: 'S256',
  resources: ['https://api.example/'],
  claims: { acr: 'high', nested: { list: [1, null] } },
  openid: { authTime: start - 5, amr: ['pwd'], nonce: 'n-0S6_WzA2Mj' },
  expiresAt: start + 60,
  ...change,
})

/** An access token that expires after 600 seconds. */
export const accessRow = (
  token: string,
  grantId: string | undefined,
  change: Partial<AccessTokenRow> = {},
): AccessTokenRow => ({
  ...{ digest: digestOf(token), clientId: 'app', userId: grantId === undefined ? undefined : 'ann', grantId },
  ...{ scopes: ['read'], audience: ['https://api.example/'], claims: { note: 'ü' }, openid: undefined },
  ...{ issuedAt: start, expiresAt: start + 600 },
  ...change,
})

/** A refresh token that expires after 1000 seconds, in a family that lives for 10000. */
export const refreshRow = (token: string, grantId: string, change: Partial<RefreshTokenRow> = {}): RefreshTokenRow => ({
  ...{ digest: digestOf(token), clientId: 'app', userId: 'ann', grantId },
  ...{ scopes: ['read', 'write'], resources: [], claims: {} },
  openid: { authTime: start, acr: 'high', claims: { userinfo: ['email'], idToken: [] } },
  ...{ issuedAt: start, expiresAt: start + 1000, familyExpiresAt: start + 10_000 },
  ...change,
})

/** A rotation of the token `refresh` of the family `g`, with a grace of 30 seconds. */
export const rotationOf = (name: string, change: Partial<Rotation> = {}): Rotation => ({
  digest: digestOf('refresh'),
  successor: refreshRow(`successor${name}`, 'g'),
  sealed: `sealed${name}`,
  access: accessRow(`access${name}`, 'g'),
  ...{ now: start, graceSeconds: 30, maxReplays: 100, revokesOnReuse: true },
  ...change,
})

/** Fills a store: grant `g` has the code `code`, the access token `access` and the refresh token `refresh`. */
export const fill = async (store: Store): Promise<void> => {
  await store.putCode(codeRow('code', 'g'), grantRow('g'))
  const tokens = { grantId: 'g', access: accessRow('access', 'g'), refresh: refreshRow('refresh', 'g') }
  expectSame(await store.putTokens(tokens), true, 'saving tokens of a live family')
}

/** Whether the family `g` is revoked. */
export const isRevoked = async (store: Store): Promise<boolean> => {
  const access = await store.findAccessToken(digestOf('access'), start)
  const refresh = await store.findRefreshToken(digestOf('refresh'))
  expectSame(access === undefined, refresh === undefined, 'access and refresh token of a family are revoked together')
  return access === undefined
}

/** Calls eight times at once, over all views of the store. */
export const eightTimes = <Result>(
  stores: readonly [Store, ...Store[]],
  call: (store: Store, index: number) => Result | Promise<Result>,
): Promise<readonly Result[]> =>
  Promise.all(Array.from({ length: 8 }, async (_, index) => call(stores[index % stores.length] ?? stores[0], index)))

/** Text that is equal for equal data: members in order, undefined ones left out. */
const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )

/** Throws where two values differ as data. */
export const expectSame = (actual: unknown, expected: unknown, what: string): void => {
  if (canonical(actual) === canonical(expected)) return
  throw new Error(`${what}: expected ${String(canonical(expected))}, got ${String(canonical(actual))}`)
}

/** Throws where a list has another number of `value`s. */
export const expectCount = (values: readonly unknown[], value: unknown, expected: number, what: string): void =>
  expectSame(values.filter((each) => canonical(each) === canonical(value)).length, expected, what)
