/** Every store of ours keeps the contract, and the checks find a store that does not. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { CodeRow, NewTokens, Rotation, RotationResult, Store } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { SqliteStore } from 'grantry/storage/sqlite'
import { storeChecks } from 'grantry/testing'

const folder = mkdtempSync(join(tmpdir(), 'grantry-store-'))
after(() => rmSync(folder, { recursive: true }))

let files = 0
/** Each gives the views of one fresh store that several callers may use at once. */
const backends: [name: string, open: () => [Store, ...Store[]]][] = [
  ['MemoryStore', () => [new MemoryStore()]],
  ['SqliteStore in memory', () => [new SqliteStore(':memory:')]],
  [
    'SqliteStore, two connections on one file',
    () => {
      const path = join(folder, `${files++}.db`)
      return [new SqliteStore(path), new SqliteStore(path)]
    },
  ],
]

for (const [name, open] of backends) {
  describe(name, () => {
    for (const check of storeChecks) {
      test(check.name, async () => {
        const stores = open()
        await check.run(...stores)
        for (const store of stores) if (store instanceof SqliteStore) store.close()
      })
    }
  })
}

/** Answers after a moment, as a database does. */
const later = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Looks, and writes in a second step: the mistake that the contract is there to prevent. */
class CheckThenWrite extends MemoryStore {
  readonly #used = new Set<string>()
  readonly #codes = new Map<string, CodeRow>()
  readonly #revoked = new Set<string>()
  readonly #rotated = new Set<string>()

  override putCode(
    code: CodeRow,
    ...rest: Parameters<MemoryStore['putCode']> extends [CodeRow, ...infer Rest] ? Rest : never
  ) {
    this.#codes.set(code.digest, code)
    return super.putCode(code, ...rest)
  }
  override async consumeCode(digest: string, clientId: string, now: number) {
    const isUsed = this.#used.has(digest)
    await later()
    if (isUsed) return super.consumeCode(digest, clientId, now)
    this.#used.add(digest)
    const code = this.#codes.get(digest)
    return code?.clientId === clientId && code.expiresAt > now ? code : undefined
  }
  override async putTokens(tokens: NewTokens) {
    const isLive = tokens.grantId === undefined || !this.#revoked.has(tokens.grantId)
    await later()
    return isLive && super.putTokens({ access: tokens.access && { ...tokens.access, grantId: undefined } })
  }
  override revokeGrant(grantId: string, now: number) {
    this.#revoked.add(grantId)
    return super.revokeGrant(grantId, now)
  }
  override async rotateRefreshToken(rotation: Rotation): Promise<RotationResult> {
    const isRotated = this.#rotated.has(rotation.digest)
    await later()
    if (isRotated) return super.rotateRefreshToken(rotation)
    this.#rotated.add(rotation.digest)
    await super.putTokens({ grantId: rotation.successor.grantId, access: rotation.access, refresh: rotation.successor })
    return { outcome: 'rotated' }
  }
}

describe('A store that checks, then writes', () => {
  const fails = async (name: string): Promise<boolean> => {
    const check = storeChecks.find((each) => each.name.startsWith(name))
    assert.ok(check, `there is a check "${name}"`)
    return check.run(new CheckThenWrite()).then(
      () => false,
      () => true,
    )
  }
  const caught = [
    'a code at 8 callers at once',
    'a rotation at 8 callers at once',
    'saving tokens against revocation',
    'presented again within the grace',
  ]
  for (const name of caught) {
    test(`is caught by "${name} …"`, async () => assert.ok(await fails(name)))
  }
})
