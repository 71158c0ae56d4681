import { eightTimes, expectCount, expectSame, start, type StoreCheck } from './store-check.ts'

/** Clients and signing keys. */
export const clientChecks: readonly StoreCheck[] = [
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
    name: 'an id taken by 8 callers at once → one client',
    async run(...stores) {
      const made = await eightTimes(stores, (store, index) =>
        store.createClient({ id: 'app', scopes: [String(index)] }),
      )
      expectCount(made, true, 1, 'callers that were told the id was free')
      expectSame((await stores[0].findClient('app'))?.scopes, [String(made.indexOf(true))], 'the client that is kept')
    },
  },
  {
    name: 'a client replaced by 8 callers at once that read the same → one of them',
    async run(...stores) {
      const [store] = stores
      await store.putClient({ id: 'app', secrets: ['sha256:old'], scopes: [] })
      const read = (await store.findClient('app')) ?? { id: 'app' }
      const replaced = await eightTimes(stores, (each, index) =>
        each.replaceClient(read, { ...read, secrets: [`sha256:${index}`] }),
      )
      expectCount(replaced, true, 1, 'callers that were told it was as they had read it')
      const kept = await store.findClient('app')
      expectSame(kept?.secrets, [`sha256:${replaced.indexOf(true)}`], 'the secrets that are kept')
      expectSame(await store.replaceClient({ id: 'other' }, { id: 'other' }), false, 'replacing one that is not there')
    },
  },
  {
    name: 'clients are listed in the order of their ids, page by page',
    async run(store) {
      for (const id of ['c', 'a', 'd', 'b']) await store.putClient({ id })
      const ids = async (after: string, limit: number) => (await store.listClients(after, limit)).map(({ id }) => id)
      expectSame(await ids('', 2), ['a', 'b'], 'the first page')
      expectSame(await ids('b', 10), ['c', 'd'], 'the second page')
      expectSame(await store.deleteClient('c'), true, 'deleting one')
      expectSame(await store.deleteClient('c'), false, 'deleting it again')
      expectSame(await ids('', 10), ['a', 'b', 'd'], 'the rest')
    },
  },
  {
    name: 'signing keys come back, the oldest first',
    async run(store) {
      const key = { keyId: 'k2', algorithm: 'RS256', privateKey: 'pem', createdAt: start }
      await store.putSigningKey({ ...key, keyId: 'k1', createdAt: start + 1 })
      await store.putSigningKey(key)
      expectSame(await store.findSigningKeys(), [key, { ...key, keyId: 'k1', createdAt: start + 1 }], 'the keys')
      await store.putSigningKey({ ...key, privateKey: 'sealed' })
      expectSame((await store.findSigningKeys())[0]?.privateKey, 'sealed', 'a key, replaced')
      expectSame((await store.findSigningKeys()).length, 2, 'how many keys there are')
      expectSame(await store.deleteSigningKey('k2'), true, 'deleting a key')
      expectSame(await store.deleteSigningKey('k2'), false, 'deleting it again')
      expectSame(
        (await store.findSigningKeys()).map(({ keyId }) => keyId),
        ['k1'],
        'the keys that are left',
      )
    },
  },
  {
    name: 'a signing key made by 8 callers at once that know the same newest one → one key',
    async run(...stores) {
      const [store] = stores
      const keyOf = (keyId: string, createdAt: number, algorithm = 'RS256') => ({
        ...{ keyId, algorithm, privateKey: 'pem', createdAt },
      })
      let newest: string | undefined
      for (const round of [1, 2, 3]) {
        const made = await eightTimes(stores, (each, index) =>
          each.createSigningKey(keyOf(`${round}-${index}`, start + round), newest),
        )
        expectCount(made, true, 1, `callers that made the key of round ${round}`)
        newest = `${round}-${made.indexOf(true)}`
        expectSame((await store.findSigningKeys()).map(({ keyId }) => keyId).at(-1), newest, 'the newest key')
      }
      const isMade = (known: string | undefined, algorithm?: string) =>
        store.createSigningKey(keyOf('next', start + 9, algorithm), known)
      expectSame(await isMade(undefined), false, 'a first key where there are some')
      expectSame(await isMade('1-0'), false, 'a key after one that is not the newest')
      await store.deleteSigningKey(newest ?? '')
      expectSame(await isMade(newest), false, 'a key after one that was deleted')
      const [, before] = await store.findSigningKeys()
      expectSame(await isMade(before?.keyId), true, 'a key after the one that is the newest then')
      const other = keyOf('other', start, 'ES256')
      expectSame(await store.createSigningKey(other, undefined), true, 'the first key of another algorithm')
    },
  },
]
