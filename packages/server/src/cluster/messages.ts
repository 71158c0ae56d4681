import type { RunningServer } from '../running-server.ts'

/** What a worker says of its server when it answers requests. */
export type ServerInfo = Omit<RunningServer, 'close'>

/** How a worker is, and what it has counted. */
export interface WorkerReport {
  readonly isReady: boolean
  readonly metrics: readonly object[]
}

/** From a worker to its primary. */
export type WorkerMessage =
  | { readonly grantry: 'started'; readonly info: ServerInfo }
  | { readonly grantry: 'report'; readonly report: WorkerReport }

/** From the primary to a worker. `stop`: the server ends. `retire`: another worker goes on in its place. `report`: it is to send one. */
export type PrimaryMessage = { readonly grantry: 'stop' | 'retire' | 'report' }

/** Whether something that came between processes is one of these: libraries send messages, too. */
export const isOurs = (message: unknown): message is { readonly grantry: string } =>
  typeof message === 'object' && message !== null && 'grantry' in message
