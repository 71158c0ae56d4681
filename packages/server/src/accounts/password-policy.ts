import { createHash } from 'node:crypto'
import { foldUsername } from './account-store.ts'

const fewest = 12
const most = 256
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
  const bare = folded.replace(/^\P{L}+|\P{L}+$/gu, '')
  return [folded, unitOf(folded), bare, unitOf(bare)]
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 8)

const isCommon = async (forms: readonly string[]): Promise<boolean> => {
  const { commonPasswords } = await import('./common-passwords.ts')
  const digests = new Set(commonPasswords.match(/\S{8}/g))
  return forms.some((form) => digests.has(digestOf(form)))
}

/** Why a new password is not taken, for people; undefined for one that is. Characters are counted as people see them. */
export const passwordProblem = async (password: string, username: string): Promise<string | undefined> => {
  const characters = [...segmenter.segment(password)].map(({ segment }) => segment)
  if (characters.length < fewest) return problems.short
  if (characters.length > most || password.length > most * 4) return problems.long
  if (/\p{Cc}/u.test(password)) return problems.control
  if (new Set(characters).size < fewestDifferent) return problems.plain
  const forms = formsOf(password)
  const names = formsOf(username)
  if (forms.some((form) => form !== '' && names.includes(form))) return problems.username
  return (await isCommon(forms)) ? problems.common : undefined
}
