import {
  accessRow,
  codeRow,
  digestOf,
  eightTimes,
  expectSame,
  fill,
  grantRow,
  isRevoked,
  refreshRow,
  rotationOf,
  start,
  type StoreCheck,
} from './store-check.ts'

/** Tokens, their revocation and clean-up. */
export const tokenChecks: readonly StoreCheck[] = [
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
    name: 'an access token may be of another client or user than its family',
    async run(store) {
      await fill(store)
      const changes = { other: { clientId: 'api' }, nobody: { userId: undefined }, bob: { userId: 'bob' } }
      for (const [token, change] of Object.entries(changes)) {
        const row = accessRow(token, 'g', change)
        expectSame(await store.putTokens({ grantId: 'g', access: row }), true, `saving ${token}`)
        expectSame(await store.findAccessToken(row.digest, start), row, token)
      }
      const first = accessRow('first', 'h', { clientId: 'api' })
      await store.putTokens({ grant: grantRow('h'), access: first })
      expectSame(await store.findAccessToken(first.digest, start), first, 'the first of a family')
      const rotated = accessRow('rotated', 'g', { clientId: 'api' })
      await store.rotateRefreshToken(rotationOf('1', { access: rotated }))
      expectSame(await store.findAccessToken(rotated.digest, start), rotated, 'of a rotation')
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
      await store.revokeAccessToken(digestOf('access'), start + 600, start)
      expectSame(await store.findAccessToken(digestOf('access'), start), undefined, 'the access token')
      expectSame((await store.findRefreshToken(digestOf('refresh'))) !== undefined, true, 'the refresh token is live')
      await store.revokeAccessToken(digestOf('access'), start + 600, start)
    },
  },
  {
    name: 'a token without a row is over once it is revoked, until it expires by itself',
    async run(store) {
      const [one, two] = [digestOf('self-contained'), digestOf('another')]
      expectSame(await store.isRevoked(one, undefined, start), false, 'over before')
      await store.revokeAccessToken(one, start + 60, start)
      expectSame(await store.isRevoked(one, undefined, start + 59), true, 'over afterwards')
      expectSame(await store.isRevoked(two, undefined, start), false, 'another one is over')
      expectSame(await store.sweep(start + 59, 10), 0, 'what was deleted before it expired')
      expectSame(await store.isRevoked(one, undefined, start + 59), true, 'over after clean-up')
    },
  },
  {
    name: 'a token without a row is over with its family, which is kept as long as the token lives',
    async run(store) {
      const token = digestOf('self-contained')
      await store.putCode(codeRow('code', 'g'), grantRow('g'))
      expectSame(await store.putTokens({ grantId: 'g', liveUntil: start + 3600 }), true, 'saving nothing but the time')
      await store.sweep(start + 3599, 100)
      expectSame(await store.isRevoked(token, 'g', start + 3599), false, 'over after the code was cleaned up')
      expectSame(await store.isRevoked(token, 'no', start), true, 'over with a family that is not there')
      await store.revokeGrant('g', start)
      expectSame(await store.isRevoked(token, 'g', start), true, 'over after revocation')
    },
  },
  {
    name: 'the families of a user, of a client, or of both are revoked together',
    async run(store) {
      const families = [
        ['a', 'ann', 'app'],
        ['b', 'ann', 'other'],
        ['c', 'bob', 'app'],
      ] as const
      for (const [id, userId, clientId] of families) {
        const grant = { ...grantRow(id), userId, clientId }
        await store.putTokens({ grant, refresh: refreshRow(id, id) })
      }
      const live = async () => {
        const found = await Promise.all(families.map(async ([id]) => store.findRefreshToken(digestOf(id))))
        return families.filter((_, index) => found[index] !== undefined).map(([id]) => id)
      }
      expectSame(await store.revokeGrants({ userId: 'ann', clientId: 'app' }, start), 1, 'families of both')
      expectSame(await live(), ['b', 'c'], 'what is left')
      expectSame(await store.revokeGrants({ userId: 'ann' }, start), 1, 'families of the user')
      expectSame(await live(), ['c'], 'what is left then')
      expectSame(await store.revokeGrants({ clientId: 'app' }, start), 1, 'families of the client')
      expectSame(await live(), [], 'what is left at the end')
    },
  },
  {
    name: 'revoking the families of a session → those that end with it, also of one client, however they began; no others',
    async run(store) {
      const families = [
        ['a', 's1', 'app'],
        ['b', 's1', 'other'],
        ['c', 's2', 'app'],
        ['d', undefined, 'app'],
      ] as const
      for (const [id, sessionId, clientId] of families) {
        const grant = { ...grantRow(id), sessionId, clientId }
        if (id === 'b') await store.putCode(codeRow(`code ${id}`, id, { clientId }), grant)
        const family = id === 'b' ? { grantId: id } : { grant }
        await store.putTokens({ ...family, refresh: refreshRow(id, id) })
      }
      const live = async () => {
        const found = await Promise.all(families.map(async ([id]) => store.findRefreshToken(digestOf(id))))
        return families.filter((_, index) => found[index] !== undefined).map(([id]) => id)
      }
      expectSame(await store.revokeGrants({ sessionId: 's1', clientId: 'app' }, start), 1, 'families of both')
      expectSame(await store.revokeGrants({ sessionId: 's1', userId: 'nobody' }, start), 0, 'families of another user')
      expectSame(await live(), ['b', 'c', 'd'], 'what is left')
      expectSame(await store.revokeGrants({ sessionId: 's1' }, start), 1, 'families of the session')
      expectSame(await live(), ['c', 'd'], 'what is left at the end')
      expectSame(await store.revokeGrants({ sessionId: 's1' }, start), 0, 'a second time')
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
    name: 'clean-up by 8 callers beside traffic → nothing live is touched, nothing is deleted twice',
    async run(...stores) {
      const [store] = stores
      for (let index = 0; index < 40; index++)
        await store.putTokens({ access: accessRow(`old${index}`, undefined, { expiresAt: start + 10 }) })
      const traffic = Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const id = `new${index}`
          await store.putTokens({ grant: grantRow(id), access: accessRow(id, id), refresh: refreshRow(id, id) })
        }),
      )
      const deleted = await eightTimes(stores, (each) => each.sweep(start + 10, 100))
      await traffic
      const last = await store.sweep(start + 10, 100)
      expectSame(
        deleted.reduce((sum, each) => sum + each, last),
        40,
        'what was deleted',
      )
      for (let index = 0; index < 20; index++) {
        const found = await store.findAccessToken(digestOf(`new${index}`), start)
        expectSame(found !== undefined, true, 'a token that was saved meanwhile is live')
      }
    },
  },
  {
    name: 'nothing is forgotten before its time',
    async run(store) {
      await fill(store)
      await store.consumeCode(digestOf('code'), 'app', start)
      await store.markSeen('dpop', digestOf('jti'), start + 600, start)
      expectSame(await store.sweep(start + 59, 100), 0, 'what was deleted while all of it lives')
      expectSame(await store.sweep(start + 599, 100), 1, 'what was deleted with the code alone expired')
      expectSame((await store.findAccessToken(digestOf('access'), start + 599)) !== undefined, true, 'access token')
      expectSame(await store.markSeen('dpop', digestOf('jti'), start + 900, start + 599), false, 'seen before')
      expectSame((await store.findRefreshToken(digestOf('refresh'))) !== undefined, true, 'refresh token')
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
