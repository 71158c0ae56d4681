/**
 * Writes the digests of the commonest passwords, which no new password may be. From the ranked list of `@zxcvbn-ts/language-common`: those that
 * are long enough to be chosen, and those of the first 5000 that longer ones are made of.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const source = createRequire(import.meta.url).resolve('@zxcvbn-ts/language-common/src/passwords.json')
const ranked = JSON.parse(readFileSync(source, 'utf8')) as readonly string[] // its format, exactly pinned
const chosen = ranked.filter((password, rank) => password.length >= (rank < 5000 ? 4 : 12))
const digests = chosen.map((each) => createHash('sha256').update(each.toLowerCase()).digest('base64url').slice(0, 8))
const lines =
  [...new Set(digests)]
    .sort()
    .join('')
    .match(/.{1,400}/g) ?? []
const text = `/** The commonest passwords, each as 48 bits of its SHA-256. Written by \`npm run common-passwords\`. */
export const commonPasswords = \`
${lines.join('\n')}
\`
`
writeFileSync(join(import.meta.dirname, '../packages/server/src/accounts/common-passwords.ts'), text)
