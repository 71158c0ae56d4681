import type { Site } from './site.ts'

/** Whether a user can give more than a password. */
export const hasSecondFactor = async ({ factors, passkeys }: Site, userId: string): Promise<boolean> =>
  (await factors.has(userId)) || passkeys.has(userId)
