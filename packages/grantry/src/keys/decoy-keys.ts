import type { JWK } from 'jose'
import { algorithmsFor, hmacAlgorithms, kindOfJwk } from '../core/signature-algorithms.ts'
import type { VerificationKey } from './key-set.ts'

/** Public keys whose private halves were thrown away, one of each kind. */
const publicKeys: readonly JWK[] = [
  {
    kty: 'RSA',
    n: 'kgUqsA6Uy5DjOJrw1o_LTostazLEUSbrP-5SkDV-OWo8S7jUUEscEB_OBnpctZHSQAm5nSoiYpejDpbTBR6kG-Hph0NIedSfwNSk9wlZAmbyJo5-gpGSAFJOwhoLJ7Buk4UYaexeyOgPeXut_X_ymODX87Nn-2HYS2yjOcoQcFpR9gIXm1gFirS_0fuYqeYs5b-EdPJ2Yt81o-KXzEinhHCvdsKErQWT-kWZ3k8KhS3IXKkgH99JRTH7qIqmpdBvdJkAxhzj2M_CH9cZ21SSClcaYiCeYTPzzLciQvlX7nLK_0BW63uHJq0KAfPmaFD83oMDsmB8mQYwH1MgtG-jAQ',
    e: 'AQAB',
  },
  {
    kty: 'EC',
    crv: 'P-256',
    x: 'PcljeBelw7cadpJXW6fSsdEOz8uvPSTVRTQeUjKD8NU',
    y: 'QoNFgGZPnYFtunBLZXmcNeclCG-asXE8b1rVJe3a5Vo',
  },
  {
    kty: 'EC',
    crv: 'P-384',
    x: 'RWQ7KG7TYBiFvv7vB6rgkFnuAhIrQ-7fHaLGssC0xlzcmjpCgxTwjqS2vCDH6tCl',
    y: 'V3Wdt087KnWdT4b8NjDxCXZtUNkvxGY01OvmGMtD7kVqDxlzF6--C4rbCd8wbn73',
  },
  {
    kty: 'EC',
    crv: 'P-521',
    x: 'AVKshxrKCVizGrQHRpXh0UOAnIiVqQFzI8YAnuqV-gU5ijQtHClSLhVj7XFmDWTEPrPqI0JfOJMAEQXD8YON9u0J',
    y: 'AQNyKgAM5NmeylsZW5mJ0Q5a_JAiHRlP5UIqn5inHiDYFtIcBJIIJVtm6ErRqskFE0dkerQ3yVxWGTU17uHGKrMS',
  },
  { kty: 'OKP', crv: 'Ed25519', x: 'oEN5JvzewGXdFfEy3AdmZ5Tsz00LE-U6tN1GlD9JuO4' },
]

const secret = new Uint8Array(64)

/**
 * Keys to verify with where there is none, so that the time taken does not tell an unknown client from one with keys. Whatever they say, the
 * signature is wrong. None for an `alg` that is not on offer. They are read anew, as those of clients are.
 */
export const decoyKeys = (algorithm: string): readonly VerificationKey[] => {
  const fitting = publicKeys.filter((jwk) => algorithmsFor(kindOfJwk(jwk)).includes(algorithm))
  const keys = hmacAlgorithms.includes(algorithm) ? [secret] : fitting.map((jwk) => ({ ...jwk }))
  return keys.map((key) => ({ keyId: undefined, algorithms: [algorithm], key }))
}
