import { createRequire } from 'node:module'
import type { TestClient } from '../target.ts'

/** The clients that every control registers. */
export const clients = {
  confidential: { id: 'confidential', secret: 'secret-of-the-confidential-client' },
  second: { id: 'second', secret: 'secret-of-the-second-client' },
  publicClient: { id: 'public' },
  punctuatedClient: { id: 'punctuated:client%41+x', secret: 'secret:with%41+punctuation' },
  nonAsciiClient: { id: 'clïent-ключ', secret: 'sëcret-ключ' },
  resourceServer: { id: 'resource-server', secret: 'secret-of-the-resource-server' },
  otherResourceServer: { id: 'other-resource-server', secret: 'secret-of-the-other-resource-server' },
} satisfies Readonly<Record<string, TestClient>>

/** Scopes of the controls. Clients may have the first two; a request for the third is narrowed where the peer can narrow. */
export const scopes = { required: 'read', other: 'write', narrowedAway: 'admin' } as const

/** Lifetime of access tokens in seconds. */
export const lifetime = 600

/** The user who logs in unless another one is named. */
export const userId = 'user-1'

/** The version in the installed `package.json` of a package. */
export const versionOf = (packageName: string): string => {
  const require = createRequire(import.meta.url)
  const paths = require.resolve.paths(packageName) ?? []
  for (const path of paths) {
    try {
      const manifest: unknown = require(`${path}/${packageName}/package.json`)
      if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version)
    } catch {
      continue // not installed at this level
    }
  }
  throw new Error(`${packageName} is not installed`)
}
