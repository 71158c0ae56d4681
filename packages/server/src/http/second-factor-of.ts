import { needsMore } from './authentication-classes.ts'
import { purposeOf } from './login-target.ts'
import type { PageRequest } from './page-response.ts'
import type { Site } from './site.ts'

/** Whether a user can give more than a password. */
export const hasSecondFactor = async ({ factors, passkeys }: Site, userId: string): Promise<boolean> =>
  (await factors.has(userId)) || passkeys.has(userId)

/** Whether a second factor comes after the first one: always where the user has an app for it, and with passkeys where the client insists. */
export const asksForMore = async (site: Site, http: PageRequest, userId: string, to: string): Promise<boolean> => {
  if (await site.factors.has(userId)) return true
  if (!(await site.passkeys.has(userId))) return false
  const purpose = await purposeOf(site, http, to)
  return purpose !== undefined && needsMore(purpose.asked)
}
