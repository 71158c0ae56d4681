import type { CertificateName, CertificateNameType } from '../core/client-certificate.ts'
import type { JsonMembers } from '../core/read-json.ts'
import type { ClientDraft } from '../core/registration.ts'
import { InvalidClientMetadataError } from '../core/registration-errors.ts'
import { isEmpty } from './values.ts'

const types: readonly CertificateNameType[] = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email']

const memberOf = (type: CertificateNameType): string => `tls_client_auth_${type}`

/** The name in the certificate of a client; refuses more than one (RFC 8705 §2.1.2). */
export const readCertificateName = (json: JsonMembers): Pick<ClientDraft, 'certificateName'> => {
  const given = types.filter((type) => !isEmpty(json.get(memberOf(type))))
  const names = given.map((type): CertificateName => {
    const value = json.get(memberOf(type))
    if (typeof value === 'string' && value.length <= 1024 && !/\p{Cc}/u.test(value)) return { type, value }
    throw new InvalidClientMetadataError(undefined, { description: `${memberOf(type)} must be text.` })
  })
  if (names.length > 1)
    throw new InvalidClientMetadataError('client_metadata_inconsistent', {
      description: `Send one of ${given.map(memberOf).join(', ')}.`,
    })
  return names[0] === undefined ? {} : { certificateName: names[0] }
}

/** The same as it is sent to the client. */
export const writeCertificateName = ({ certificateName }: ClientDraft): Readonly<Record<string, unknown>> =>
  certificateName === undefined ? {} : { [memberOf(certificateName.type)]: certificateName.value }
