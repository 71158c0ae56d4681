import { CompactEncrypt } from 'jose'
import type { Awaitable } from '../core/awaitable.ts'
import type { EncryptionKey } from './encryption-key.ts'

/** Encrypts a text and returns the token in compact form (RFC 7516 §7.1). */
export type TokenEncrypter = (content: string) => Promise<string>

const utf8 = new TextEncoder()

/** Encrypts with one key. `header` is added to `alg` and `enc`: `typ`, and `cty: JWT` when the content is itself a token (RFC 7519 §5.2). */
export const tokenEncrypter = (
  key: Awaitable<EncryptionKey>,
  header: { readonly typ: string; readonly cty?: 'JWT'; readonly kid?: string },
): TokenEncrypter => {
  return async (content) => {
    const { keyManagement: alg, contentEncryption: enc, encrypt } = await key
    return new CompactEncrypt(utf8.encode(content)).setProtectedHeader({ alg, enc, ...header }).encrypt(encrypt)
  }
}
