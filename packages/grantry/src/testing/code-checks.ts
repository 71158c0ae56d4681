import {
  accessRow,
  codeRow,
  digestOf,
  eightTimes,
  expectCount,
  expectSame,
  fill,
  grantRow,
  isRevoked,
  start,
  type StoreCheck,
} from './store-check.ts'

const consumed = (outcome: unknown): boolean => typeof outcome === 'object'

/** Authorization codes: found once, and what a second use does. */
export const codeChecks: readonly StoreCheck[] = [
  {
    name: 'a code comes back as it was saved',
    async run(store) {
      await fill(store)
      expectSame(await store.consumeCode(digestOf('code'), 'app', start), codeRow('code', 'g'), 'the code')
    },
  },
  {
    name: 'a code without anything optional comes back as it was saved',
    async run(store) {
      const absent = { redirectUri: undefined, codeChallenge: undefined, codeChallengeMethod: undefined }
      const row = codeRow('bare', 'g', { ...absent, scopes: [], resources: [], claims: {}, openid: undefined })
      await store.putCode(row, grantRow('g'))
      expectSame(await store.consumeCode(digestOf('bare'), 'app', start), row, 'the code')
    },
  },
  {
    name: 'a code at 8 callers at once → one row, 7 times reused',
    async run(...stores) {
      for (let round = 0; round < 20; round++) {
        const [code, grantId] = [`code${round}`, `g${round}`]
        await stores[0].putCode(codeRow(code, grantId), grantRow(grantId))
        const outcomes = await eightTimes(stores, (store) => store.consumeCode(digestOf(code), 'app', start))
        expectSame(outcomes.filter(consumed).length, 1, 'callers that got the code')
        expectCount(outcomes, 'reused', 7, 'callers that were told of the reuse')
      }
    },
  },
  {
    name: 'a code used twice before anything was issued → refused, and the first use keeps what it gets',
    async run(store) {
      await store.putCode(codeRow('code', 'g'), grantRow('g'))
      expectSame(consumed(await store.consumeCode(digestOf('code'), 'app', start)), true, 'the first use')
      expectSame(await store.consumeCode(digestOf('code'), 'app', start), 'reused', 'the second use')
      const isLive = await store.putTokens({ grantId: 'g', access: accessRow('access', 'g') })
      expectSame(isLive, true, 'tokens of the first use')
    },
  },
  {
    name: 'a code used twice after tokens were issued → its family is revoked',
    async run(store) {
      await fill(store)
      await store.consumeCode(digestOf('code'), 'app', start)
      expectSame(await isRevoked(store), false, 'revoked after the first use')
      expectSame(await store.consumeCode(digestOf('code'), 'app', start), 'reused', 'the second use')
      expectSame(await isRevoked(store), true, 'revoked after the second use')
      expectSame(await store.putTokens({ grantId: 'g', access: accessRow('late', 'g') }), false, 'later tokens')
    },
  },
  {
    name: 'a code of another client → nothing, and it stays usable',
    async run(store) {
      await fill(store)
      expectSame(await store.consumeCode(digestOf('code'), 'other', start), undefined, 'another client')
      expectSame(consumed(await store.consumeCode(digestOf('code'), 'app', start)), true, 'its own client')
      expectSame(await store.consumeCode(digestOf('code'), 'other', start), undefined, 'another client, later')
      expectSame(await isRevoked(store), false, 'revoked by another client')
    },
  },
  {
    name: 'a code is live until, not at, its expiry',
    async run(store) {
      await fill(store)
      expectSame(await store.consumeCode(digestOf('code'), 'app', start + 60), undefined, 'at its expiry')
      expectSame(consumed(await store.consumeCode(digestOf('code'), 'app', start + 59)), true, 'just before')
      expectSame(await store.consumeCode(digestOf('code'), 'app', start + 60), undefined, 'used, at its expiry')
      expectSame(await isRevoked(store), false, 'revoked')
    },
  },
  {
    name: 'an unknown code → nothing',
    async run(store) {
      expectSame(await store.consumeCode(digestOf('no'), 'app', start), undefined, 'an unknown code')
    },
  },
]
