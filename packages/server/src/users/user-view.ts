import { z } from 'zod'
import { flag, text } from '../config/setting.ts'

/** Claims that say who issued a token, to whom and how. A table says nothing of that. */
const ownClaims = new Set('iss sub aud exp iat nbf jti nonce auth_time acr amr azp sid'.split(' '))

const claims = z
  .record(z.string(), text, { error: 'must be columns by claims, such as name = "full_name"' })
  .superRefine((given, context) => {
    const own = Object.keys(given).find((name) => ownClaims.has(name))
    if (own !== undefined)
      context.addIssue({ code: 'custom', message: `must not have ${own}, which is set by the server itself` })
  })

const column = (about: string) => text.describe(about)

/** A table or view of users, and what its columns are. */
export const userViewSchema = z.strictObject(
  {
    table: text.describe('table or view, with a schema before a dot where it is not on the search path'),
    id: column('column that tells a user from all others, for ever'),
    username: column('column with what users log in with'),
    password: column('column with hashes of passwords'),
    active: column('column that is true for those who may log in').optional(),
    version: column('column that changes when sessions are to end; the hash by default').optional(),
    lowercase: flag.optional().describe('names are in lower case in the table, so what is typed is as well'),
    claims: claims.optional().describe('columns that clients may be told of, by the names of claims'),
  },
  { error: 'must name a table with the columns id, username and password' },
)

/** A table or view of users. */
export type UserView = z.infer<typeof userViewSchema>

/** What a file would say. */
export const exampleView = {
  table: 'app.login',
  id: 'id',
  username: 'email',
  password: 'password_hash',
  active: 'is_active',
  claims: { name: 'full_name', email: 'email' },
} satisfies UserView
