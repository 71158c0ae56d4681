import { InvalidRequestError, UnsupportedResponseTypeError } from './errors.ts'
import type { ResponseMode, ResponseType } from './response-type.ts'

/** The response type of this name. Throws an `UnsupportedResponseTypeError` where there is none. */
export const responseTypeOf = (name: string, responseTypes: ReadonlyMap<string, ResponseType>): ResponseType => {
  const type = responseTypes.get(name)
  if (type === undefined) throw new UnsupportedResponseTypeError('response_type_unsupported', { detail: name })
  return type
}

/** How the parameters travel: as asked, else by default. Parameters with tokens never go into a query (ASVS 10.4.12). */
export const chooseMode = (asked: string | undefined, type: ResponseType): ResponseMode => {
  if (asked === undefined || asked === type.defaultMode) return type.defaultMode
  if (asked === 'fragment' || asked === 'form_post') return asked
  throw new InvalidRequestError('response_mode_unsupported', {
    description: 'This response_mode is not offered for the response type.',
  })
}
