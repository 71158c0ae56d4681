import type { ReplayValidator } from '../core/client-keys.ts'
import { ConfigurationError } from '../core/errors.ts'
import { pathOf } from '../core/http.ts'
import { requireMethods } from '../core/slices.ts'
import { readProofOptions, type DpopProofOptions } from './dpop-options.ts'
import { dpopRules, type DpopRulesOptions } from './dpop-rules.ts'
import type { DpopRules } from './token-binding.ts'

const issuerUrl = (issuer: string | undefined): DpopRulesOptions['requestUrl'] => {
  if (issuer === undefined || !URL.canParse(issuer))
    throw new ConfigurationError('dpop needs the option issuer or dpop.requestUrl: proofs name the URL of the request.')
  const { origin } = new URL(issuer)
  return ({ url }) => origin + pathOf(url)
}

/** How a server checks the proofs of its option `dpop`; undefined where it is off. Throws `ConfigurationError` for what cannot work. */
export const serverDpopRules = (
  dpop: DpopProofOptions | boolean | undefined,
  issuer: string | undefined,
  validator: object,
): DpopRules | undefined => {
  if (dpop === undefined || dpop === false) return undefined
  requireMethods(validator, ['replay'], 'dpop')
  const options = dpop === true ? {} : dpop
  const { requestUrl = issuerUrl(issuer) } = options
  const replay = validator as ReplayValidator // as requireMethods has checked
  return dpopRules({ ...readProofOptions(options, 'dpop'), requestUrl, replay })
}
