import { createHash } from 'node:crypto'
import type { Session } from '../accounts/account-tables.ts'
import type { WaysIn } from '../accounts/ways-in.ts'
import type { AccountPage } from '../pages/account.ts'
import type { ShownLogins } from '../pages/upstreams.ts'
import type { Identity, IdentityKey } from '../upstreams/identity-store.ts'
import { upstreamPath } from '../upstreams/upstreams.ts'
import { outsideIdOf } from '../users/outside-ids.ts'
import { formToken } from './forgery.ts'
import type { Site } from './site.ts'

/** Names a login without saying whose it is there. */
export const handleOf = ({ issuer, subject }: IdentityKey): string =>
  createHash('sha256').update(`${issuer}\n${subject}`).digest('base64url')

/** Where the password of a user is changed; `none` where there is no such one. */
export const passwordAt = async (site: Site, userId: string): Promise<AccountPage['passwordAt']> => {
  const { passwordChangeUri: uri, localLogin, upstreams } = site
  if (!localLogin) return 'none'
  if (outsideIdOf(userId) !== undefined) return uri === undefined ? 'elsewhere' : { uri }
  return upstreams.all.length === 0 || (await upstreams.hasPassword(userId)) ? 'here' : 'none'
}

/** Whether a user can log in by a password. */
export const hasPassword = async (site: Site, userId: string): Promise<boolean> =>
  (await passwordAt(site, userId)) !== 'none'

/** What lets a user in, as this server is configured. */
export const waysInOf = async (site: Site, userId: string): Promise<WaysIn> => ({
  hasPassword: await hasPassword(site, userId),
  byPasskey: site.localLogin && site.passkeys.isOffered,
  issuers: site.upstreams.all.map(({ settings }) => settings.issuer),
})

/** The logins elsewhere of who looks at the page of the account; undefined where there are none to have. */
export const loginsOf = async (site: Site, session: Session): Promise<ShownLogins | undefined> => {
  const { all } = site.upstreams
  if (all.length === 0) return undefined
  const { userId } = session
  const identities = await site.upstreams.listOf(userId)
  const { hasPassword, byPasskey, issuers } = await waysInOf(site, userId)
  const hasOther = hasPassword || (byPasskey && (await site.passkeys.has(userId)))
  const isLast = (one: Identity): boolean =>
    !hasOther && !identities.some((other) => other !== one && issuers.includes(other.issuer))
  const labelOf = ({ issuer }: Identity): string =>
    all.find(({ settings }) => settings.issuer === issuer)?.settings.label ?? new URL(issuer).host
  return {
    connected: identities.map((each) => ({
      ...{ label: labelOf(each), name: each.shownName, linkedAt: each.linkedAt, handle: handleOf(each) },
      csrf: formToken(session, { form: 'account_unlink', shown: handleOf(each) }),
      isLastOne: isLast(each),
    })),
    offered: all.map(({ settings: { id, label } }) => {
      const { path } = site.issuer
      const link = formToken(session, { form: 'account_link', shown: id })
      const query = new URLSearchParams({ to: `${path}/account`, link })
      return { id, label, href: `${upstreamPath(path, id)}?${query.toString()}` }
    }),
  }
}
