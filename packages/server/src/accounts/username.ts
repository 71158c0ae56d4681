import { foldUsername } from './account-store.ts'

const longest = 256

/** Controls, blanks that are none, and what is invisible or turns text around: two names would look alike. */
const invisible = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}|\p{Default_Ignorable_Code_Point}/u

/** Scripts whose letters are taken for each other. */
const scripts = [/\p{Script=Latin}/u, /\p{Script=Greek}/u, /\p{Script=Cyrillic}/u]

/** Whether a name is the same however it is written: not with ß (SS in capitals), or a dotted or dotless i of Turkish. */
const isStable = (folded: string): boolean =>
  [folded, folded.toUpperCase()].every((text) => foldUsername(text) === folded) && !folded.includes('i\u0307')

/**
 * Why nobody can have a name: another one would be the same to people, or to another program that compares names. Undefined for one that can be
 * given.
 */
export const usernameProblem = (username: string): string | undefined => {
  const folded = foldUsername(username)
  if (username.trim() === '' || username.length > longest) return `must have 1 to ${longest} characters`
  if (folded !== folded.trim() || invisible.test(username))
    return 'must have no blanks around it, and nothing that cannot be seen'
  if (!isStable(folded)) return 'must have only letters that are the same in capitals: ss in place of ß'
  if (scripts.filter((script) => script.test(folded)).length > 1)
    return 'must be in one script: Latin, Greek and Cyrillic letters look alike'
  return undefined
}
