import { OAuthError, type OAuthErrorOptions } from './errors.ts'
import type { Reason } from './reasons.ts'

/** The codes by their reasons, with what is sent. */
const kinds = {
  backchannel_user_unknown: ['unknown_user_id', 'No user is known by this hint.'],
  backchannel_hint_expired: ['expired_login_hint_token', 'The login_hint_token has expired.'],
  backchannel_user_code_missing: ['missing_user_code', 'The code of the user is missing.'],
  backchannel_user_code_wrong: ['invalid_user_code', 'The code of the user is wrong.'],
  backchannel_message_unfit: ['invalid_binding_message', 'The binding_message is too long.'],
} as const satisfies Readonly<Partial<Record<Reason, readonly [code: string, description: string]>>>

/** A request for a user who is somewhere else that cannot reach one (OpenID Connect CIBA Core §13). The reason decides the code. */
export class BackchannelRequestError extends OAuthError {
  override readonly name = 'BackchannelRequestError'
  constructor(reason: keyof typeof kinds, options?: OAuthErrorOptions) {
    const [code, description] = kinds[reason]
    super({ code, status: 400, description }, reason, options)
  }
}
