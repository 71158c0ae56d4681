import { systemClock } from '../util/clock.ts'
import { ModelCaller } from './call-model.ts'
import type { OAuth2ServerModel } from './model.ts'
import { requireArguments, type OAuth2ServerModelOptions } from './model-options.ts'
import { OAuth2ModelServer } from './model-server.ts'
import { ModelValidator } from './model-validator.ts'
import { printWarning, warningsOf } from './warnings.ts'

/** A server over a model, with the validator between them. */
export const assemble = (
  model: OAuth2ServerModel,
  options: OAuth2ServerModelOptions,
): { readonly server: OAuth2ModelServer; readonly validator: ModelValidator } => {
  const caller = new ModelCaller(model, options.modelVersion ?? 5)
  requireArguments(caller, options)
  const validator = new ModelValidator(caller, options)
  const server = new OAuth2ModelServer(validator, options)
  const { events = printWarning, now = systemClock } = options
  for (const warning of warningsOf(caller, options, now())) events(warning)
  return { server, validator }
}

/**
 * A Grantry server over a model that was written for `oauth2-server`. It offers the grants for which the model has methods, and tells
 * what the model leaves unsafe: by `model.warning` events, or on the console where nobody listens. Throws a `ConfigurationError` for
 * what it cannot follow.
 */
export const fromOAuth2ServerModel = (
  model: OAuth2ServerModel,
  options: OAuth2ServerModelOptions = {},
): OAuth2ModelServer => assemble(model, options).server
