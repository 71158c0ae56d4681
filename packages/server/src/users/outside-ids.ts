/** What ids of users from elsewhere begin with, so that none of them is that of a local user or a client. */
const prefix = 'users:'

/** What a user from elsewhere is called here, in tokens too. Throws for an id that cannot be in a token. */
export const userIdOf = (outsideId: string): string => {
  if (/^[\x21-\x7e]{1,200}$/.test(outsideId)) return prefix + outsideId
  throw new Error('The source of users gave an id that is not 1 to 200 printable characters of ASCII.')
}

/** The id that the source of users knows a user by; undefined for a local one. */
export const outsideIdOf = (userId: string): string | undefined =>
  userId.startsWith(prefix) ? userId.slice(prefix.length) : undefined
