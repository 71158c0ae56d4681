/** Metadata that differs from good ones in one member. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorOf, good, makeRegistrar, type Json } from '../support/registration.ts'

export type Row = readonly [name: string, change: Json, error: string | undefined]

export const check = (rows: readonly Row[], base: Json = good): void => {
  for (const [name, change, error] of rows) {
    test(`${name} → ${error ?? 'registered'}`, async () => {
      const registrar = await makeRegistrar()
      const response = await registrar.register({ ...base, ...change })
      assert.equal(errorOf(response), error, response.body)
      assert.equal(response.status, error === undefined ? 201 : 400)
      assert.equal(
        (await registrar.store.listClients('', 10)).length,
        error === undefined ? 3 : 2,
        'a refused client is not saved',
      )
    })
  }
}

export const uri = (...uris: unknown[]): Json => ({ redirect_uris: uris })
