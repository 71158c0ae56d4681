type Stored = Record<string, unknown>

/** Records in memory, shared by providers where one is to read what another wrote. */
export class Records {
  readonly #records = new Map<string, Stored>()
  /** Set while every look-up of a token is to fail with this text. */
  failure: string | undefined

  /** The adapter for one model: the interface that the provider documents. */
  readonly adapterFor = (model: string) => {
    const key = (id: string): string => `${model}:${id}`
    const find = async (id: string): Promise<Stored | undefined> => {
      if (this.failure !== undefined && model === 'AccessToken') throw new Error(this.failure)
      return this.#records.get(key(id))
    }
    return {
      find,
      findByUid: async (uid: string) => [...this.#records.values()].find((record) => record.uid === uid),
      findByUserCode: async (code: string) => [...this.#records.values()].find((record) => record.userCode === code),
      upsert: async (id: string, record: Stored) => void this.#records.set(key(id), record),
      consume: async (id: string) => {
        const record = this.#records.get(key(id))
        if (record !== undefined) record.consumed = Math.floor(Date.now() / 1000)
      },
      destroy: async (id: string) => void this.#records.delete(key(id)),
      revokeByGrantId: async (grantId: string) => {
        for (const [id, record] of this.#records) if (record.grantId === grantId) this.#records.delete(id)
      },
    }
  }
}
