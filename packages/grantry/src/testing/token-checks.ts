import {
  accessRow,
  codeRow,
  digestOf,
  expectSame,
  fill,
  grantRow,
  isRevoked,
  refreshRow,
  start,
  type StoreCheck,
} from './store-check.ts'

/** Clients, keys, tokens, revocation and clean-up. */
export const tokenChecks: readonly StoreCheck[] = [
  {
    name: 'a client comes back as it was saved',
    async run(store) {
      const client = {
        id: 'app',
        secrets: ['sha256:x'],
        redirectUris: ['https://app.example/cb?x=1'],
        scopes: ['read'],
      }
      await store.putClient(client)
      expectSame(await store.findClient('app'), client, 'the client')
      expectSame(await store.findClient('App'), undefined, 'an id in another case')
      await store.putClient({ id: 'app' })
      expectSame(await store.findClient('app'), { id: 'app' }, 'the client, replaced')
    },
  },
  {
    name: 'signing keys come back, the oldest first',
    async run(store) {
      const key = { keyId: 'k1', algorithm: 'RS256', privateKey: 'pem', createdAt: start }
      await store.putSigningKey(key)
      await store.putSigningKey({ ...key, keyId: 'k2', createdAt: start + 1 })
      expectSame(await store.findSigningKeys(), [key, { ...key, keyId: 'k2', createdAt: start + 1 }], 'the keys')
      await store.putSigningKey({ ...key, privateKey: 'sealed' })
      expectSame((await store.findSigningKeys())[0]?.privateKey, 'sealed', 'a key, replaced')
      expectSame((await store.findSigningKeys()).length, 2, 'how many keys there are')
    },
  },
  {
    name: 'tokens come back as they were saved',
    async run(store) {
      await fill(store)
      expectSame(await store.findAccessToken(digestOf('access'), start), accessRow('access', 'g'), 'access token')
      expectSame(await store.findRefreshToken(digestOf('refresh')), refreshRow('refresh', 'g'), 'refresh token')
    },
  },
  {
    name: 'a token of a client for itself needs no family',
    async run(store) {
      const row = accessRow('own', undefined, { audience: [], claims: {} })
      expectSame(await store.putTokens({ access: row }), true, 'saving it')
      expectSame(await store.findAccessToken(digestOf('own'), start), row, 'the token')
    },
  },
  {
    name: 'tokens can start a family',
    async run(store) {
      const tokens = { grant: grantRow('g'), access: accessRow('access', 'g'), refresh: refreshRow('refresh', 'g') }
      expectSame(await store.putTokens(tokens), true, 'saving them')
      expectSame(await isRevoked(store), false, 'revoked')
      await store.revokeGrant('g', start)
      expectSame(await isRevoked(store), true, 'revoked, after revocation')
    },
  },
  {
    name: 'tokens for an unknown or revoked family → false, nothing saved',
    async run(store) {
      await fill(store)
      await store.revokeGrant('g', start)
      for (const grantId of ['no', 'g']) {
        const tokens = { grantId, access: accessRow('late', grantId), refresh: refreshRow('late', grantId) }
        expectSame(await store.putTokens(tokens), false, `saving tokens of ${grantId}`)
        expectSame(await store.findAccessToken(digestOf('late'), start), undefined, 'the access token')
        expectSame(await store.findRefreshToken(digestOf('late')), undefined, 'the refresh token')
      }
    },
  },
  {
    name: 'an access token is live until, not at, its expiry',
    async run(store) {
      await fill(store)
      expectSame((await store.findAccessToken(digestOf('access'), start + 599)) !== undefined, true, 'just before')
      expectSame(await store.findAccessToken(digestOf('access'), start + 600), undefined, 'at its expiry')
    },
  },
  {
    name: 'a revoked access token is gone, the rest of its family is not',
    async run(store) {
      await fill(store)
      await store.revokeAccessToken(digestOf('access'))
      expectSame(await store.findAccessToken(digestOf('access'), start), undefined, 'the access token')
      expectSame((await store.findRefreshToken(digestOf('refresh'))) !== undefined, true, 'the refresh token is live')
      await store.revokeAccessToken(digestOf('access'))
    },
  },
  {
    name: 'saving tokens against revocation → nothing of a revoked family is ever live',
    async run(store, other = store) {
      for (let round = 0; round < 20; round++) {
        const id = `g${round}`
        await store.putCode(codeRow(`code${round}`, id), grantRow(id))
        await Promise.all([store.putTokens({ grantId: id, access: accessRow(id, id) }), other.revokeGrant(id, start)])
        expectSame(await store.findAccessToken(digestOf(id), start), undefined, 'a token of a revoked family')
      }
    },
  },
  {
    name: 'sweep deletes what expired, up to the limit, and nothing else',
    async run(store) {
      for (const id of ['a', 'b', 'c', 'd', 'e']) await store.putCode(codeRow(id, id), grantRow(id))
      await fill(store)
      expectSame(await store.sweep(start + 59, 100), 0, 'rows that expired before 59 seconds')
      expectSame(await store.sweep(start + 60, 4), 4, 'codes, up to the limit')
      expectSame(await store.sweep(start + 60, 4), 2, 'the other codes')
      expectSame(await isRevoked(store), false, 'tokens are gone')
      expectSame(await store.sweep(start + 1000, 100), 2, 'tokens')
      expectSame(await store.findRefreshToken(digestOf('refresh')), undefined, 'the refresh token')
      expectSame(
        await store.putTokens({ grantId: 'g', access: accessRow('late', 'g') }),
        false,
        'a family without rows',
      )
    },
  },
]
