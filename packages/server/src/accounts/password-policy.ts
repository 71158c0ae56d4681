import { createHash } from 'node:crypto'
import { foldUsername } from './account-store.ts'

/** Lengths of passwords, in characters as people see them. */
export const passwordLengths = { least: 12, most: 256 } as const
const { least: fewest, most } = passwordLengths
const fewestDifferent = 5

/** What is said of a new password that is not taken. */
const problems = {
  short: `A password has at least ${fewest} characters.`,
  long: `A password has at most ${most} characters.`,
  control: 'A password has no line breaks or other control characters in it.',
  plain: `A password has at least ${fewestDifferent} different characters.`,
  username: 'The password is the user name. Choose another one.',
  common:
    'This password, or what it is made of, is one of the commonest. Choose another one: several words that do not belong together are good.',
} as const

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The smallest text that repeated is the whole. */
const unitOf = (text: string): string => text.slice(0, (text + text).indexOf(text, 1))

/** What a password is without what is often put around it, and without being repeated. */
const formsOf = (password: string): readonly string[] => {
  const folded = foldUsername(password)
  const bare = /\p{L}(?:.*\p{L})?/su.exec(folded)?.[0] ?? ''
  return [folded, unitOf(folded), bare, unitOf(bare)]
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 8)

const isCommon = async (forms: readonly string[]): Promise<boolean> => {
  const { commonPasswords } = await import('./common-passwords.ts')
  const digests = new Set(commonPasswords.match(/\S{8}/g))
  return forms.some((form) => digests.has(digestOf(form)))
}

/** What can be wrong with a new password. */
export type PasswordFault = keyof typeof problems

/** Why a new password is not taken; undefined for one that is. Characters are counted as people see them. */
export const passwordFault = async (password: string, username: string): Promise<PasswordFault | undefined> => {
  const characters = [...segmenter.segment(password)].map(({ segment }) => segment)
  if (characters.length < fewest) return 'short'
  if (characters.length > most || password.length > most * 4) return 'long'
  if (/\p{Cc}/u.test(password)) return 'control'
  if (new Set(characters).size < fewestDifferent) return 'plain'
  const forms = formsOf(password)
  const names = formsOf(username)
  if (forms.some((form) => form !== '' && names.includes(form))) return 'username'
  return (await isCommon(forms)) ? 'common' : undefined
}

/** The same in words, for commands. */
export const passwordProblem = async (password: string, username: string): Promise<string | undefined> => {
  const fault = await passwordFault(password, username)
  return fault && problems[fault]
}
