import { InvalidRequestError, UnsupportedResponseTypeError } from './errors.ts'
import type { PlainResponseMode, ResponseMode, ResponseType } from './response-type.ts'

/** The response type of this name. Throws an `UnsupportedResponseTypeError` where there is none. */
export const responseTypeOf = (name: string, responseTypes: ReadonlyMap<string, ResponseType>): ResponseType => {
  const type = responseTypes.get(name)
  if (type === undefined) throw new UnsupportedResponseTypeError('response_type_unsupported', { detail: name })
  return type
}

const plainMode = (asked: string, { defaultMode }: ResponseType): PlainResponseMode | undefined => {
  if (asked === defaultMode) return defaultMode
  return asked === 'fragment' || asked === 'form_post' ? asked : undefined
}

/**
 * How the parameters travel: as asked, else by default; undefined where that is not offered. Parameters with tokens never go into a query
 * (ASVS 10.4.12). `jwt` stands for the default, signed (JARM §2.3.4).
 */
export const modeOf = (
  asked: string | undefined,
  type: ResponseType,
  { hasSignedResponses }: { readonly hasSignedResponses: boolean },
): ResponseMode | undefined => {
  if (asked === undefined) return type.defaultMode
  const isSigned = asked === 'jwt' || asked.endsWith('.jwt')
  if (!isSigned) return plainMode(asked, type)
  const mode = asked === 'jwt' ? type.defaultMode : plainMode(asked.slice(0, -'.jwt'.length), type)
  return mode === undefined || !hasSignedResponses ? undefined : `${mode}.jwt`
}

/** The error for a response mode that is not offered. */
export const unsupportedMode = (): InvalidRequestError =>
  new InvalidRequestError('response_mode_unsupported', {
    description: 'This response_mode is not offered for the response type.',
  })
