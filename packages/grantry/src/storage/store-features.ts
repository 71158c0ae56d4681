import type { StoreCapabilities, StoreFeature } from './store.ts'

/** Every feature, for stores that have them all. */
export const allStoreFeatures: readonly StoreFeature[] = [
  'clients',
  'grants',
  'refresh_tokens',
  'tickets',
  'seen',
  'attempts',
  'leases',
  'signing_keys',
]

/** What a store must offer for a part of the validator contract. */
const neededFeatures: Readonly<Record<string, readonly StoreFeature[]>> = {
  client: ['clients'],
  code: ['grants'],
  token: ['grants'],
  introspection: ['grants'],
  revocation: ['grants'],
  refreshToken: ['refresh_tokens'],
  device: ['tickets'],
  backchannel: ['tickets', 'attempts', 'seen'],
  pushedRequest: ['tickets'],
  replay: ['seen'],
  registration: ['tickets', 'attempts'],
}

/** What a store lacks of what these slices need: a line for each feature, with the mend. */
export const missingFeatures = (
  { name, features, reasons = {} }: StoreCapabilities,
  slices: readonly string[],
): readonly string[] => {
  const needed = new Set(slices.flatMap((slice) => neededFeatures[slice] ?? []))
  return [...needed]
    .filter((feature) => !features.includes(feature))
    .map((feature) => `${name} cannot keep ${feature}. ${reasons[feature] ?? 'Use another store.'}`)
}
