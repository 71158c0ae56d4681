import type { Session } from '../accounts/account-tables.ts'
import type { Site } from './site.ts'

/** Seconds since the login after which one logs in again before another way in is made or taken away. */
const recentSeconds = 600

/** Whether who is at a browser logged in a moment ago: it may have been left alone. */
export const isRecent = ({ now }: Pick<Site, 'now'>, { authTime }: Pick<Session, 'authTime'>): boolean =>
  now() - authTime <= recentSeconds
