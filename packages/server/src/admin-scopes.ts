/** What an access token for the admin API is for (RFC 8707): only there it is taken. */
export const adminResource = 'urn:grantry:admin'

/** The scopes of the admin API: to change everything, and to look at it. */
export const adminScopes = { write: 'grantry:admin', read: 'grantry:admin:read' } as const

/** What a client may do at the admin API. */
export type Administration = keyof typeof adminScopes

/** The scopes that come with it: whoever may change things may look at them. */
export const scopesOf = (administration: Administration | undefined): readonly string[] => {
  if (administration === undefined) return []
  return administration === 'write' ? [adminScopes.write, adminScopes.read] : [adminScopes.read]
}

/** Whether a scope is of the server itself, so that no client has it by asking or by a mistake in a list. */
export const isAdminScope = (scope: string): boolean => scope === 'grantry' || scope.startsWith('grantry:')
