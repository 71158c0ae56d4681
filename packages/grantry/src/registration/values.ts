import { publicHalf } from '../core/jwk.ts'
import { redirectUriProblem } from '../core/redirect-uri.ts'
import { InvalidClientMetadataError, InvalidRedirectUriError } from '../core/registration-errors.ts'
import { signatureAlgorithms } from '../core/signature-algorithms.ts'
import type { Jwk, JwkSet } from '../core/signer.ts'

/** Reads the value of a member. Throws an `InvalidClientMetadataError` for one of another type or form. */
export type ReadValue<Value> = (value: unknown, name: string) => Value

/** An empty value says the same as none (RFC 7592 §2.2). */
export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

const longestText = 2048
const longestList = 50

const invalid = (name: string, problem: string): InvalidClientMetadataError =>
  new InvalidClientMetadataError('client_metadata_invalid', { description: `${name} ${problem}.` })

/** Controls, format characters that turn or hide text (bidi, zero width, tags), halves of characters, line separators . */
const unshowable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u

/** Text that can be shown to a person as it is. */
export const shownText: ReadValue<string> = (value, name) => {
  if (typeof value !== 'string' || value.length > 200) throw invalid(name, 'must be a string of at most 200 characters')
  if (unshowable.test(value)) throw invalid(name, 'has characters that cannot be shown')
  return value
}

/** A flag. */
export const flag: ReadValue<boolean> = (value, name) => {
  if (typeof value !== 'boolean') throw invalid(name, 'must be true or false')
  return value
}

/** Whole seconds from 0. */
export const seconds: ReadValue<number> = (value, name) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw invalid(name, 'must be whole seconds, 0 or more')
  return value
}

/** One of some words. */
export const oneOf =
  <Word extends string>(...words: readonly Word[]): ReadValue<Word> =>
  (value, name) => {
    const word = words.find((each) => each === value)
    if (word === undefined) throw invalid(name, `must be one of ${words.join(', ')}`)
    return word
  }

/** The `alg` of a signature by a private key. Never `none`, and nothing that needs a secret in the clear. */
export const algorithm: ReadValue<string> = oneOf(...signatureAlgorithms)

/** A list of at most 50, each read alike. Without repetitions. */
export const listOf =
  <Value>(read: ReadValue<Value>): ReadValue<readonly Value[]> =>
  (value, name) => {
    if (!Array.isArray(value) || value.length > longestList)
      throw invalid(name, `must be an array of at most ${longestList}`)
    return [...new Set(Array.from(value, (each) => read(each, name)))] // Array.from also sees the holes
  }

/** A word of a protocol: printable ASCII without spaces. */
export const word: ReadValue<string> = (value, name) => {
  if (typeof value !== 'string' || value.length > 200 || !/^[\x21-\x7e]+$/.test(value))
    throw invalid(name, 'must be words of printable ASCII')
  return value
}

const uriProblem = (value: string, schemes: readonly string[] = ['https:']): string | undefined => {
  if (!/^[\x21-\x7e]+$/.test(value) || value.includes('\\') || !URL.canParse(value)) return 'is not an absolute URL'
  const { protocol, username, password } = new URL(value)
  if (!schemes.includes(protocol)) return 'must be an https URL'
  return username === '' && password === '' && !/^[^/]*\/\/[^/?]*@/.test(value) ? undefined : 'has credentials in it'
}

/** An https URL: of a page to be linked to, or of something to be asked. A fragment is no harm to a page. */
export const httpsUrl: ReadValue<string> = (value, name) => {
  if (typeof value !== 'string' || value.length > longestText)
    throw invalid(name, `must be a URL of at most ${longestText} characters`)
  const problem = uriProblem(value)
  if (problem !== undefined) throw invalid(name, problem)
  return value
}

/** The same without a fragment, for what is asked by the server. */
export const askedUrl: ReadValue<string> = (value, name) => {
  if (typeof value === 'string' && value.includes('#')) throw invalid(name, 'has a fragment')
  return httpsUrl(value, name)
}

const fetchedUrlOf =
  (longest: number): ReadValue<string> =>
  (value, name) => {
    if (typeof value !== 'string' || value.length > longest)
      throw invalid(name, `must be a URL of at most ${longest} characters`)
    const problem = uriProblem(value, ['https:', 'http:'])
    if (problem !== undefined) throw invalid(name, problem)
    return value
  }

/** A URL that the server asks. Whether it may be http is for `requireFetchable` to say. */
export const fetchedUrl: ReadValue<string> = (value, name) => {
  if (typeof value === 'string' && value.includes('#')) throw invalid(name, 'has a fragment')
  return fetchedUrlOf(longestText)(value, name)
}

/** The same for a `request_uri`: a fragment tells versions apart, and 512 characters are the most (OpenID Connect Core §6.2). */
export const requestUri: ReadValue<string> = fetchedUrlOf(512)

/** A URI to which browsers may be sent. Wildcards would not be: URIs are compared as strings (RFC 9700 §2.1). */
export const redirectUri: ReadValue<string> = (value, name) => {
  if (typeof value !== 'string' || value.length > longestText)
    throw new InvalidRedirectUriError(undefined, { description: `${name} must be an array of URIs.` })
  const problem = value.includes('*') ? 'has a wildcard' : redirectUriProblem(value)
  if (problem === undefined) return value
  throw new InvalidRedirectUriError(undefined, { description: `One of ${name} ${problem}.`, detail: value })
}

/** The same for members whose errors are `invalid_client_metadata`. */
export const browserUri: ReadValue<string> = (value, name) => {
  try {
    return redirectUri(value, name)
  } catch (error) {
    if (!(error instanceof InvalidRedirectUriError)) throw error
    const { description, detail } = error
    throw new InvalidClientMetadataError('client_metadata_invalid', { description, detail, cause: error })
  }
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const labels = ['kid', 'use', 'alg'] as const

const publicKey: ReadValue<Jwk> = (value, name) => {
  if (!isObject(value)) throw invalid(name, 'must be a JWK Set')
  if (privateMembers.some((member) => Object.hasOwn(value, member)) || value['kty'] === 'oct')
    throw invalid(name, 'holds a private or secret key')
  const key = publicHalf(value)
  const given = labels.filter((label) => value[label] !== undefined)
  if (key === undefined || given.some((label) => typeof value[label] !== 'string'))
    throw invalid(name, 'holds a key that is not of RSA, EC or OKP, or is not whole')
  return { ...key, ...Object.fromEntries(given.map((label) => [label, value[label]])) }
}

/** A set of public keys, by the members that make them up and by `kid`, `use` and `alg`. */
export const publicKeys: ReadValue<JwkSet> = (value, name) => {
  if (!isObject(value) || !Array.isArray(value['keys']) || value['keys'].length === 0 || value['keys'].length > 20)
    throw invalid(name, 'must be a JWK Set of 1 to 20 keys')
  return { keys: Array.from(value['keys'] as unknown[], (key) => publicKey(key, name)) }
}
