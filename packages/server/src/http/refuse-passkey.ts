import type { PasskeyRefusal } from '../accounts/passkeys.ts'
import type { PageRequest } from './page-response.ts'
import type { Site } from './site.ts'

/** Notes why the answer of a passkey does not count, and says it in words. */
export const refusePasskey = (
  site: Pick<Site, 'log'>,
  { messages }: Pick<PageRequest, 'messages'>,
  type: 'login.refused' | 'passkey.refused',
  { refused: reason, detail, userId }: PasskeyRefusal,
): string => {
  site.log({ type, userId, factor: 'passkey', reason, detail })
  if (reason === 'copied') site.log({ type: 'passkey.copied', userId })
  return messages.passkeys.refused[reason]
}
