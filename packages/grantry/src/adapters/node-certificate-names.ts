import { X509Certificate } from 'node:crypto'
import type { CertificateName, CertificateNameType } from '../core/client-certificate.ts'

const types: Readonly<Record<string, CertificateNameType>> = {
  DNS: 'san_dns',
  URI: 'san_uri',
  'IP Address': 'san_ip',
  email: 'san_email',
}

/** Node quotes, as JSON, values with characters that could pose as another name. */
const alternativeName = /(?:^|, )(DNS|URI|IP Address|email):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/g

/** A certificate of the organization `a+CN=b`, the common name `c, OU=d` and the DNS name `a, DNS:b`. */
const awkward =
  '-----BEGIN CERTIFICATE-----\n' +
  'MIIBPTCB8KADAgECAhRWN94KO4ykmlNNdioZLrNsTOOZtjAFBgMrZXAwIzEPMA0G\n' +
  'A1UECgwGYStDTj1iMRAwDgYDVQQDDAdjLCBPVT1kMB4XDTI2MTEyNDAzNDk1NVoX\n' +
  'DTI2MTEyNTAzNDk1NVowIzEPMA0GA1UECgwGYStDTj1iMRAwDgYDVQQDDAdjLCBP\n' +
  'VT1kMCowBQYDK2VwAyEAYDpXnHPNE4i5G71LDD2uq+ryiZGHtWQXfOe/oKT8KGqj\n' +
  'NjA0MBMGA1UdEQQMMAqCCGEsIEROUzpiMB0GA1UdDgQWBBTE5VO7ReE5v9xVoOpp\n' +
  'ACId39ct+zAFBgMrZXADQQDOWgIfgiEri7IQPzp4MK4NmjiaGLyebP/v3llGvNRm\n' +
  'tseBLpjMPpSboj/GlxMizRFS5PQofuO4SJLXejV7T5kK\n' +
  '-----END CERTIFICATE-----\n'

let marksEnds: boolean | undefined

/** Whether the runtime marks where a name ends, as Node does. Deno 2.9 does not: there one name can pass for another. */
const isUnambiguous = (): boolean => {
  if (marksEnds !== undefined) return marksEnds
  const { subject, subjectAltName } = new X509Certificate(awkward)
  marksEnds = subject === 'O=a\\+CN=b\nCN=c\\, OU=d' && subjectAltName === 'DNS:"a\\u002c DNS:b"'
  return marksEnds
}

/** The names in a certificate, as its issuer vouches for them; none where the runtime does not say where each ends. */
export const namesOf = ({ subject, subjectAltName = '' }: X509Certificate): readonly CertificateName[] => {
  if (!isUnambiguous()) return []
  const lines = (subject as string | undefined)?.split('\n') ?? [] // it is undefined where there is none
  const others = [...subjectAltName.matchAll(alternativeName)].flatMap(([, kind = '', value = '']) => {
    const type = types[kind]
    return type === undefined ? [] : [{ type, value: value.startsWith('"') ? String(JSON.parse(value)) : value }]
  })
  return lines.length === 0 ? others : [{ type: 'subject_dn', value: lines.reverse().join(',') }, ...others]
}
