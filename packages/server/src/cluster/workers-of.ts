import { availableParallelism } from 'node:os'
import type { Settings } from '../settings.ts'

/** How many processes answer requests. */
export const workersOf = ({ workers }: Pick<Settings, 'workers'>): number =>
  workers === 'auto' ? availableParallelism() : workers
