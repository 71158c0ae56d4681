import { exportPKCS8, generateKeyPair } from 'jose'
import { ConfigurationError } from '../core/errors.ts'
import { signatureAlgorithms } from '../core/signature-algorithms.ts'

/**
 * A new private key for a signature algorithm, as PKCS#8 PEM; of RSA with 2048 bits. Throws `ConfigurationError` for an algorithm that is
 * not on offer.
 */
export const generatePrivateKey = async (algorithm: string): Promise<string> => {
  if (!signatureAlgorithms.includes(algorithm))
    throw new ConfigurationError(`generatePrivateKey takes one of ${signatureAlgorithms.join(', ')}, not ${algorithm}.`)
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  return exportPKCS8(privateKey)
}
