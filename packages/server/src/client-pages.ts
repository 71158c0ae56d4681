import type { Client, Store } from 'grantry'

const pageSize = 500

/** All clients, a page of them at a time, in the order of their ids, from the first after `from`. */
export async function* clientPages(store: Pick<Store, 'listClients'>, from = ''): AsyncGenerator<readonly Client[]> {
  for (let after: string | undefined = from; after !== undefined;) {
    const page: readonly Client[] = await store.listClients(after, pageSize)
    yield page
    after = page.length < pageSize ? undefined : page.at(-1)?.id
  }
}
