/** Keys in files, as the page about bearer tokens has them. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createVerifier } from 'fast-jwt'
import jsonwebtoken from 'jsonwebtoken'

export const folder = mkdtempSync(join(tmpdir(), 'grantry-keys-'))

after(() => rmSync(folder, { recursive: true }))

/** Keys as an operator makes them: by openssl. */
export const privateKeyPem = execFileSync('openssl', ['genrsa', '2048'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
})

export const publicKeyPem = execFileSync('openssl', ['rsa', '-pubout'], {
  input: privateKeyPem,
  encoding: 'utf8',
  stdio: ['pipe', 'pipe', 'ignore'],
})

export const decode = (token: string): Readonly<Record<string, unknown>> => {
  const claims = jsonwebtoken.verify(token, publicKeyPem, { algorithms: ['RS256'], clockTimestamp: 1_800_000_000 })
  assert.ok(typeof claims === 'object')
  const same: unknown = createVerifier({ key: publicKeyPem, algorithms: ['RS256'], clockTimestamp: 1_800_000_000_000 })(
    token,
  )
  assert.deepEqual(same, claims)
  return claims
}

export const secure = /^[A-Za-z0-9_-]{43}$/
