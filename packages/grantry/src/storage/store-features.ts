import type { StoreFeature } from './store.ts'

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
