import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { InvalidClientError } from '../core/errors.ts'
import { decodeFormPart } from '../util/form.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

const decodeUtf8Base64 = (text: string): string | undefined => {
  try {
    const bytes = atob(text)
    const isAscii = /^[\x20-\x7e]*$/.test(bytes) // which is the same in UTF-8
    return isAscii ? bytes : utf8.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)))
  } catch {
    return undefined // neither base64 nor UTF-8: the caller refuses it
  }
}

const controls = /[\0-\x1f\x7f]/ // eslint-disable-line no-control-regex -- RFC 6749 appendix A leaves them out

const readHeader = (header: string): { readonly id: string; readonly secret: string } => {
  const pair = decodeUtf8Base64(/^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1] ?? '') ?? ''
  const [id, secret] = pair.split(/:(.*)/s, 2).map(decodeFormPart)
  if (id && secret !== undefined && !controls.test(id + secret)) return { id, secret }
  throw new InvalidClientError('client_credentials_malformed')
}

/** `client_secret_basic`: id and secret are form-encoded, joined by a colon, then base64 (RFC 6749 §2.3.1). */
export const clientSecretBasic: ClientAuthenticationMethod = {
  name: 'client_secret_basic',
  read(request) {
    const header = request.headers.get('authorization')
    if (!header || !/^basic(?: |$)/i.test(header)) return undefined
    const { id, secret } = readHeader(header)
    return { clientId: id, prove: (client, validator) => validator.authenticateClient(client, secret, request) }
  },
}
