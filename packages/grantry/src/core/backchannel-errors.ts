import { OAuthError, type OAuthErrorOptions } from './errors.ts'
import type { Reason } from './reasons.ts'

const kinds = {
  unknown_user_id: ['No user is known by this hint.', 'backchannel_user_unknown'],
  expired_login_hint_token: ['The login_hint_token has expired.', 'backchannel_hint_expired'],
  missing_user_code: ['The code of the user is missing.', 'backchannel_user_code_missing'],
  invalid_user_code: ['The code of the user is wrong.', 'backchannel_user_code_wrong'],
  invalid_binding_message: ['The binding_message is too long.', 'backchannel_message_unfit'],
} as const satisfies Readonly<Record<string, readonly [description: string, reason: Reason]>>

/** A request for a user who is somewhere else that cannot reach one (OpenID Connect CIBA Core §13). */
export class BackchannelRequestError extends OAuthError {
  override readonly name = 'BackchannelRequestError'
  constructor(code: keyof typeof kinds, options?: OAuthErrorOptions) {
    const [description, reason] = kinds[code]
    super({ code, status: 400, description }, reason, options)
  }
}
