import { ConfigurationError } from '../core/errors.ts'
import { signatureAlgorithms } from '../core/signature-algorithms.ts'

/** The algorithms of an option. Throws `ConfigurationError` for none, and for one that is not asymmetric. */
export const requireAlgorithms = (option: string, algorithms: readonly string[]): readonly string[] => {
  const other = algorithms.find((algorithm) => !signatureAlgorithms.includes(algorithm))
  if (other === undefined && algorithms.length > 0) return algorithms
  throw new ConfigurationError(`${option} takes some of ${signatureAlgorithms.join(', ')}, got ${other ?? 'none'}.`)
}
