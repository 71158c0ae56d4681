import { compactVerify } from 'jose'
import { isBadToken } from './jwt-checks.ts'
import type { VerificationKey } from './key-set.ts'

const isSignedWith = async (token: string, { key, algorithms }: VerificationKey): Promise<boolean> => {
  try {
    await compactVerify(token, key, { algorithms: [...algorithms] })
    return true
  } catch (error) {
    if (isBadToken(error)) return false
    throw error
  }
}

/** Whether one of the keys made the signature of a token in compact form; its claims are not looked at. Throws for a key that is broken. */
export const isSignedByOneOf = async (token: string, keys: readonly VerificationKey[]): Promise<boolean> => {
  for (const key of keys) if (await isSignedWith(token, key)) return true
  return false
}

/** The same for keys of somebody else: one that is broken, for example off its curve, made no signature. */
export const isSignedByAnyOf = async (token: string, keys: readonly VerificationKey[]): Promise<boolean> => {
  for (const key of keys) if (await isSignedWith(token, key).catch(() => false)) return true
  return false
}
